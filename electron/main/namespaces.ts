import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What of this system is looked at; tests put their own in its place. */
export type NamespaceFacts = {
  readonly isRoot: () => boolean;
  /** The text of a file; undefined where it can't be read. */
  readonly read: (path: string) => string | undefined;
  /** Whether the program came to its end well. */
  readonly run: (program: string, args: readonly string[]) => boolean;
};

const system: NamespaceFacts = {
  isRoot: () => process.getuid?.() === 0,
  read: (path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
  run: (program, args) => {
    try {
      execFileSync(program, args, { stdio: 'ignore', timeout: 5000 });
      return true;
    } catch {
      return false;
    }
  },
};

/**
 * Whether Chromium could make the namespaces here that its sandbox on Linux is made of. Root's it never makes. Ubuntu keeps them
 * from programs without a profile, and some of its releases give `unshare` one, so that its word says nothing about us.
 */
export function canMakeNamespaces({ isRoot, read, run }: NamespaceFacts = system): boolean {
  if (isRoot()) return false;
  const needsProfile =
    read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns')?.trim() === '1';
  const profile = read('/proc/self/attr/apparmor/current') ?? read('/proc/self/attr/current');
  if (needsProfile && profile?.replaceAll('\0', '').trim() === 'unconfined') return false;
  return run('unshare', ['--user', '--map-root-user', 'true']);
}
