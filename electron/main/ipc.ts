import type { IpcMain, WebContents } from 'electron';
import type { Api } from '../../shared/contract/api.ts';
import { bridgeMessages } from '../../shared/contract/bridge.ts';
import { callThroughDoor } from '../../shared/contract/door.ts';
import type { AppEvent } from '../../shared/contract/views.ts';
import type { Logger } from '../core/ports.ts';
import { isOwnSender, type Sent } from './security.ts';

/**
 * The window's door to the core: the same calls and events as every other door's. What comes in is
 * checked twice, who sent it (`security.ts`) and what it says (the contract's schemas).
 */
type Events = {
  readonly subscribe: (listener: (event: AppEvent) => void, onLost: () => void) => () => void;
};

const PATH_MAX = 4096;
const CHANNEL_MAX = 60;

export function openIpc({
  ipcMain,
  api,
  events,
  isOurWindow,
  pickFolder,
  log,
}: {
  readonly ipcMain: IpcMain;
  readonly api: Api;
  readonly events: Events;
  readonly isOurWindow: (contents: WebContents) => boolean;
  readonly pickFolder: (startAt: string) => Promise<string | null>;
  readonly log: Logger;
}): { readonly close: () => void } {
  const listening = new Map<WebContents, () => void>();

  function refuse(what: string): never {
    log.warn('a message to the core was refused', { what });
    throw new Error('refused');
  }

  function check(event: Sent): void {
    if (!isOwnSender(event, isOurWindow)) refuse('foreign sender');
  }

  ipcMain.handle(bridgeMessages.call, async (event, call: unknown) => {
    check(event);
    const { channel, args } = asRecord(call);
    if (typeof channel !== 'string') return refuse('no channel');
    const result = await callThroughDoor(api, { channel, args });
    if (!result.ok && result.fault.code === 'bad-arguments')
      log.warn('a call was refused', { channel: channel.slice(0, CHANNEL_MAX) });
    return result;
  });

  ipcMain.handle(bridgeMessages.pickFolder, async (event, startAt: unknown) => {
    check(event);
    if (typeof startAt !== 'string' || startAt.length > PATH_MAX) return refuse('no folder');
    return pickFolder(startAt);
  });

  function listen(contents: WebContents): void {
    if (listening.has(contents)) return;
    const tell = (event: AppEvent | null) => {
      if (!contents.isDestroyed()) contents.send(bridgeMessages.event, event);
    };
    listening.set(
      contents,
      events.subscribe(tell, () => tell(null)),
    );
    contents.once('destroyed', () => {
      listening.get(contents)?.();
      listening.delete(contents);
    });
  }

  ipcMain.on(bridgeMessages.listen, (event) => {
    if (isOwnSender(event, isOurWindow)) listen(event.sender);
    else log.warn('a message to the core was refused', { what: 'foreign listener' });
  });

  return {
    close: () => {
      ipcMain.removeHandler(bridgeMessages.call);
      ipcMain.removeHandler(bridgeMessages.pickFolder);
      ipcMain.removeAllListeners(bridgeMessages.listen);
      for (const stop of listening.values()) stop();
      listening.clear();
    },
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
