import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { hasChromium } from './chromium.ts';
import { launchElectron } from './electron-app.ts';
import { launchStandin } from './launch.ts';
import type { LaunchedApp } from './launched-app.ts';
import type { Pretence } from './recorded.ts';

/**
 * The one door to a running app for specs: on the stand-in, or on real Electron where ALLOTMENT_E2E says
 * so. Everything that the system would keep for the app is kept inside `home`.
 */
export type { LaunchedApp } from './launched-app.ts';

const BUILT_MAIN = fileURLToPath(new URL('../../out/main/main.js', import.meta.url));

export const onElectron = process.env['ALLOTMENT_E2E'] === 'electron';

/** Where neither driver can run, specs are skipped, and their names say so. */
export const canLaunch = onElectron || hasChromium;

/** Tools that start tools leave these behind; the app is to find none of them. */
const NOT_INHERITED = /^(NODE_|VITEST|ELECTRON_|STANDIN_CDP)/;

export async function launchApp(options: {
  readonly home: string;
  readonly main?: string;
  readonly args?: readonly string[];
  /** `undefined` takes a variable away. `STANDIN_TRAY=fails` and `STANDIN_DARK=1` are the stand-in's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly pretence?: Pretence;
}): Promise<LaunchedApp> {
  const { home, main = BUILT_MAIN, args = [], env = {}, pretence = {} } = options;
  if (!existsSync(main)) throw new Error(`${main} is not there. Run: npm run build`);
  const system = join(home, 'system');
  await mkdir(system, { recursive: true });
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
  return (onElectron ? launchElectron : launchStandin)({
    home,
    main,
    args: [`--user-data-dir=${join(system, 'user-data')}`, ...args],
    env: {
      ...Object.fromEntries(inherited),
      ALLOTMENT_HOME: join(home, 'allotment'),
      XDG_CONFIG_HOME: join(system, 'config'),
      XDG_DATA_HOME: join(system, 'data'),
      XDG_CACHE_HOME: join(system, 'cache'),
      // Whoever shows tray icons and keeps keys on this machine is no part of a test.
      DBUS_SESSION_BUS_ADDRESS: undefined,
      LANGUAGE: 'en',
      LANG: 'en_GB.UTF-8',
      LC_ALL: undefined,
      LC_MESSAGES: undefined,
      ...env,
    },
    pretence,
  });
}

/** The address of a page as main knows it; the stand-in maps `app://` to one that Chromium takes. */
export function addressOf(page: Page): string {
  return page.url().replace(/^https:\/\/([^/?#]+)\.([a-z][a-z0-9-]*)\.invalid/, '$2://$1');
}
