import type * as Electron from 'electron';
import { type App, app } from './app.ts';
import { BrowserWindow } from './browser-window.ts';
import { dialog } from './dialog.ts';
import { ipcMain } from './ipc-main.ts';
import { Menu, MenuItem } from './menu.ts';
import { NativeImage } from './native-image.ts';
import { nativeTheme } from './native-theme.ts';
import { Notification } from './notification.ts';
import { powerMonitor, powerSaveBlocker } from './power.ts';
import { protocol } from './protocol.ts';
import { safeStorage } from './safe-storage.ts';
import { Session } from './session.ts';
import { clipboard, net, screen, shell } from './system.ts';
import { Tray } from './tray.ts';
import { WebContents } from './web-contents.ts';

/**
 * The module `electron` as the main process finds it: what a careful main of this app may use, and
 * nothing more. What is missing is missing loudly: an import of it fails before main begins.
 */
const nativeImage = NativeImage;
const session = Session;
const webContents = WebContents;

export {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  MenuItem,
  nativeImage,
  nativeTheme,
  net,
  Notification,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
  webContents,
};

/** Electron can be imported as a whole too; that whole is what tests are handed. */
const electron = {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  MenuItem,
  nativeImage,
  nativeTheme,
  net,
  Notification,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
  webContents,
};
// oxlint-disable-next-line import/no-default-export
export default electron;

/**
 * A member here that Electron has not, a misspelt one say, would let main's tests pass for nothing: it
 * is a type error. (Main itself is checked against Electron's own types.)
 */
type Pairs = {
  readonly app: [App, Electron.App];
  readonly clipboard: [typeof clipboard, Electron.Clipboard];
  readonly dialog: [typeof dialog, Electron.Dialog];
  readonly image: [NativeImage, Electron.NativeImage];
  readonly images: [typeof NativeImage, typeof Electron.nativeImage];
  readonly ipcMain: [typeof ipcMain, Electron.IpcMain];
  readonly menu: [Menu, Electron.Menu];
  readonly menuItem: [MenuItem, Electron.MenuItem];
  readonly menus: [typeof Menu, typeof Electron.Menu];
  readonly module: [typeof electron, typeof Electron];
  readonly nativeTheme: [typeof nativeTheme, Electron.NativeTheme];
  readonly net: [typeof net, Electron.Net];
  readonly notification: [Notification, Electron.Notification];
  readonly notifications: [typeof Notification, typeof Electron.Notification];
  readonly powerMonitor: [typeof powerMonitor, Electron.PowerMonitor];
  readonly powerSaveBlocker: [typeof powerSaveBlocker, Electron.PowerSaveBlocker];
  readonly protocol: [typeof protocol, Electron.Protocol];
  readonly safeStorage: [typeof safeStorage, Electron.SafeStorage];
  readonly screen: [typeof screen, Electron.Screen];
  readonly session: [Session, Electron.Session];
  readonly sessions: [typeof Session, typeof Electron.session];
  readonly shell: [typeof shell, Electron.Shell];
  readonly tray: [Tray, Electron.Tray];
  readonly webContents: [WebContents, Electron.WebContents];
  readonly webContentsAll: [typeof WebContents, typeof Electron.webContents];
  readonly window: [BrowserWindow, Electron.BrowserWindow];
  readonly windows: [typeof BrowserWindow, typeof Electron.BrowserWindow];
};
type Invented = {
  [K in keyof Pairs]: Exclude<Extract<keyof Pairs[K][0], string>, keyof Pairs[K][1]>;
}[keyof Pairs];
const nothingInvented: [Invented] extends [never] ? true : Invented = true;
void nothingInvented;
