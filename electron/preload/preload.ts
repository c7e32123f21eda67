import { contextBridge, ipcRenderer } from 'electron/renderer';
import { BRIDGE, type Bridge, bridgeMessages } from '../../shared/contract/bridge.ts';

/**
 * All that the window gets of the desktop, and nothing more: four functions. Electron's own objects stay
 * here; whoever could reach them could send any message. Nothing is checked here: main does that, because
 * a page that was taken over would simply go around this file.
 */
const bridge: Bridge = {
  call: (channel, args) => ipcRenderer.invoke(bridgeMessages.call, { channel, args }),
  pickFolder: (startAt) => ipcRenderer.invoke(bridgeMessages.pickFolder, startAt),
  onEvent: (listener) => {
    const stop = hear(bridgeMessages.event, listener);
    ipcRenderer.send(bridgeMessages.listen);
    return stop;
  },
  onPage: (listener) => hear(bridgeMessages.page, listener),
};

function hear<T>(message: string, listener: (value: T) => void): () => void {
  const heard = (_event: unknown, value: T) => listener(value);
  ipcRenderer.on(message, heard);
  return () => void ipcRenderer.off(message, heard);
}

contextBridge.exposeInMainWorld(BRIDGE, bridge);
