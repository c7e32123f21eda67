import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Fault, fault } from '../../shared/fault.ts';

/** Whether a folder is there and is one. */
export async function isFolder(path: string): Promise<boolean> {
  return (await noFolder(path)) === undefined;
}

/** Why it is none: nothing is there, a file lies where it, or one above it, should be, or nobody may look. `undefined`: it is one. */
export async function noFolder(path: string): Promise<Fault | undefined> {
  for (let at = path; ; at = dirname(at)) {
    try {
      const isOne = (await stat(at)).isDirectory();
      if (!isOne) return fault('not-a-folder', { folder: at });
      return at === path ? undefined : fault('folder-missing', { folder: path });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM')
        return fault('folder-unreadable', { folder: path });
      if (code !== 'ENOTDIR' || at === dirname(at))
        return fault('folder-missing', { folder: path });
    }
  }
}
