import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What of this system is looked at; tests put their own in its place. */
export type SandboxFacts = {
  /** The file of this very program. */
  readonly program: string;
  readonly isRoot: () => boolean;
  /** The text of a file; undefined where it can't be read. */
  readonly read: (path: string) => string | undefined;
  /** Whose a file is, and what may be done with it; undefined where there is none. */
  readonly look: (path: string) => { readonly uid: number; readonly mode: number } | undefined;
  /** Whether the program came to its end well. */
  readonly run: (program: string, args: readonly string[]) => boolean;
};

const system: SandboxFacts = {
  program: process.execPath,
  isRoot: () => process.getuid?.() === 0,
  read: (path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
  look: (path) => {
    try {
      return statSync(path);
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
 * Whether Chromium has its sandbox on this Linux: of namespaces that it makes itself, or else through its helper, which the deb
 * gives to root where people may make none. For root it has none.
 */
export function hasSandbox(facts: SandboxFacts = system): boolean {
  return !facts.isRoot() && (canMakeNamespaces(facts) || hasHelper(facts));
}

/** Ubuntu keeps namespaces from programs without a profile; some of its releases give `unshare` one, whose word is not ours then. */
function canMakeNamespaces({ read, run }: SandboxFacts): boolean {
  const needsProfile =
    read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns')?.trim() === '1';
  const profile = read('/proc/self/attr/apparmor/current') ?? read('/proc/self/attr/current');
  if (needsProfile && profile?.replaceAll('\0', '').trim() === 'unconfined') return false;
  return run('unshare', ['--user', '--map-root-user', 'true']);
}

/** The helper is root's and runs as root for everybody, where the system lets any file do so. */
function hasHelper({ program, look, read }: SandboxFacts): boolean {
  const helper = look(join(dirname(program), 'chrome-sandbox'));
  if (helper === undefined || helper.uid !== 0 || (helper.mode & 0o4001) !== 0o4001) return false;
  if (/^NoNewPrivs:\s*1$/m.test(read('/proc/self/status') ?? '')) return false;
  return !isWithoutSetuid(program, read('/proc/self/mountinfo') ?? '');
}

/** In what is mounted like that, as an AppImage is, no file runs as anybody but who starts it, whatever its mode says. */
function isWithoutSetuid(path: string, mounts: string): boolean {
  let nearest = { at: '', options: '' };
  for (const line of mounts.split('\n')) {
    const [, , , , written = '', options = ''] = line.split(' ');
    const at = written.replaceAll(/\\(\d{3})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 8)),
    );
    const isAround = at === '/' || path.startsWith(`${at}/`);
    // What is mounted later lies over what was there.
    if (at !== '' && isAround && at.length >= nearest.at.length) nearest = { at, options };
  }
  return nearest.options.split(',').includes('nosuid');
}
