import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';

/**
 * Tests make and remove small files by the ten thousand. None asks a real disk whether it kept them (power losses are
 * played), and in memory that takes a third of the processor's time and no waits.
 */
const MEMORY = '/dev/shm';
const TMPFS = 0x01021994;
/** Hosts in tests offer 20 GB, which their disk must seem to have; what is written at a time is a part of that. */
const DISK_BYTES = 22 * 1000 ** 3;
const WRITTEN_BYTES = 6 * 1024 ** 3;

/** Where this run's tests keep their files, if that can be in memory. */
export function filesInMemory(): Readonly<Record<string, string>> {
  if (process.env['CI'] === undefined || !existsSync(MEMORY)) return {};
  // What runs that were killed have left takes room that is asked about next.
  clearAfterGone(MEMORY);
  const { type, bavail, bsize } = statfsSync(MEMORY);
  // A container may have less than its machine.
  const mostBytes = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  const hasRoom = bavail * bsize > DISK_BYTES && Math.min(freemem(), mostBytes) > WRITTEN_BYTES;
  const own = type === TMPFS && hasRoom ? ownFolder(MEMORY) : undefined;
  return own === undefined ? {} : { TMPDIR: own };
}

/** A folder of this process's own, gone with it; undefined where no program could be started from there. */
export function ownFolder(memory: string): string | undefined {
  const name = nameOf(process.pid);
  if (name === undefined) return undefined;
  const folder = join(memory, name);
  if (existsSync(folder)) return folder;
  mkdirSync(folder, { mode: 0o700 });
  if (!startsPrograms(folder)) {
    remove(folder);
    return undefined;
  }
  process.once('exit', () => remove(folder));
  return folder;
}

/** Takes away what runs have left whose process is gone. */
export function clearAfterGone(memory: string): void {
  for (const name of readdirSync(memory)) {
    const pid = NAME.exec(name)?.[1];
    // Of a process in another container nothing is known here.
    const isOurs = name.endsWith(`-${namespace()}`);
    if (pid !== undefined && isOurs && nameOf(Number.parseInt(pid, 36)) !== name)
      remove(join(memory, name));
  }
}

const NAME = /^tests-([0-9a-z]+)-[0-9a-z]+-[0-9a-z]+$/;
const short = (number: string | number) => Number(number).toString(36);

/** The process, when it began (its number is given again) and who numbers it; short, because sockets lie below. */
function nameOf(pid: number): string | undefined {
  try {
    // Behind the program's name, which may hold anything.
    const [, rest = ''] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const began = rest.split(' ')[BEGAN];
    return began === undefined ? undefined : `tests-${short(pid)}-${short(began)}-${namespace()}`;
  } catch {
    return undefined;
  }
}

/** The 22nd field of the line, the third being the first behind the name. */
const BEGAN = 19;

function namespace(): string {
  return short(/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0');
}

/** Tests start programs from where their files are; where it is mounted `noexec`, none can be. */
function startsPrograms(folder: string): boolean {
  const program = join(folder, 'starts');
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
  const { status } = spawnSync(program);
  rmSync(program);
  return status === 0;
}

/** Whatever another user has left there stays, and is nobody's trouble. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // What is left is taken away by the next run.
  }
}
