import type { App, CustomScheme, Session, WebContents, WebPreferences } from 'electron';
import type { Logger } from '../core/ports.ts';
import { hasSandbox } from './sandbox.ts';

/**
 * Every measure that keeps the window to what it is for, each with its reason; nothing of this kind stands
 * anywhere else, but for the headers of the window's files, which a browser gets too
 * (`shared/contract/window-files.ts`), and the packaged program's fuses (`electron-builder.yml`). The window shows
 * names and words that strangers chose. Should one of them ever become script, then it finds a page that reaches
 * nothing but the contract's own calls.
 */
export const SCHEME = 'app';
export const HOST = 'allotment';
export const ORIGIN = `${SCHEME}://${HOST}`;

/**
 * A scheme of our own in place of `file:`, which could read every file of this person. Standard and
 * secure: it has an origin to check senders by, and the policy that its files bring holds.
 */
export const PRIVILEGED_SCHEME: CustomScheme = {
  scheme: SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
};

/** Electron's defaults are these today; they are written down so that no other default ever holds. */
export function webPreferences(preload: string): WebPreferences {
  return {
    preload,
    // The page's process may not open files, sockets or programs.
    sandbox: true,
    // The page can't change the functions that the preload uses.
    contextIsolation: true,
    // No `require`, no `process` in the page, its workers and its frames.
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    // A file that is dropped on the window would be opened in it.
    navigateOnDragDrop: false,
    // Would fetch dictionaries from the network.
    spellcheck: false,
  };
}

/**
 * Before the app is ready: a renderer without the sandbox must not even be possible. Electron also takes `--no-sandbox` off the
 * command line then, whoever put it there: a shortcut or an argument that somebody slipped in gets nobody out of it. One start
 * needs that switch, and would end without it: on a Linux where Chromium has no sandbox. There it is heeded, for Chromium's
 * own part alone: the pages' preferences above hold, so that they have no Node and no preload of their own making.
 */
export function sandboxAll(
  app: Pick<App, 'commandLine' | 'enableSandbox'>,
  log: Logger,
  {
    platform = process.platform,
    canSandbox = hasSandbox,
  }: { readonly platform?: NodeJS.Platform; readonly canSandbox?: () => boolean } = {},
): void {
  // That is asked only where it decides: it takes a program.
  if (platform === 'linux' && app.commandLine.hasSwitch('no-sandbox') && !canSandbox())
    log.warn('no sandbox of Chromium’s: this user can have none here');
  else app.enableSandbox();
}

/** For every page that ever comes to be, whoever makes it. */
export function guardContents(app: App, log: Logger): void {
  app.on('web-contents-created', (_event, contents) => guard(contents, log));
}

function guard(contents: WebContents, log: Logger): void {
  const refuse = (what: string) => (event: { readonly preventDefault: () => void }) => {
    log.warn('refused', { what });
    event.preventDefault();
  };
  // The window shows one page of ours for ever. A link that leads elsewhere would show a stranger's
  // page with our preload in it.
  contents.on('will-navigate', (event) => {
    if (!isOwnUrl(event.url)) refuse('navigation')(event);
  });
  contents.on('will-redirect', (event) => {
    if (!isOwnUrl(event.url)) refuse('redirection')(event);
  });
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame) refuse('frame')(event);
  });
  // A second window would be outside of all that `window.ts` sees to; we link to nothing on the web.
  contents.setWindowOpenHandler(() => {
    log.warn('refused', { what: 'new window' });
    return { action: 'deny' };
  });
  // A webview is a page whose preferences the page itself would choose.
  contents.on('will-attach-webview', refuse('webview'));
}

export function guardSession(session: Session, log: Logger): void {
  // Camera, position, notifications in the page's name, the clipboard, USB …: it needs none of them.
  // Both handlers: what a check allows is never requested.
  session.setPermissionRequestHandler((_contents, permission, answer) => {
    log.warn('refused', { what: 'permission', permission });
    answer(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  // Whatever gets past the policy (a prefetch, a style's import) does not get past this.
  session.webRequest.onBeforeRequest(({ url }, answer) => {
    const cancel = !isOwnUrl(url) && !isOfThisProcess(url);
    if (cancel) log.warn('refused', { what: 'request' });
    answer({ cancel });
  });
  session.on('will-download', (event) => {
    log.warn('refused', { what: 'download' });
    event.preventDefault();
  });
}

export function isOwnUrl(url: string): boolean {
  const { protocol, host, username, password } = parse(url) ?? {};
  return protocol === `${SCHEME}:` && host === HOST && username === '' && password === '';
}

/** Nothing is fetched for these; whether the page may use them is the policy's to say. */
function isOfThisProcess(url: string): boolean {
  const { protocol } = parse(url) ?? {};
  return ['data:', 'blob:', 'devtools:', 'about:'].includes(protocol ?? '');
}

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

/**
 * A call counts only from the top frame of our own page in a window of ours. A frame that went away or
 * elsewhere while its message was on its way has no say any more.
 */
export function isOwnSender(
  { sender, senderFrame }: Sent,
  isOurWindow: (contents: WebContents) => boolean,
): boolean {
  return (
    isOurWindow(sender) &&
    senderFrame !== null &&
    senderFrame.parent === null &&
    isOwnUrl(senderFrame.url)
  );
}

export type Sent = {
  readonly sender: WebContents;
  readonly senderFrame: { readonly url: string; readonly parent: unknown } | null;
};
