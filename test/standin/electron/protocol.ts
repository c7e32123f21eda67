import type * as Electron from 'electron';
import { isReady } from './readiness.ts';

/**
 * Custom schemes. Chromium refuses an address like `app://host/…` before anybody can answer it, so it is
 * `https://host.app.invalid/…` there and is mapped back for main: handlers, senders and listeners see
 * the address they know. The content security policy and the secure context hold either way.
 */
type Handler = (request: Request) => Response | Promise<Response>;

const handlers = new Map<string, Handler>();
const privileged = new Map<string, Electron.CustomScheme>();

export function toBrowserAddress(url: string): string {
  return url.replace(/^([a-z][a-z0-9-]*):\/\/([^/?#]+)/, (all, scheme: string, host: string) =>
    handlers.has(scheme) ? `https://${host}.${scheme}.invalid` : all,
  );
}

export function toAppAddress(url: string): string {
  return url.replace(/^https:\/\/([^/?#]+)\.([a-z][a-z0-9-]*)\.invalid/, '$2://$1');
}

export function handlerFor(url: string): Handler | undefined {
  return handlers.get(new URL(url).protocol.slice(0, -1));
}

export const protocol = {
  registerSchemesAsPrivileged: (schemes: readonly Electron.CustomScheme[]) => {
    if (isReady())
      throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    for (const each of schemes) privileged.set(each.scheme, each);
  },
  handle: (scheme: string, handler: Handler) => {
    if (handlers.has(scheme)) throw new Error('The scheme has been registered');
    const { standard = false, secure = false } = privileged.get(scheme)?.privileges ?? {};
    // Here it would work all the same, in Electron relative addresses and secure contexts would not.
    if (!standard || !secure)
      throw new Error(`${scheme}: was not registered as a standard and secure scheme`);
    handlers.set(scheme, handler);
  },
  unhandle: (scheme: string) => {
    handlers.delete(scheme);
  },
  isProtocolHandled: (scheme: string) => handlers.has(scheme),
};
