import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request as requestPlain, type RequestOptions } from 'node:http';
import { request as requestSecure } from 'node:https';
import { fileURLToPath } from 'node:url';
import type * as Electron from 'electron';

/** The rest of the system: other programs, screens, the clipboard, the net. */
export const shell = {
  openExternal: async (_url: string) => undefined,
  openPath: async (_path: string) => '',
  showItemInFolder: (_path: string) => undefined,
  trashItem: async (_path: string) => undefined,
  beep: () => undefined,
} satisfies Partial<Electron.Shell>;

const bounds = { x: 0, y: 0, width: 1920, height: 1080 };
const display: Electron.Display = {
  accelerometerSupport: 'unavailable',
  bounds,
  colorDepth: 24,
  colorSpace: 'srgb',
  depthPerComponent: 8,
  detected: true,
  displayFrequency: 60,
  id: 1,
  internal: false,
  label: 'stand-in',
  maximumCursorSize: { width: 64, height: 64 },
  monochrome: false,
  nativeOrigin: { x: 0, y: 0 },
  rotation: 0,
  scaleFactor: 1,
  size: { width: bounds.width, height: bounds.height },
  touchSupport: 'unavailable',
  workArea: { x: 0, y: 0, width: 1920, height: 1040 },
  workAreaSize: { width: 1920, height: 1040 },
};

class Screen extends EventEmitter {
  getAllDisplays(): Electron.Display[] {
    return [display];
  }
  getPrimaryDisplay(): Electron.Display {
    return display;
  }
  getDisplayMatching(): Electron.Display {
    return display;
  }
  getDisplayNearestPoint(): Electron.Display {
    return display;
  }
  getCursorScreenPoint(): Electron.Point {
    return { x: 0, y: 0 };
  }
}

export const screen = new Screen();

let clip = '';
export const clipboard = {
  readText: async () => clip,
  writeText: async (text: string) => {
    clip = text;
  },
  clear: () => {
    clip = '';
  },
} satisfies Partial<Electron.Clipboard>;

export const net = {
  /** Electron's fetch reads files too, which Node's does not. */
  fetch: async (input: string | Request, init?: RequestInit) => {
    const url = typeof input === 'string' ? input : input.url;
    if (!url.startsWith('file:')) return fetch(input, init);
    return new Response(await readFile(fileURLToPath(url)));
  },
  /** As far as electron-updater asks: Node's own requests are alike enough. */
  request: (options: RequestOptions) => {
    // To Electron a session is whose cookies; to Node it is one of TLS.
    const own = { ...options, session: undefined };
    return options.protocol === 'http:' ? requestPlain(own) : requestSecure(own);
  },
  isOnline: () => true,
};
