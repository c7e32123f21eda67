import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Logger } from '../../electron/core/ports.ts';
import { WINDOW_HEADERS } from '../../shared/contract/window-files.ts';
import { hasSandbox } from '../../electron/main/sandbox.ts';
import {
  guardContents,
  guardSession,
  PRIVILEGED_SCHEME,
  sandboxAll,
  webPreferences,
} from '../../electron/main/security.ts';
import { quietLogger } from './quiet-logger.ts';

const OWN = 'app://allotment/index.html';
const FOREIGN = 'https://evil.example/';

/** Writes down what was refused, as the log does. */
function listener() {
  const refused: unknown[] = [];
  const log: Logger = { ...quietLogger, warn: (_message, fields) => void refused.push(fields) };
  return { refused, log };
}

/** An event as Electron hands it to listeners, which counts whether they prevented it. */
function event(more: object = {}) {
  const made = {
    ...more,
    isPrevented: false,
    preventDefault: () => {
      made.isPrevented = true;
    },
  };
  return made;
}

function session() {
  const handlers: {
    request?: (contents: null, permission: string, answer: (is: boolean) => void) => void;
    check?: () => boolean;
    device?: () => boolean;
    before?: (details: { url: string }, answer: (verdict: { cancel: boolean }) => void) => void;
  } = {};
  const fake = Object.assign(new EventEmitter(), {
    setPermissionRequestHandler: (handler: typeof handlers.request & object) => {
      handlers.request = handler;
    },
    setPermissionCheckHandler: (handler: () => boolean) => {
      handlers.check = handler;
    },
    setDevicePermissionHandler: (handler: () => boolean) => {
      handlers.device = handler;
    },
    webRequest: {
      onBeforeRequest: (handler: typeof handlers.before & object) => {
        handlers.before = handler;
      },
    },
  });
  const { refused, log } = listener();
  guardSession(fake as never, log);
  return { handlers, fake, refused };
}

describe('a session', () => {
  it('grants nothing that a page asks for, and logs what it was', () => {
    const { handlers, refused } = session();
    const answers: boolean[] = [];
    handlers.request?.(null, 'media', (is) => void answers.push(is));
    expect(answers).toEqual([false]);
    expect(refused).toEqual([{ what: 'permission', permission: 'media' }]);
  });

  it('says of no permission that it is there, and hands out no device', () => {
    const { handlers } = session();
    expect(handlers.check?.()).toBe(false);
    expect(handlers.device?.()).toBe(false);
  });

  it.each([
    [OWN, false],
    ['data:image/png;base64,AAAA', false],
    [FOREIGN, true],
    ['http://127.0.0.1:1/', true],
    ['wss://evil.example/', true],
    ['file:///etc/passwd', true],
    ['app://other/', true],
    ['no address', true],
  ])('a request to %s is stopped: %s', (url, isStopped) => {
    const { handlers, refused } = session();
    const verdicts: unknown[] = [];
    handlers.before?.({ url }, (verdict) => void verdicts.push(verdict));
    expect(verdicts).toEqual([{ cancel: isStopped }]);
    expect(refused).toEqual(isStopped ? [{ what: 'request' }] : []);
  });

  it('downloads nothing', () => {
    const { fake, refused } = session();
    const download = event();
    fake.emit('will-download', download);
    expect(download.isPrevented).toBe(true);
    expect(refused).toEqual([{ what: 'download' }]);
  });
});

function contents() {
  const app = new EventEmitter();
  let open: ((details: { url: string }) => { action: string }) | undefined;
  const fake = Object.assign(new EventEmitter(), {
    setWindowOpenHandler: (handler: typeof open) => {
      open = handler;
    },
  });
  const { refused, log } = listener();
  guardContents(app as never, log);
  app.emit('web-contents-created', {}, fake);
  return { fake, refused, open: (url: string) => open?.({ url }) };
}

describe('a page, whoever made it', () => {
  it.each(['will-navigate', 'will-redirect'])('leads nowhere else (%s)', (name) => {
    const { fake, refused } = contents();
    const there = event({ url: FOREIGN });
    fake.emit(name, there);
    expect(there.isPrevented).toBe(true);
    expect(refused).toHaveLength(1);
    const own = event({ url: OWN });
    fake.emit(name, own);
    expect(own.isPrevented).toBe(false);
  });

  it('has no page in a frame, not even one of ours', () => {
    const { fake } = contents();
    const frame = event({ url: OWN, isMainFrame: false });
    fake.emit('will-frame-navigate', frame);
    expect(frame.isPrevented).toBe(true);
    const main = event({ url: OWN, isMainFrame: true });
    fake.emit('will-frame-navigate', main);
    expect(main.isPrevented).toBe(false);
  });

  it('opens no second window', () => {
    const { open, refused } = contents();
    expect(open(FOREIGN)).toEqual({ action: 'deny' });
    expect(open(OWN)).toEqual({ action: 'deny' });
    expect(refused).toEqual([{ what: 'new window' }, { what: 'new window' }]);
  });

  it('has no webview', () => {
    const { fake, refused } = contents();
    const view = event();
    fake.emit('will-attach-webview', view);
    expect(view.isPrevented).toBe(true);
    expect(refused).toEqual([{ what: 'webview' }]);
  });
});

describe('before any page is there', () => {
  /** Whether all are put into the sandbox by a start with these switches. */
  function isSandboxed(
    switches: readonly string[],
    platform: NodeJS.Platform,
    canSandbox: boolean,
  ): boolean {
    let times = 0;
    const fake = {
      commandLine: { hasSwitch: (name: string) => switches.includes(name) },
      enableSandbox: () => {
        times += 1;
      },
    };
    sandboxAll(fake as never, quietLogger, { platform, canSandbox: () => canSandbox });
    return times === 1;
  }

  it('every renderer is put into the sandbox', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const)
      for (const can of [true, false]) expect(isSandboxed([], platform, can)).toBe(true);
  });

  it('a start that asks for none gets none only on a Linux that would give none', () => {
    const asked = ['no-sandbox'];
    // Else the app would never start there: Electron forgets the switch that its launcher has put there.
    expect(isSandboxed(asked, 'linux', false)).toBe(false);
    expect(isSandboxed(asked, 'linux', true)).toBe(true);
    expect(isSandboxed(asked, 'darwin', false)).toBe(true);
    expect(isSandboxed(asked, 'win32', false)).toBe(true);
  });

  const RESTRICT = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';
  const CURRENT = '/proc/self/attr/apparmor/current';
  const HELPER = '/opt/my app/chrome-sandbox';

  /** Whether there is a sandbox where these files say so, `unshare` ends like that and the helper is like that. */
  function has({
    files = {},
    does = true,
    isRoot = false,
    helper,
  }: {
    readonly files?: Readonly<Record<string, string>>;
    readonly does?: boolean;
    readonly isRoot?: boolean;
    readonly helper?: { readonly uid: number; readonly mode: number };
  }): boolean {
    return hasSandbox({
      program: '/opt/my app/allotment',
      isRoot: () => isRoot,
      read: (path) => files[path],
      look: (path) => (path === HELPER ? helper : undefined),
      run: (program) => program === 'unshare' && does,
    });
  }

  it('what a Linux would give is what this very program may do there', () => {
    expect(has({})).toBe(true);
    expect(has({ does: false })).toBe(false);
    // Chromium makes none for root.
    expect(has({ isRoot: true })).toBe(false);
    // `unshare` may have a profile where we have none.
    expect(has({ files: { [RESTRICT]: '1\n', [CURRENT]: 'unconfined\n' } })).toBe(false);
    const older = { [RESTRICT]: '1\n', '/proc/self/attr/current': 'unconfined\0' };
    expect(has({ files: older })).toBe(false);
    expect(has({ files: { [RESTRICT]: '0\n', [CURRENT]: 'unconfined\n' } })).toBe(true);
    // The deb's profile.
    const ours = { [RESTRICT]: '1\n', [CURRENT]: 'allotment (unconfined)\n' };
    expect(has({ files: ours })).toBe(true);
  });

  it('where people may make no namespaces it has its sandbox through a helper that runs as root', () => {
    const helper = { uid: 0, mode: 0o104755 };
    expect(has({ does: false, helper })).toBe(true);
    expect(has({ files: { [RESTRICT]: '1\n', [CURRENT]: 'unconfined\n' }, helper })).toBe(true);
    expect(has({ does: false, helper, isRoot: true })).toBe(false);
    expect(has({ does: false, helper: { uid: 1000, mode: 0o104755 } })).toBe(false);
    for (const mode of [0o100755, 0o104750])
      expect(has({ does: false, helper: { uid: 0, mode } })).toBe(false);
  });

  it('a helper that can’t become root gives none: in an AppImage, or where nothing may', () => {
    const at = (status: string, ...mounts: readonly string[]) =>
      has({
        does: false,
        helper: { uid: 0, mode: 0o104755 },
        files: { '/proc/self/status': status, '/proc/self/mountinfo': mounts.join('\n') },
      });
    const free = 'Name:\tallotment\nNoNewPrivs:\t0\n';
    const root = '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw';
    const image = '90 22 0:60 / /opt/my\\040app ro,nosuid,nodev - fuse.AppImage AppImage ro';
    expect(at(free, root)).toBe(true);
    expect(at(free, root, image)).toBe(false);
    expect(at(free, image, root)).toBe(false);
    // A neighbour's.
    expect(at(free, root, image.replace('app', 'ap'))).toBe(true);
    expect(at(free, root, image, image.replace('nosuid,', ''))).toBe(true);
    expect(at(free.replace('0\n', '1\n'), root)).toBe(false);
  });

  it('what a page may do is written down, and is as little as there can be', () => {
    expect(webPreferences('/preload.cjs')).toEqual({
      preload: '/preload.cjs',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    });
    expect(PRIVILEGED_SCHEME).toMatchObject({ scheme: 'app', privileges: { secure: true } });
    expect(PRIVILEGED_SCHEME.privileges).not.toHaveProperty('bypassCSP');
  });

  it('the policy allows only what is named', () => {
    const policy = new Map(
      (WINDOW_HEADERS['content-security-policy'] ?? '').split('; ').map((part) => {
        const [directive = '', ...sources] = part.split(' ');
        return [directive, sources.join(' ')];
      }),
    );
    expect(Object.fromEntries(policy)).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'font-src': "'self'",
      'img-src': "'self' data:",
      'connect-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
    });
  });
});
