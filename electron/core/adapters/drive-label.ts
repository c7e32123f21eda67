import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, join, parse } from 'node:path';

/**
 * What people call a drive. Linux names those with a label below /dev/disk/by-label, and mounts what is plugged in where its
 * label is the last part of the path; macOS does so below /Volumes; Windows has letters. The system's own drive has no name
 * that would tell anybody which one is meant.
 */
export async function driveLabel(folder: string): Promise<string | undefined> {
  try {
    const real = await realpath(folder);
    switch (process.platform) {
      case 'win32':
        return parse(real).root.replace(/\\+$/, '') || undefined;
      case 'darwin':
        return /^\/Volumes\/([^/]+)/.exec(real)?.[1];
      default:
        return await onLinux(real);
    }
  } catch {
    return undefined;
  }
}

async function onLinux(real: string): Promise<string | undefined> {
  const mount = mountOf(await readFile('/proc/self/mounts', 'utf8'), real);
  if (mount === undefined || mount.point === '/') return undefined;
  return (await labelOf(mount.device)) ?? (basename(mount.point) || undefined);
}

/** The deepest mount that holds the path; of two at one place the later one lies on top. */
export function mountOf(
  mounts: string,
  path: string,
): { readonly device: string; readonly point: string } | undefined {
  let found: { readonly device: string; readonly point: string } | undefined;
  for (const line of mounts.split('\n')) {
    const [device = '', point = ''] = line.split(' ').map(unescaped);
    const holds = point === '/' ? path.startsWith('/') : `${path}/`.startsWith(`${point}/`);
    if (point !== '' && holds && point.length >= (found?.point.length ?? 0))
      found = { device, point };
  }
  return found;
}

async function labelOf(device: string): Promise<string | undefined> {
  const folder = '/dev/disk/by-label';
  const real = await realpath(device).catch(() => device);
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const its = await realpath(join(folder, name)).catch(() => undefined);
    if (its === real) return hexEscaped(name);
  }
  return undefined;
}

/** Blanks and the like in /proc/self/mounts (getmntent(3)). */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** And in names that udev makes. */
function hexEscaped(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
