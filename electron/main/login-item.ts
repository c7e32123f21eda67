import { readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { App } from 'electron';
import { makeMissing, writeDurably } from '../core/database/durable-file.ts';
import type { Logger } from '../core/ports.ts';
import { HIDDEN } from './arguments.ts';
import { desktopEntry, isSwitchedOff } from './desktop-entry.ts';

/**
 * Starting when the person logs in, in the tray. Windows and macOS keep a list of their own; on Linux a
 * file in the autostart folder does it, which Electron does not write.
 */
export type LoginItem = {
  /** Makes it so if it is not. False: the system did not take it, and it is as it was. Never rejects. */
  readonly set: (isWanted: boolean) => Promise<boolean>;
};

const FILE_NAME = 'allotment.desktop';

export function createLoginItem({
  app,
  name,
  comment,
  log,
  platform = process.platform,
  env = process.env,
}: {
  readonly app: Pick<App, 'setLoginItemSettings' | 'isPackaged' | 'getAppPath'>;
  readonly name: string;
  readonly comment: () => string;
  readonly log: Logger;
  readonly platform?: NodeJS.Platform;
  readonly env?: NodeJS.ProcessEnv;
}): LoginItem {
  let applied: boolean | undefined;
  let isStart = true;
  let writing: Promise<unknown> = Promise.resolve();

  async function apply(isWanted: boolean): Promise<void> {
    if (applied === isWanted) return;
    const isFirst = isStart;
    isStart = false;
    await change(isWanted, isFirst);
    applied = isWanted;
  }

  async function change(isWanted: boolean, isFirst: boolean): Promise<void> {
    // What the person has changed in the system's own settings meanwhile stays until they say otherwise
    // in ours. What was not wanted before this start may be another home's.
    if (isFirst && (!isWanted || platform !== 'linux')) return;
    if (platform !== 'linux') return setItem(isWanted);
    const folder = join(configFolder(env), 'autostart');
    const file = join(folder, FILE_NAME);
    if (!isWanted) return rm(file, { force: true });
    const kept = await readFile(file, 'utf8').catch(() => undefined);
    const text = desktopEntry({ name, comment: comment(), exec: [...command(), HIDDEN] });
    // At a start only what moved is mended: an AppImage may lie elsewhere now.
    if (kept === text || (isFirst && (kept === undefined || isSwitchedOff(kept)))) return;
    await makeMissing(folder);
    await writeDurably(file, text, { mode: 0o644 });
  }

  /** Windows wants blanks in arguments quoted; macOS takes none, and says itself that it opened us at login. */
  function setItem(isWanted: boolean): void {
    const [path = '', ...rest] = command();
    const args = [...rest, HIDDEN].map((each) => (/\s/.test(each) ? `"${each}"` : each));
    app.setLoginItemSettings({ openAtLogin: isWanted, path, args });
  }

  function command(): readonly string[] {
    // Run from an AppImage, the program itself lies in a folder that is gone after it ends.
    const program = env['APPIMAGE'] ?? process.execPath;
    const home = env['ALLOTMENT_HOME'] ?? '';
    return [
      ...(platform === 'linux' && home !== '' ? ['env', `ALLOTMENT_HOME=${home}`] : []),
      program,
      ...(app.isPackaged ? [] : [app.getAppPath()]),
    ];
  }

  return {
    set: (isWanted) => {
      const written = writing
        .then(() => apply(isWanted))
        .then(
          () => true,
          (error: unknown) => {
            applied = !isWanted;
            log.error('the login item was not changed', { isWanted, error: String(error) });
            return false;
          },
        );
      writing = written;
      return written;
    },
  };
}

/** The XDG specification wants relative paths ignored. */
function configFolder(env: NodeJS.ProcessEnv): string {
  const chosen = env['XDG_CONFIG_HOME'] ?? '';
  return isAbsolute(chosen) ? chosen : join(homedir(), '.config');
}
