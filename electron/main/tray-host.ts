import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Whether anybody shows tray icons. On Linux that is another program, which may be missing (GNOME without
 * its extension) or start later than we do; Electron makes a tray all the same, and nobody sees it. The
 * one that shows them owns a name on the session bus.
 */
export type TrayHost = 'there' | 'missing' | 'unknown';

const WATCHER = 'org.kde.StatusNotifierWatcher';
const BUS = 'org.freedesktop.DBus';
const BUS_PATH = '/org/freedesktop/DBus';
const ASK = `${BUS}.NameHasOwner`;
const ASK_MS = 2000;

export async function lookForTrayHost(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  run: (program: string, args: readonly string[]) => Promise<string> = runProgram,
): Promise<TrayHost> {
  if (platform !== 'linux') return 'there';
  // Without a session bus an old-style panel may show the icon; there is nobody to ask.
  if ((env['DBUS_SESSION_BUS_ADDRESS'] ?? '') === '') return 'unknown';
  const ways = [
    [
      'gdbus',
      'call',
      '--session',
      '--dest',
      BUS,
      '--object-path',
      BUS_PATH,
      '--method',
      ASK,
      WATCHER,
    ],
    [
      'dbus-send',
      '--session',
      '--print-reply',
      `--dest=${BUS}`,
      BUS_PATH,
      ASK,
      `string:${WATCHER}`,
    ],
  ] as const;
  for (const [program, ...args] of ways) {
    const said = await run(program, args).catch(() => undefined);
    if (said === undefined) continue;
    return /\btrue\b/.test(said) ? 'there' : 'missing';
  }
  return 'unknown';
}

/** Logged in with the desktop, we may be here before its panel. */
const LOOK_AGAIN_AFTER_MS = [2000, 5000, 10_000, 20_000, 40_000, 60_000];

/** Calls `onThere` once there is one, now or in the next minutes. Returns how to stop looking. */
export function awaitTrayHost(
  first: TrayHost,
  onThere: () => void,
  look: () => Promise<TrayHost> = lookForTrayHost,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let times = 0;

  function found(host: TrayHost): void {
    const waitMs = LOOK_AGAIN_AFTER_MS[times];
    times += 1;
    if (host !== 'missing') return onThere();
    if (waitMs !== undefined) timer = setTimeout(() => void look().then(found), waitMs);
  }

  found(first);
  return () => {
    times = LOOK_AGAIN_AFTER_MS.length;
    clearTimeout(timer);
  };
}

async function runProgram(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [...args], { timeout: ASK_MS });
  return stdout;
}
