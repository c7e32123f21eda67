import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import { app, windowClosed, windowStaysOpen } from './app.ts';
import { browser } from './browser.ts';
import { cancellable } from './events.ts';
import { mustBeReady } from './readiness.ts';
import { DESTROY, SET_FOCUSED, TARGET, WebContents } from './web-contents.ts';
import { addWindow, removeWindow } from './window-list.ts';
import { forgetBounds, keepBounds, keptBounds } from './window-state.ts';

/**
 * A window is a page of a Chromium that has no screen: it is shown, hidden and focused in main's books
 * only. Insecure web preferences are refused outright, so that no test can pass with them.
 */
const all = new Set<BrowserWindow>();
let lastId = 0;

function checkPreferences(preferences: Electron.WebPreferences): void {
  const { contextIsolation = true, nodeIntegration = false, sandbox = true } = preferences;
  const { webSecurity = true, webviewTag = false } = preferences;
  if (!contextIsolation || nodeIntegration || !sandbox || !webSecurity || webviewTag)
    throw new Error('the stand-in opens only windows that are sandboxed and isolated');
}

export class BrowserWindow extends EventEmitter {
  static getAllWindows(): BrowserWindow[] {
    return [...all];
  }
  static fromWebContents(contents: WebContents): BrowserWindow | null {
    return [...all].find((each) => each.webContents === contents) ?? null;
  }
  static fromId(id: number): BrowserWindow | null {
    return [...all].find((each) => each.id === id) ?? null;
  }
  static getFocusedWindow(): BrowserWindow | null {
    return [...all].find((each) => each.isFocused()) ?? null;
  }
  static clearPersistedState(name: string): void {
    forgetBounds(name);
  }

  readonly id: number;
  readonly webContents: WebContents;
  readonly #options: Electron.BrowserWindowConstructorOptions;
  #bounds: Electron.Rectangle;
  #minimum = [0, 0];
  #title: string;
  #background: string;
  #visible = false;
  #focused = false;
  #minimized = false;
  #maximized = false;
  #fullScreen = false;
  #destroyed = false;

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super();
    mustBeReady('create BrowserWindow');
    const preferences = options.webPreferences ?? {};
    checkPreferences(preferences);
    lastId += 1;
    this.id = lastId;
    this.#options = options;
    this.#title = options.title ?? app.name;
    this.#background = options.backgroundColor ?? '#FFF';
    const { x = 0, y = 0, width = 800, height = 600 } = options;
    const kept = this.#name === undefined ? undefined : keptBounds(this.#name);
    this.#bounds = kept ?? { x, y, width, height };
    if (kept !== undefined) setImmediate(() => this.emit('persisted-state-restored'));
    this.webContents = new WebContents(preferences, this.#bounds);
    all.add(this);
    addWindow(this);
    this.webContents.once('dom-ready', () => this.emit('ready-to-show'));
    this.webContents.once('destroyed', () => this.destroy());
    this.webContents.on('page-title-updated', (event: Event, title: string) => {
      this.emit('page-title-updated', event, title, true);
      if (!event.defaultPrevented) this.#title = title;
    });
    app.emit('web-contents-created', {}, this.webContents);
    app.emit('browser-window-created', {}, this);
    if (options.show !== false) this.show();
  }

  /** The name under which its bounds are kept, if they are. */
  get #name(): string | undefined {
    const { windowStatePersistence = false, name } = this.#options;
    return windowStatePersistence === false ? undefined : name;
  }

  loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url);
  }
  reload(): void {
    this.webContents.reload();
  }

  show(): void {
    this.showInactive();
    this.focus();
  }
  showInactive(): void {
    this.#minimized = false;
    if (this.#visible) return;
    this.#visible = true;
    this.emit('show');
  }
  hide(): void {
    if (!this.#visible) return;
    this.#visible = false;
    this.blur();
    this.emit('hide');
  }
  focus(): void {
    if (this.#focused || !this.#visible) return;
    for (const each of all) each.blur();
    this.#setFocused(true);
  }
  blur(): void {
    if (this.#focused) this.#setFocused(false);
  }
  #setFocused(focused: boolean): void {
    this.#focused = focused;
    this.webContents[SET_FOCUSED](focused);
    this.emit(focused ? 'focus' : 'blur', {});
    app.emit(focused ? 'browser-window-focus' : 'browser-window-blur', {}, this);
  }
  isVisible(): boolean {
    return this.#visible && !this.#minimized;
  }
  isFocused(): boolean {
    return this.#focused;
  }
  moveTop(): void {}

  minimize(): void {
    this.#minimized = true;
    this.blur();
    this.emit('minimize');
  }
  restore(): void {
    if (!this.#minimized) return;
    this.#minimized = false;
    this.emit('restore');
    this.focus();
  }
  isMinimized(): boolean {
    return this.#minimized;
  }
  maximize(): void {
    this.#maximized = true;
    this.emit('maximize');
  }
  unmaximize(): void {
    this.#maximized = false;
    this.emit('unmaximize');
  }
  isMaximized(): boolean {
    return this.#maximized;
  }
  setFullScreen(flag: boolean): void {
    this.#fullScreen = flag;
    this.emit(flag ? 'enter-full-screen' : 'leave-full-screen');
  }
  isFullScreen(): boolean {
    return this.#fullScreen;
  }
  isNormal(): boolean {
    return !this.#minimized && !this.#maximized && !this.#fullScreen;
  }

  getBounds(): Electron.Rectangle {
    return { ...this.#bounds };
  }
  getNormalBounds(): Electron.Rectangle {
    return { ...this.#bounds };
  }
  getSize(): number[] {
    return [this.#bounds.width, this.#bounds.height];
  }
  getPosition(): number[] {
    return [this.#bounds.x, this.#bounds.y];
  }
  setBounds(bounds: Partial<Electron.Rectangle>): void {
    const before = this.#bounds;
    this.#bounds = { ...before, ...bounds };
    const { x, y, width, height } = this.#bounds;
    if (x !== before.x || y !== before.y) this.emit('move');
    if (width !== before.width || height !== before.height) this.emit('resize');
    this.#resizePage().catch(() => undefined);
  }
  setSize(width: number, height: number): void {
    this.setBounds({ width, height });
  }
  setPosition(x: number, y: number): void {
    this.setBounds({ x, y });
  }
  setMinimumSize(width: number, height: number): void {
    this.#minimum = [width, height];
  }
  getMinimumSize(): number[] {
    return [...this.#minimum];
  }
  center(): void {}
  async #resizePage(): Promise<void> {
    const { opened, id } = this.webContents[TARGET];
    await opened;
    const { windowId } = await browser().send('Browser.getWindowForTarget', { targetId: id() });
    const { width, height } = this.#bounds;
    await browser().send('Browser.setWindowBounds', { windowId, bounds: { width, height } });
  }

  get title(): string {
    return this.#title;
  }
  set title(title: string) {
    this.#title = title;
  }
  getTitle(): string {
    return this.#title;
  }
  setTitle(title: string): void {
    this.#title = title;
  }
  getBackgroundColor(): string {
    return this.#background;
  }
  setBackgroundColor(color: string): void {
    this.#background = color;
  }
  setProgressBar(): void {}
  setOverlayIcon(): void {}
  setIcon(): void {}
  setMenu(): void {}
  removeMenu(): void {}
  setMenuBarVisibility(): void {}
  setAutoHideMenuBar(): void {}
  setSkipTaskbar(): void {}
  flashFrame(): void {}
  setTitleBarOverlay(): void {}
  setAlwaysOnTop(): void {}

  isDestroyed(): boolean {
    return this.#destroyed;
  }
  /** Asks its listeners, and goes a moment later unless one of them keeps it. */
  close(): void {
    if (this.#destroyed) return;
    const event = cancellable({});
    this.emit('close', event);
    if (event.defaultPrevented) windowStaysOpen();
    else setImmediate(() => this.destroy());
  }
  destroy(): void {
    if (this.#destroyed) return;
    if (this.#name !== undefined) keepBounds(this.#name, this.#bounds);
    this.#destroyed = true;
    this.#visible = false;
    if (this.#focused) this.#setFocused(false);
    all.delete(this);
    removeWindow(this);
    void this.webContents[DESTROY]();
    this.emit('closed');
    windowClosed();
  }
}
