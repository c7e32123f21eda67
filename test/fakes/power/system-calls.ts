import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DiskStep } from './falling-disk.ts';

/**
 * What a whole program does to its disk, SQLite's own writes included, as the system saw it (strace). What it prints stands
 * between the calls at its place: a line is something that it has told.
 */
export type Called = { readonly step: DiskStep } | { readonly told: string };

const CALLS =
  'openat,write,writev,pwrite64,pwritev,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,link,linkat,copy_file_range,sendfile';

/** It may be there and not be allowed to look. */
export const HAS_STRACE =
  process.platform === 'linux' &&
  spawnSync('strace', ['-qq', '-e', 'trace=fsync', 'true'], { stdio: 'ignore' }).status === 0;

/** Runs a program to its end; what it does below `root` is answered in order. */
export function recordCalls(
  root: string,
  program: string,
  args: readonly string[],
): readonly Called[] {
  const place = mkdtempSync(join(tmpdir(), 'allotment-calls-'));
  const log = join(place, 'calls');
  try {
    const options = ['-f', '-y', '-qq', '-xx', '-s', '10000000', '-e', `trace=${CALLS}`, '-o', log];
    const run = spawnSync('strace', [...options, process.execPath, program, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (run.status !== 0) throw new Error(`the program ended with ${run.status}`);
    return read(readFileSync(log, 'latin1'), root);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

type Line = {
  readonly call: string;
  readonly args: string;
  readonly result: number;
  readonly made: string;
};

/** One call a line; one that another thread's came between is put together again. */
function* linesOf(log: string): Generator<Line> {
  const halves = new Map<string, string>();
  for (const line of log.split('\n')) {
    const [, thread = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const begun = /^(.*) <unfinished \.\.\.>$/.exec(text)?.[1];
    if (begun !== undefined) {
      halves.set(thread, begun);
      continue;
    }
    const rest = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1];
    const whole = rest === undefined ? text : `${halves.get(thread) ?? ''}${rest}`;
    const found = /^(\w+)\((.*)\) += (-?\d+)(?:<([^>]*)>)?/.exec(whole);
    if (found === null) continue;
    const [, call = '', args = '', result = '', made = ''] = found;
    yield { call, args, result: Number(result), made };
  }
}

function read(log: string, root: string): readonly Called[] {
  const called: Called[] = [];
  const positions = new Map<string, number>();
  let handle = 1_000_000;
  let steps = 0;
  let printed = '';

  const isOurs = (path: string) => path === root || path.startsWith(`${root}/`);
  function tell(step: DiskStep): void {
    steps += 1;
    called.push({ step });
  }
  function open(path: string, more: { readonly makes?: boolean; readonly empties?: boolean }) {
    handle += 1;
    tell({ kind: 'open', handle, path, ...more });
    return handle;
  }

  for (const { call, args, result, made } of linesOf(log)) {
    if (result < 0) continue;
    const file = /^(\d+)<([^>]*)>/.exec(args);
    const descriptor = file?.[1] ?? '';
    const path = text(file?.[2] ?? '');
    const strings = [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex = '']) => hex);
    switch (call) {
      case 'openat': {
        const opened = text(made);
        positions.set(`${result}`, 0);
        if (!isOurs(opened) || !args.includes('O_CREAT')) break;
        open(opened, { makes: true, empties: args.includes('O_TRUNC') });
        break;
      }
      case 'write':
      case 'writev':
      case 'pwrite64':
      case 'pwritev': {
        const bytes = Buffer.concat(strings.map(bytesOf)).subarray(0, result);
        if (descriptor === '1') {
          printed += bytes.toString();
          const lines = printed.split('\n');
          printed = lines.pop() ?? '';
          for (const told of lines) called.push({ told });
        }
        if (!isOurs(path)) break;
        const given = call.startsWith('p') ? Number(/, (\d+)$/.exec(args)?.[1]) : undefined;
        const at = given ?? positions.get(descriptor) ?? 0;
        if (given === undefined) positions.set(descriptor, at + result);
        tell({ kind: 'write', handle: open(path, {}), at, bytes });
        break;
      }
      case 'ftruncate':
        if (isOurs(path))
          tell({ kind: 'cut', handle: open(path, {}), length: Number(/, (\d+)$/.exec(args)?.[1]) });
        break;
      case 'fsync':
      case 'fdatasync': {
        if (!isOurs(path)) break;
        const flushed = open(path, {});
        tell({ kind: 'flush', handle: flushed, since: steps + 1 });
        break;
      }
      case 'mkdir':
        if (isOurs(text(strings[0]))) tell({ kind: 'make-folder', path: text(strings[0]) });
        break;
      case 'rename': {
        const [from, to] = [text(strings[0]), text(strings[1])];
        if (isOurs(from)) tell({ kind: 'rename', from, to });
        break;
      }
      case 'unlink':
      case 'rmdir':
        if (isOurs(text(strings[0]))) tell({ kind: 'remove', path: text(strings[0]) });
        break;
      case 'unlinkat': {
        const [, folder = ''] = /^\w+<([^>]*)>/.exec(args) ?? [];
        const at = join(text(folder), text(strings[0]));
        if (isOurs(at)) tell({ kind: 'remove', path: at });
        break;
      }
      default: {
        // One that nobody thought of must not go unseen.
        const paths = strings.map(text);
        if (isOurs(path) || paths.some(isOurs)) throw new Error(`${call} is not known here`);
      }
    }
  }
  return called;
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex');
}

function text(hex = ''): string {
  return hex.startsWith('\\x') ? bytesOf(hex).toString() : hex;
}
