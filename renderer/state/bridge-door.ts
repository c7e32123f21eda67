import { BRIDGE, type Bridge } from '../../shared/contract/bridge.ts';
import type { Door } from './door.ts';
import { goTo } from './router.ts';

/** The preload's bridge, where the window runs under Electron. */
export function openBridgeDoor(): Door | undefined {
  const bridge = (window as unknown as Readonly<Record<string, unknown>>)[BRIDGE] as
    | Bridge
    | undefined;
  if (bridge === undefined) return undefined;
  // A click on a notice or in the tray.
  bridge.onPage(goTo);
  return {
    call: async (channel, args) => (await bridge.call(channel, args)) as never,
    events: (listener, signal) =>
      new Promise<undefined>((_resolve, reject) => {
        const stop = bridge.onEvent((event) => {
          if (event !== null) return listener(event);
          stop();
          reject(new Error('the core is gone'));
        });
        signal.addEventListener('abort', () => {
          stop();
          reject(new Error('nobody listens any more'));
        });
      }),
    pickFolder: bridge.pickFolder,
    keep: localStorage,
  };
}
