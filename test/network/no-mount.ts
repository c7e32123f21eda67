import { spawnSync } from 'node:child_process';

/** Why no file system can be mounted here for a test, where nobody else sees it; undefined: it can. */
export function whyNoMount(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux mounts';
  const probe = spawnSync('unshare', ['-m', 'true']);
  return probe.status === 0 ? undefined : 'this machine allows no mounts';
}
