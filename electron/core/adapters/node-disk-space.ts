import { statfs } from 'node:fs/promises';
import type { DiskSpace } from '../ports.ts';
import { driveLabel } from './drive-label.ts';

/** `bavail` and not `bfree`: what the system keeps back for root is not ours to promise. */
export const nodeDiskSpace: DiskSpace = {
  read: async (folder) => {
    try {
      const { bavail, blocks, bsize } = await statfs(folder, { bigint: true });
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    } catch {
      // Whatever the reason, the room behind this folder is unknown; callers treat it as missing.
      return undefined;
    }
  },
  label: driveLabel,
};
