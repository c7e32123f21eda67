import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { commandLine } from './command-line.ts';

/** Where Electron says that things lie; the environment decides, so that tests keep to their own folders. */
export type AppPackage = {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
};

/** The package that main belongs to: the nearest one above it. */
export function packageOf(main: string): AppPackage {
  let folder = dirname(main);
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) return { folder: dirname(main), name: 'app', version: '0.0.0' };
    folder = dirname(folder);
  }
  const { productName, name, version } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as { readonly productName?: string; readonly name?: string; readonly version?: string };
  return { folder, name: productName ?? name ?? 'app', version: version ?? '0.0.0' };
}

function appData(): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  if (process.platform === 'win32')
    return process.env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming');
  return process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
}

const IN_HOME = {
  desktop: 'Desktop',
  documents: 'Documents',
  downloads: 'Downloads',
  music: 'Music',
  pictures: 'Pictures',
  videos: 'Videos',
} as const;

export function createPaths(name: () => string) {
  const chosen = new Map<string, string>();

  function userData(): string {
    const path = commandLine.getSwitchValue('user-data-dir');
    return path === '' ? join(appData(), name()) : path;
  }

  function defaultPath(which: string): string {
    switch (which) {
      case 'home':
        return homedir();
      case 'appData':
        return appData();
      case 'userData':
        return userData();
      case 'sessionData':
        return get('userData');
      case 'logs':
        return join(get('userData'), 'logs');
      case 'crashDumps':
        return join(get('userData'), 'Crashpad');
      case 'temp':
        return tmpdir();
      case 'exe':
      case 'module':
        return process.execPath;
      default: {
        const folder = IN_HOME[which as keyof typeof IN_HOME];
        if (folder === undefined) throw new Error(`Failed to get '${which}' path`);
        return join(homedir(), folder);
      }
    }
  }

  function get(which: string): string {
    const path = chosen.get(which) ?? defaultPath(which);
    if (which === 'userData' || which === 'logs') mkdirSync(path, { recursive: true });
    return path;
  }

  return { get, set: (which: string, path: string) => chosen.set(which, path) };
}
