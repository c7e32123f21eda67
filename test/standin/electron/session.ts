import { EventEmitter } from 'node:events';
import { protocol } from './protocol.ts';
import { createWebRequest } from './web-request.ts';

/**
 * Sessions. What may be granted is asked of main's handlers as Electron asks; with no handler Electron
 * grants everything, and so does the stand-in, so that a forgotten handler is seen.
 */
type PermissionHandlers = {
  request:
    | ((
        contents: unknown,
        permission: string,
        answer: (granted: boolean) => void,
        details: object,
      ) => void)
    | null;
  check:
    | ((contents: unknown, permission: string, origin: string, details: object) => boolean)
    | null;
  device: ((details: object) => boolean) | null;
};

const handlersOf = new WeakMap<Session, PermissionHandlers>();
const partitions = new Map<string, Session>();

function handlers(session: Session): PermissionHandlers {
  const found = handlersOf.get(session) ?? { request: null, check: null, device: null };
  handlersOf.set(session, found);
  return found;
}

/** A handler that never answers refuses. */
const PATIENCE_MS = 2_000;

export class Session extends EventEmitter {
  static get defaultSession(): Session {
    return sessionOf('');
  }
  static fromPartition(partition: string): Session {
    return sessionOf(partition);
  }

  readonly protocol = protocol;
  readonly webRequest = createWebRequest();
  #userAgent = 'standin';

  setPermissionRequestHandler(handler: PermissionHandlers['request']): void {
    handlers(this).request = handler;
  }
  setPermissionCheckHandler(handler: PermissionHandlers['check']): void {
    handlers(this).check = handler;
  }
  setDevicePermissionHandler(handler: PermissionHandlers['device']): void {
    handlers(this).device = handler;
  }
  setUSBProtectedClassesHandler(): void {}
  setBluetoothPairingHandler(): void {}
  setDisplayMediaRequestHandler(): void {}
  setCertificateVerifyProc(): void {}
  setSpellCheckerEnabled(): void {}
  setSpellCheckerLanguages(): void {}
  setUserAgent(userAgent: string): void {
    this.#userAgent = userAgent;
  }
  getUserAgent(): string {
    return this.#userAgent;
  }
  isPersistent(): boolean {
    return true;
  }
  flushStorageData(): void {}
  async setProxy(): Promise<void> {}
  async clearCache(): Promise<void> {}
  async clearStorageData(): Promise<void> {}
  async clearData(): Promise<void> {}
  async closeAllConnections(): Promise<void> {}
}

function sessionOf(partition: string): Session {
  const found = partitions.get(partition) ?? new Session();
  partitions.set(partition, found);
  return found;
}

export async function mayHave(
  session: Session,
  contents: unknown,
  permission: string,
  url: string,
): Promise<boolean> {
  const { request, check } = handlers(session);
  const details = { requestingUrl: url, isMainFrame: true };
  const checked = check?.(contents, permission, new URL(url).origin, details) ?? true;
  if (!checked || request === null) return checked;
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), PATIENCE_MS).unref();
    request(contents, permission, resolve, details);
  });
}
