import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Whether anybody shows tray icons. On Linux that is another program, which may be missing (GNOME without
 * its extension) or start later than we do; Electron makes a tray all the same, and nobody sees it. The
 * one that shows them owns a name on the session bus.
 */
export type TrayHost = 'there' | 'missing' | 'unknown';

const WATCHER = 'org.kde.StatusNotifierWatcher';
const ASK_MS = 2000;

export async function lookForTrayHost(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  run: (program: string, args: readonly string[]) => Promise<string> = runProgram,
): Promise<TrayHost> {
  if (platform !== 'linux') return 'there';
  // Without a session bus an old-style panel may show the icon; there is nobody to ask.
  if ((env['DBUS_SESSION_BUS_ADDRESS'] ?? '') === '') return 'unknown';
  const bus = [
    'org.freedesktop.DBus',
    '/org/freedesktop/DBus',
    'org.freedesktop.DBus.NameHasOwner',
  ];
  const [to = '', path = '', method = ''] = bus;
  const ways = [
    [
      'gdbus',
      'call',
      '--session',
      '--dest',
      to,
      '--object-path',
      path,
      '--method',
      method,
      WATCHER,
    ],
    ['dbus-send', '--session', '--print-reply', `--dest=${to}`, path, method, `string:${WATCHER}`],
  ] as const;
  for (const [program, ...args] of ways) {
    const said = await run(program, args).catch(() => undefined);
    if (said === undefined) continue;
    return /\btrue\b/.test(said) ? 'there' : 'missing';
  }
  return 'unknown';
}

async function runProgram(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [...args], { timeout: ASK_MS });
  return stdout;
}
