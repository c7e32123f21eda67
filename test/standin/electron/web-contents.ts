import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import type { CdpSession } from '../cdp.ts';
import { makeCodec } from '../page/codec.ts';
import { RECEIVE } from '../page/worlds.ts';
import { app } from './app.ts';
import { browser } from './browser.ts';
import { cancellable } from './events.ts';
import type { Frames, WebFrame } from './frames.ts';
import { deliver, IpcMain } from './ipc-main.ts';
import { openPage } from './page.ts';
import { applyPermissions } from './permissions.ts';
import { toAppAddress, toBrowserAddress } from './protocol.ts';
import { answerRequests } from './requests.ts';
import { Session } from './session.ts';

/**
 * A page of Chromium as main knows it. The page is opened when the window is made; whatever main asks
 * before it is there waits for it.
 */
/** What the window alone may ask for; symbols, because Electron's own has no such members. */
export const TARGET = Symbol('target');
export const SET_FOCUSED = Symbol('set focused');
export const DESTROY = Symbol('destroy');

const codec = makeCodec();
const all = new Set<WebContents>();
let lastId = 0;

type OpenHandler = (details: Electron.HandlerDetails) => Electron.WindowOpenHandlerResponse;
type Size = { readonly width: number; readonly height: number };

export class WebContents extends EventEmitter {
  static getAllWebContents(): WebContents[] {
    return [...all];
  }
  static fromId(id: number): WebContents | undefined {
    return [...all].find((each) => each.id === id);
  }
  static getFocusedWebContents(): WebContents | null {
    return [...all].find((each) => each.isFocused()) ?? null;
  }

  readonly id: number;
  readonly session: Session;
  readonly ipc = new IpcMain();
  readonly #opened: Promise<CdpSession>;
  #targetId = '';
  #frames: Frames | undefined;
  #asked = '';
  #title = '';
  #userAgent = 'standin';
  #destroyed = false;
  #crashed = false;
  #loading = false;
  #focused = false;
  #zoomFactor = 1;
  #open: OpenHandler | undefined;

  constructor(preferences: Electron.WebPreferences, size: Size) {
    super();
    lastId += 1;
    this.id = lastId;
    this.session =
      preferences.partition === undefined
        ? Session.defaultSession
        : Session.fromPartition(preferences.partition);
    all.add(this);
    this.#opened = this.#start(preferences, size);
    // A window that can't be opened fails what is asked of it; nobody need have asked yet.
    this.#opened.catch(() => undefined);
  }

  async #start({ preload }: Electron.WebPreferences, size: Size): Promise<CdpSession> {
    const page = await openPage(preload, size, {
      startedLoading: () => {
        this.#loading = true;
        this.emit('did-start-loading');
      },
      domReady: () => this.emit('dom-ready', {}),
      loaded: () => {
        this.#loading = false;
        this.emit('did-finish-load');
        this.emit('did-stop-loading');
      },
      navigated: (frame, isMain) => this.#navigated(frame, isMain),
      navigatedInPage: (frame, isMain) =>
        this.emit('did-navigate-in-page', {}, frame.url, isMain, 1, 1),
      crashed: () => this.#crash(),
      recovered: () => {
        this.#crashed = false;
      },
      printed: (message) => this.emit('console-message', { ...message, frame: this.mainFrame }),
      posted: (text, world) => void this.#receive(text, world),
      opened: (url) => this.#refuseToOpen(url),
      titled: (title) => this.#titled(title),
      gone: () => this.#gone(),
    });
    this.#targetId = page.targetId;
    this.#frames = page.frames;
    await answerRequests(page.session, {
      session: this.session,
      frames: () => page.frames,
      asked: () => this.#asked,
      emit: (name, event, url) => this.emit(name, event, url),
      beforeDocument: (url) => applyPermissions(this.session, this, url),
    });
    return page.session;
  }

  #crash(): void {
    this.#crashed = true;
    const details = { reason: 'crashed', exitCode: 1 };
    this.emit('render-process-gone', cancellable(details), details);
    app.emit('render-process-gone', cancellable({}), this, details);
  }

  #navigated(frame: WebFrame, isMain: boolean): void {
    if (isMain) {
      this.#crashed = false;
      this.#asked = '';
      this.emit('did-navigate', {}, frame.url, 200, 'OK');
    }
    this.emit('did-frame-navigate', {}, frame.url, 200, 'OK', isMain, 1, 1);
  }

  #titled(title: string): void {
    // While a page has no title of its own, Chromium shows its address.
    if (title === this.#title || title === '' || title === 'about:blank') return;
    this.#title = title;
    this.emit('page-title-updated', cancellable({}), title, true);
  }

  #gone(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    all.delete(this);
    this.emit('destroyed');
  }

  async #receive(text: string, world: number): Promise<void> {
    const frame = this.#framesNow().frameOfWorld(world);
    if (frame === undefined || this.#destroyed) return;
    const message = codec.decode(text) as {
      readonly open?: string;
      readonly preloadError?: Error;
      readonly invoke?: number;
      readonly channel?: string;
      readonly args?: readonly unknown[];
    };
    if (message.open !== undefined) this.#refuseToOpen(message.open);
    else if (message.preloadError !== undefined) {
      process.emitWarning(`the preload failed: ${message.preloadError.message}`);
      this.emit('preload-error', {}, '', message.preloadError);
    } else {
      const { channel = '', args = [], invoke } = message;
      const call = { channel, args, ...(invoke === undefined ? {} : { invoke }) };
      const reply = (to: string, ...rest: unknown[]) => this.send(to, ...rest);
      const answer = await deliver(codec, call, { sender: this, frame, own: this.ipc, reply });
      if (answer !== undefined) this.#post(world, answer);
    }
  }

  #post(contextId: number, text: string): void {
    const expression = `${RECEIVE}(${JSON.stringify(text)})`;
    // A document that went away meanwhile hears nothing, as in Electron.
    this.#opened
      .then((session) => session.send('Runtime.evaluate', { contextId, expression }))
      .catch(() => undefined);
  }

  #refuseToOpen(url: string): void {
    const details = {
      url: toAppAddress(url),
      frameName: '',
      features: '',
      disposition: 'foreground-tab',
      referrer: { url: this.getURL(), policy: 'default' },
    } as const;
    const { action } = this.#open?.(details) ?? { action: 'allow' };
    if (action !== 'deny')
      process.emitWarning(`main would open ${url} in a new window; the stand-in opens none`);
  }

  #framesNow(): Frames {
    if (this.#frames === undefined) throw new Error('the window has no page yet');
    return this.#frames;
  }

  get mainFrame(): WebFrame {
    return this.#framesNow().main;
  }
  get zoomFactor(): number {
    return this.#zoomFactor;
  }
  set zoomFactor(factor: number) {
    this.#zoomFactor = factor;
  }
  getZoomFactor(): number {
    return this.#zoomFactor;
  }
  setZoomFactor(factor: number): void {
    this.#zoomFactor = factor;
  }
  async setVisualZoomLevelLimits(): Promise<void> {}

  send(channel: string, ...args: unknown[]): void {
    if (this.#destroyed) throw new TypeError('Object has been destroyed');
    const text = codec.encode({ channel, args });
    for (const world of this.#frames?.worlds() ?? []) this.#post(world, text);
  }

  async loadURL(url: string): Promise<void> {
    const session = await this.#opened;
    this.#asked = url;
    const loaded = new Promise<void>((resolve) => this.once('did-finish-load', () => resolve()));
    const { errorText } = await session.send('Page.navigate', { url: toBrowserAddress(url) });
    if (errorText !== undefined) {
      this.emit('did-fail-load', {}, -2, errorText, url, true, 1, 1);
      throw new Error(`${errorText} (-2) loading '${url}'`);
    }
    await loaded;
  }
  reload(): void {
    this.#asked = this.getURL();
    this.#ask('Page.reload');
  }
  reloadIgnoringCache(): void {
    this.reload();
  }
  stop(): void {
    this.#ask('Page.stopLoading');
  }
  async executeJavaScript(code: string): Promise<unknown> {
    const session = await this.#opened;
    const call = { expression: code, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', call);
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }
  forcefullyCrashRenderer(): void {
    this.#ask('Page.crash');
  }
  /** Only as far as main is asked. */
  downloadURL(url: string): void {
    const item = { getURL: () => url, cancel: () => undefined };
    setImmediate(() => this.session.emit('will-download', cancellable({}), item, this));
  }
  close(): void {
    this.#ask('Page.close');
  }
  #ask(method: string): void {
    this.#opened.then((session) => session.send(method)).catch(() => undefined);
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#open = handler;
  }
  getURL(): string {
    return this.#frames?.main.url ?? '';
  }
  getTitle(): string {
    return this.#title;
  }
  getType(): 'window' {
    return 'window';
  }
  getUserAgent(): string {
    return this.#userAgent;
  }
  setUserAgent(userAgent: string): void {
    this.#userAgent = userAgent;
  }
  isDestroyed(): boolean {
    return this.#destroyed;
  }
  isCrashed(): boolean {
    return this.#crashed;
  }
  isLoading(): boolean {
    return this.#loading;
  }
  isLoadingMainFrame(): boolean {
    return this.#loading;
  }
  isFocused(): boolean {
    return this.#focused;
  }
  focus(): void {
    this.#focused = true;
    this.emit('focus');
  }
  openDevTools(): void {}
  closeDevTools(): void {}
  isDevToolsOpened(): boolean {
    return false;
  }
  setBackgroundThrottling(): void {}

  get [TARGET](): { readonly opened: Promise<CdpSession>; readonly id: () => string } {
    return { opened: this.#opened, id: () => this.#targetId };
  }
  [SET_FOCUSED](focused: boolean): void {
    if (this.#focused === focused) return;
    this.#focused = focused;
    this.emit(focused ? 'focus' : 'blur');
  }
  async [DESTROY](): Promise<void> {
    this.#gone();
    try {
      await this.#opened;
      await browser().send('Target.closeTarget', { targetId: this.#targetId });
    } catch {
      // It never opened, or Chromium went first.
    }
  }
}
