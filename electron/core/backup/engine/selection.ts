import { closeSync, lstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { FileRulesText } from '../../../../shared/model/backup-plan.ts';
import { below, bytePath, type BytePath, onDisk, textOf } from './byte-paths.ts';
import { CACHE_TAG, CACHE_TAG_NAME, compileCachePlaces } from './cache-places.ts';
import { cloudRoots, isInCloud, isPlaceholder } from './cloud-files.ts';
import { relativePatterns } from './exclude.ts';
import { systemCode } from './file-faults.ts';
import { compileIgnore, type IgnoreRules } from './gitignore.ts';

/**
 * What belongs into a backup and what does not: the one place that knows, for the backup itself, for the count of
 * what is left to do and for the estimate before the first.
 */
export type Selection = {
  /** A folder that the person has chosen: it is taken whatever the rules say of it. Throws the system's error. */
  readonly choose: (path: BytePath) => Folder;
  /** The names in a folder, in the order of their bytes. Throws the system's error. */
  readonly names: (folder: Folder) => readonly BytePath[];
  /** An entry of a folder. `undefined`: it went away meanwhile. Throws the system's error. */
  readonly look: (folder: Folder, name: BytePath) => Entry | undefined;
  /** The folder behind an entry that is one. */
  readonly enter: (folder: Folder, entry: Entry) => Folder;
};

export type Folder = {
  readonly path: BytePath;
  readonly name: string;
  readonly above: Folder | undefined;
  readonly device: bigint;
  readonly inode: bigint;
  readonly inCloud: boolean;
  readonly rules: IgnoreRules;
};

export type Entry = {
  readonly name: BytePath;
  readonly path: BytePath;
  readonly stat: BigIntStats;
  readonly verdict: Verdict;
};

/**
 * - `own`: what this program keeps, its books or what friends keep here.
 * - `loop`: a folder that is one of those above it once more (a mount inside itself).
 */
export type Verdict = 'take' | 'own' | 'excluded' | 'cache' | 'cloud' | 'too-large' | 'loop';

export type SelectionWish = {
  readonly rules: FileRulesText;
  /** Folders of the program's own. */
  readonly leaveOut: readonly string[];
};

export type Surroundings = {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

export function createSelection(
  { rules, leaveOut }: SelectionWish,
  { platform, home, env }: Surroundings = here(),
): Selection {
  const ignoreCase = platform === 'win32' || platform === 'darwin';
  const isCachePlace = rules.caches ? compileCachePlaces({ platform, home }) : () => false;
  const maxBytes = rules.maxFileBytes === null ? undefined : BigInt(rules.maxFileBytes);
  const roots = cloudRoots({ platform, home, env, hasICloudDesktop: hasICloudDesktop(home) });
  const own = new Set(leaveOut.map(bytePath));
  // The same folder by another way: a mount, a drive with two letters, other case.
  const ownIds = new Set(leaveOut.flatMap((path) => idOf(path) ?? []));

  function verdictOf(folder: Folder, name: BytePath, path: BytePath, stat: BigIntStats): Verdict {
    const isFolder = stat.isDirectory();
    if (own.has(path) || (isFolder && ownIds.has(`${stat.dev}:${stat.ino}`))) return 'own';
    const text = normal(textOf(name), platform);
    const names = () => [...namesAbove(folder), text];
    const said = folder.rules.decide({ name: text, isFolder, names });
    if (said === true) return 'excluded';
    // Who names something by `!` wants it, whatever it is.
    const isWanted = said === false;
    if (!isWanted && isCachePlace(text, () => textOf(path))) return 'cache';
    if (isFolder) return isAbove(folder, stat) ? 'loop' : 'take';
    if (!stat.isFile()) return 'take';
    const { size, blocks } = stat;
    const { inCloud } = folder;
    if (
      isPlaceholder({
        platform,
        inCloud,
        name: text,
        sizeBytes: Number(size),
        blocks: Number(blocks),
      })
    )
      return 'cloud';
    return !isWanted && maxBytes !== undefined && size > maxBytes ? 'too-large' : 'take';
  }

  return {
    choose: (path) => {
      const chosen = textOf(path);
      const stat = statSync(onDisk(path), { bigint: true });
      const patterns = relativePatterns(rules.exclude, chosen, platform);
      return {
        path,
        name: '',
        above: undefined,
        device: stat.dev,
        inode: stat.ino,
        inCloud: isInCloud(chosen, roots, platform),
        rules: compileIgnore(
          patterns.map((pattern) => normal(pattern, platform)),
          { ignoreCase },
        ),
      };
    },
    names: (folder) => {
      const names: BytePath[] = readdirSync(onDisk(folder.path), 'latin1').sort(byBytes);
      // Only the mark itself stays, so that the restored folder is marked again. A folder that was chosen was meant.
      const isCache = rules.caches && folder.above !== undefined && names.includes(CACHE_TAG_NAME);
      return isCache && hasTag(folder.path) ? [CACHE_TAG_NAME] : names;
    },
    look: (folder, name) => {
      const path = below(folder.path, name);
      const stat = lstatSync(onDisk(path), { bigint: true, throwIfNoEntry: false });
      return stat && { name, path, stat, verdict: verdictOf(folder, name, path, stat) };
    },
    enter: (above, { name, path, stat }) => ({
      path,
      name: normal(textOf(name), platform),
      above,
      device: stat.dev,
      inode: stat.ino,
      // Without roots nothing is looked at: this is asked once per folder.
      inCloud: above.inCloud || isInCloud(textOf(path), roots, platform),
      rules: above.rules,
    }),
  };
}

function here(): Surroundings {
  return { platform: process.platform, home: homedir(), env: process.env };
}

function byBytes(one: BytePath, other: BytePath): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** macOS writes ü as u and two dots in names, and as one letter in what a person types. */
function normal(text: string, platform: NodeJS.Platform): string {
  return platform === 'darwin' ? text.normalize('NFC') : text;
}

function namesAbove(folder: Folder): string[] {
  const names: string[] = [];
  for (let at: Folder | undefined = folder; at?.above !== undefined; at = at.above)
    names.push(at.name);
  return names.reverse();
}

function isAbove(folder: Folder, { dev, ino }: BigIntStats): boolean {
  // Some file systems of networks and of Windows number nothing.
  if (ino === 0n) return false;
  for (let at: Folder | undefined = folder; at !== undefined; at = at.above)
    if (at.inode === ino && at.device === dev) return true;
  return false;
}

function hasTag(folder: BytePath): boolean {
  try {
    const path = onDisk(below(folder, CACHE_TAG_NAME));
    if (!lstatSync(path).isFile()) return false;
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(CACHE_TAG.length);
      return readSync(file, bytes, 0, bytes.length, 0) === bytes.length && bytes.equals(CACHE_TAG);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    systemCode(error);
    return false;
  }
}

function idOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return ino === 0n ? undefined : `${dev}:${ino}`;
  } catch (error) {
    systemCode(error);
    return undefined;
  }
}

/** There iCloud shows Desktop and Documents too if it keeps them. */
function hasICloudDesktop(home: string): boolean {
  try {
    lstatSync(join(home, 'Library', 'Mobile Documents', 'com~apple~CloudDocs', 'Desktop'));
    return true;
  } catch (error) {
    systemCode(error);
    return false;
  }
}

/** Without those that lie in another of them, which are in a backup anyway. */
export function outermost(folders: readonly BytePath[]): readonly BytePath[] {
  return folders.filter(
    (folder) => !folders.some((other) => other !== folder && folder.startsWith(below(other, ''))),
  );
}
