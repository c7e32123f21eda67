import { stat } from 'node:fs/promises';

/** Whether a folder is there and is one. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
