import type { App } from 'electron';
import { pagePath, parsePage } from '../../shared/contract/pages.ts';

/**
 * What a start is told on its command line, by the login item, by a second launch, by hand. Chromium
 * adds switches of its own and reorders them; whatever else stands there is none of ours.
 */
export type StartArguments = {
  /** Into the tray, without a window. */
  readonly hidden: boolean;
  /** The page to open; undefined: whichever is there. */
  readonly path: string | undefined;
};

/** macOS hands a login item no arguments; it says itself that it opened us at login. */
export function readStart(
  argv: readonly string[],
  app: Pick<App, 'getLoginItemSettings'>,
  platform: NodeJS.Platform = process.platform,
): StartArguments {
  const start = readArguments(argv);
  const isLogin = platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin;
  return { ...start, hidden: start.hidden || isLogin };
}

/** What the program is called for besides being the app: then nothing else of it is started. */
export type Errand =
  | { readonly kind: 'self-check' }
  | { readonly kind: 'command'; readonly words: readonly string[] };

/** Commands are plain words; no system starts a desktop app with one by itself. */
const COMMAND_WORD = /^[a-z][a-z-]*$/;
const SELF_CHECK = '--self-check';

/** `args`: without the program, and where it runs from source without its folder. */
export function readErrand(args: readonly string[]): Errand | undefined {
  if (args.includes(SELF_CHECK)) return { kind: 'self-check' };
  const first = args.findIndex((each) => !each.startsWith('-'));
  // In front of a command stand switches of Chromium's, as those that do without a screen.
  if (first >= 0 && COMMAND_WORD.test(args[first] ?? ''))
    return { kind: 'command', words: args.slice(first) };
  return args.includes('--help') ? { kind: 'command', words: ['help'] } : undefined;
}

export const HIDDEN = '--hidden';
/** Said by the installer of Windows when the app restarts with a newer version: nobody asked for its window. */
const UPDATED = '--updated';
const PAGE = '--page=';
/** Chromium's own: there is no screen, and nobody who could answer a question. */
const SCREENLESS = '--ozone-platform=headless';

export function isScreenless(argv: readonly string[] = process.argv): boolean {
  return argv.includes(SCREENLESS);
}

export function readArguments(argv: readonly string[]): StartArguments {
  const page = argv.find((each) => each.startsWith(PAGE));
  return {
    hidden: argv.includes(HIDDEN) || argv.includes(UPDATED),
    path: page === undefined ? undefined : pagePath(parsePage(page.slice(PAGE.length))),
  };
}
