import type { Covered } from './threats.ts';

/**
 * Electron's own checklist ("Security", electronjs.org/docs, its numbers) and the chapters of OWASP ASVS 5.0 that apply to a
 * program without accounts, sessions of a web shop, or a server of anybody's: each as a property, with what shows it. What
 * does not apply stands there too, so that nobody looks for it.
 */
export type Property = {
  readonly of: string;
  readonly holds: string;
  readonly shown: readonly Covered[];
};

const window: Covered = [
  'e2e/window.test.ts',
  'leads nowhere else: no other page, no second window, no permission',
];
const tidy = (...tests: [string, ...string[]]): Covered => ['tidy/security.test.ts', ...tests];

export const electron: readonly Property[] = [
  {
    of: '1 only secure content',
    holds: 'the window loads the app’s own files by app:// and fetches nothing else',
    shown: [
      ['main/security.test.ts', 'a request to %s is stopped: %s'],
      [
        'e2e/window.test.ts',
        'and whatever else there is of Chromium fetches nothing, even for main itself',
      ],
    ],
  },
  {
    of: '2–4, 6, 8–12 Node, isolation, sandbox, web security, no experiments, no popups, no webview',
    holds: 'every preference is written down, and is as little as there can be',
    shown: [
      [
        'main/security.test.ts',
        'what a page may do is written down, and is as little as there can be',
        'every renderer is put into the sandbox',
        'has no webview',
      ],
      ['main/app-protocol.test.ts', 'is sandboxed, isolated and without Node'],
      tidy('the window gets its preferences from security.ts, and they are the strict ones'),
    ],
  },
  {
    of: '5 permissions',
    holds: 'none is given, whoever asks',
    shown: [
      [
        'main/security.test.ts',
        'grants nothing that a page asks for, and logs what it was',
        'says of no permission that it is there, and hands out no device',
      ],
    ],
  },
  {
    of: '7 content security policy',
    holds: 'nothing inline, nothing from elsewhere, in the app and in the browser',
    shown: [
      ['main/security.test.ts', 'the policy allows only what is named'],
      [
        'main/app-protocol.test.ts',
        'serves the window’s page under a policy that allows nothing inline',
      ],
      tidy('pages have no script or style of their own in them'),
    ],
  },
  {
    of: '13, 14 navigation and windows',
    holds: 'the window shows one page for ever',
    shown: [
      window,
      [
        'main/security.test.ts',
        'leads nowhere else (%s)',
        'opens no second window',
        'has no page in a frame, not even one of ours',
      ],
    ],
  },
  {
    of: '15 openExternal',
    holds: 'nothing outside is ever opened',
    shown: [tidy('$id')],
  },
  {
    of: '16 a current version',
    holds: 'the audit asks for what is known against it; the lock file holds what is taken',
    shown: [['tidy/supply.test.ts', 'fails on what is grave, once, and not on what is less']],
  },
  {
    of: '17 the sender of every message',
    holds: 'only the top frame of our page in our window is heard',
    shown: [
      ['main/app-protocol.test.ts', 'is the top frame of our page in our window, and nobody else'],
      ['e2e/ipc.test.ts', 'a page of somebody else’s is refused, though it has the preload'],
      ['fuzz/fuzz.test.ts', '$name: nothing that comes in breaks it, hangs it, or learns anything'],
    ],
  },
  {
    of: '18 no file://',
    holds: 'the window comes from app://, which serves nothing beside its folder',
    shown: [['main/app-protocol.test.ts', 'has nothing at %s']],
  },
  {
    of: '19 fuses',
    holds: 'the packed program is no Node, runs its own archive only, and checks it',
    shown: [['packaging/packaging.test.ts', 'the fuses are switched']],
  },
  {
    of: '20 nothing of Electron in the page',
    holds: 'the page has four functions',
    shown: [
      [
        'e2e/ipc.test.ts',
        'is what the contract has, and the page gets four functions for it and nothing of Electron',
      ],
      [
        'packaging/packaging.test.ts',
        'the preload is one small file that asks for nothing but Electron',
      ],
    ],
  },
];

export const asvs: readonly Property[] = [
  {
    of: 'V1 encoding, V2 validation',
    holds: 'whatever comes in is parsed and bounded at the edge, and answered from closed lists',
    shown: [
      ['fuzz/fuzz.test.ts', '$name: nothing that comes in breaks it, hangs it, or learns anything'],
      [
        'integration/bad-input.test.ts',
        '%s is a bad request',
        'that is longer than any message is cut off',
      ],
      [
        'headless/output.test.ts',
        'shows where somebody’s words would have moved the cursor or turned the line round',
      ],
    ],
  },
  {
    of: 'V3 web front end',
    holds: 'no cookies, no CORS, a strict policy; other origins and names are refused',
    shown: [
      [
        'integration/threats.test.ts',
        'hears nobody who calls it by %s, even with the right bearer',
        'hears no page of %s, and tells browsers of no exception',
        'does nothing on a link that is followed, or a form that is sent: it wants a bearer',
      ],
    ],
  },
  {
    of: 'V4 API',
    holds: 'one request is one request: lengths, chunks, pipelines and whole addresses fool nobody',
    shown: [
      ['fuzz/fuzz.test.ts', '$name: nothing that comes in breaks it, hangs it, or learns anything'],
      [
        'integration/threats.test.ts',
        'an upload without a length is refused before a byte of it is kept',
      ],
    ],
  },
  {
    of: 'V5 files',
    holds: 'names are hashes or made harmless, nothing is written outside of what was chosen',
    shown: [
      [
        'core/backup/engine/restore-bad.test.ts',
        'can’t reach out of the folder, by names or by links',
      ],
      ['integration/bad-input.test.ts', 'a config is never replaced by another'],
    ],
  },
  {
    of: 'V6, V7, V10 authentication and sessions',
    holds:
      'devices prove themselves by keys that people compared; a browser’s pass is random, kept as a hash, and ends',
    shown: [
      [
        'integration/pairing-attacks.test.ts',
        'and changes nothing but the statements makes the digits differ, and both people are told',
      ],
      [
        'headless/web-door.test.ts',
        'the file that remembers holds no bearer, and is for this user alone',
        'stays so for thirty days, also if the clock was put back meanwhile',
      ],
      [
        'core/friends/pairing-attempts.test.ts',
        'in any ten minutes no address and nobody together begins more than allowed',
      ],
    ],
  },
  {
    of: 'V8 authorization',
    holds:
      'each request is judged by the key of its connection; what is not one’s own is not there',
    shown: [
      [
        'integration/bad-input.test.ts',
        'whoever shows no key, or one that nobody knows, hears one and the same word',
        'of somebody else’s plot is not there',
      ],
      [
        'integration/vouchers.test.ts',
        'reaches his own plot and nothing else: no friend’s plot, no news, no share, no quote',
      ],
    ],
  },
  {
    of: 'V11 cryptography',
    holds:
      'keys are derived as written down and never change; nothing is believed unsigned or unsealed',
    shown: [
      [
        'core/identity/phrase.test.ts',
        'derives what an independent computation derives',
        'stays what it was: changing these would lock everybody out',
      ],
      [
        'core/identity/identity.test.ts',
        'a statement is believed only with the signature of the owner it names',
      ],
    ],
  },
  {
    of: 'V12 communication',
    holds: 'TLS 1.3 with a key from both sides, never resumed',
    shown: [
      [
        'integration/hardening.test.ts',
        'speaks TLS 1.3 and nothing older',
        'is never a resumed one, which would show no key',
      ],
      [
        'integration/bad-input.test.ts',
        'a key of one home with the certificate of another makes no connection',
        'a friend whose device was replaced at its address is not spoken to',
      ],
    ],
  },
  {
    of: 'V13 configuration, V15 secure coding',
    holds:
      'packages are those that they were, run no scripts, and bring nothing grave that is known',
    shown: [
      [
        'tidy/supply.test.ts',
        'has the hash of every package, so that none can be another than it was',
        'takes packages from the registry and from nowhere else',
        'lets no other package run a script when it is installed',
      ],
      ['integration/hardening.test.ts', 'says nothing of what the program is made of'],
    ],
  },
  {
    of: 'V14 data protection',
    holds: 'keys lie in the key ring or in files for one user; the home is closed to others',
    shown: [
      [
        'main/secret-store.test.ts',
        'are sealed where there is a key ring, and none of it lies there in plain',
      ],
      [
        'integration/hardening.test.ts',
        'can be reached by its user alone, also in a folder that was there before',
      ],
      ['headless/cli.test.ts', 'the control socket is for this user alone'],
    ],
  },
  {
    of: 'V16 logging and errors',
    holds: 'no secret is logged; no answer shows a path, a stack or another friend',
    shown: [
      [
        'integration/hardening.test.ts',
        'has no key, no word of the phrase, no way to open anything in it',
      ],
      ['fuzz/fuzz.test.ts', '$name: nothing that comes in breaks it, hangs it, or learns anything'],
    ],
  },
  {
    of: 'updates (V15)',
    holds: 'nothing whose signature is wrong is taken',
    shown: [
      [
        'main/updates.test.ts',
        'takes nothing whose signature is wrong, and looks again some hours later',
      ],
    ],
  },
];
// Not here: V9 self-contained tokens of others (our own are vouchers and tickets, see V11), V17 WebRTC, and whatever is about
// passwords, mail and accounts of a web service.
