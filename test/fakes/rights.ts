import { stat } from 'node:fs/promises';
import { expect } from 'vitest';

/** Who may reach a file or a folder. Windows knows no such rights: there it is the user's own folder that keeps others out. */
export async function expectRights(path: string, rights: number): Promise<void> {
  const { mode } = await stat(path);
  if (process.platform !== 'win32') expect(mode & 0o777, path).toBe(rights);
}
