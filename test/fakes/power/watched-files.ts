import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { dirname } from 'node:path';
import type { DiskStep } from './falling-disk.ts';

/**
 * The port through which everything here reaches files is Node's own `fs`; so this stands in front of it. Whatever is done
 * below `root` is done, and told: which call it was before it is made (so that a test can let it fail), and what it did to
 * the disk afterwards. Only this thread's calls are seen.
 */
export type FileWatcher = {
  /** Before each call; the code of an error makes it fail with that one. `half`: of a write, a part is made first. */
  readonly before?: (call: FileCall) => string | undefined;
  readonly after?: (step: DiskStep) => void;
  /** So many steps were done before this watcher came. */
  readonly stepsBefore?: number;
};

export type FileCall = {
  readonly name: string;
  readonly path: string;
  /** Changes what lies on the disk, or flushes it. */
  readonly isWrite: boolean;
};

type Any = (...args: unknown[]) => unknown;
type Functions = Record<string, Any>;

const OPENS_TO_WRITE = /[wa+]/;
/** Where a file that only this watcher knows gets its bytes from a single call. */
const READERS = ['readFile', 'stat', 'lstat', 'readdir', 'access', 'opendir', 'realpath'] as const;

/** Never the same twice, so that a disk can be handed from one watcher to the next. */
let handles = 0;

export function watchFiles(
  root: string,
  { before, after, stepsBefore = 0 }: FileWatcher,
): () => void {
  const plain = fs as unknown as Functions;
  const promises = fs.promises as unknown as Functions;
  const undo: (() => void)[] = [];
  const descriptors = new Map<number, Opened>();
  let steps = stepsBefore;

  function isOurs(path: unknown): boolean {
    return typeof path === 'string' && (path === root || path.startsWith(`${root}/`));
  }

  function tell(step: DiskStep): void {
    steps += 1;
    after?.(step);
  }

  /** Throws where the test wants it to. */
  function ask(name: string, path: string, isWrite: boolean): void {
    const code = before?.({ name, path, isWrite });
    if (code !== undefined) throw failure(code, name, path);
  }

  function replace(target: Functions, name: string, by: (real: Any) => Any): void {
    const real = target[name];
    if (real === undefined) return;
    target[name] = by(real.bind(target));
    undo.push(() => {
      target[name] = real;
    });
  }

  /** A call about one path, with what it did. */
  function onPath(
    name: string,
    {
      isWrite = true,
      look = () => undefined,
      did,
    }: {
      readonly isWrite?: boolean;
      /** What must be known of the disk before the call. */
      readonly look?: (args: readonly unknown[]) => unknown;
      readonly did?: (args: readonly unknown[], seen: unknown) => readonly DiskStep[];
    },
  ): void {
    replace(promises, name, (real) => async (...args) => {
      if (!isOurs(args[0])) return real(...args);
      ask(name, String(args[0]), isWrite);
      const seen = look(args);
      const value = await real(...args);
      for (const step of did?.(args, seen) ?? []) tell(step);
      return value;
    });
    replace(plain, `${name}Sync`, (real) => (...args) => {
      if (!isOurs(args[0])) return real(...args);
      ask(name, String(args[0]), isWrite);
      const seen = look(args);
      const value = real(...args);
      for (const step of did?.(args, seen) ?? []) tell(step);
      return value;
    });
  }

  type Opened = { readonly handle: number; readonly path: string; at: number; isAppend: boolean };

  function opened(path: string, flags: string, wasThere: boolean): Opened {
    handles += 1;
    const makes = /[wa]/.test(flags) && !wasThere;
    tell({ kind: 'open', handle: handles, path, makes, empties: flags.includes('w') && wasThere });
    return { handle: handles, path, at: 0, isAppend: flags.includes('a') };
  }

  function wrote(file: Opened, bytes: Uint8Array, position: unknown, sizeBefore: number): void {
    const at = typeof position === 'number' ? position : file.isAppend ? sizeBefore : file.at;
    if (typeof position !== 'number') file.at = at + bytes.length;
    // The caller may fill its memory again.
    if (bytes.length > 0)
      tell({ kind: 'write', handle: file.handle, at, bytes: Uint8Array.from(bytes) });
  }

  /** What is written by name is opened, written and closed. */
  function whole(path: string, content: unknown, flags: string, wasThere: boolean): void {
    const file = opened(path, flags, wasThere);
    const bytes = bytesOf(content);
    wrote(file, bytes, undefined, fs.lstatSync(path).size - bytes.length);
  }

  function watchHandle(handle: FileHandle, file: Opened): void {
    const own = handle as unknown as Functions;
    const wrap = (name: string, by: (real: Any) => Any) => {
      const real = own[name];
      if (real !== undefined) own[name] = by(real.bind(handle));
    };
    const size = () => fs.fstatSync(handle.fd).size;
    wrap('write', (real) => async (...args) => {
      ask('write', file.path, true);
      const sizeBefore = size();
      const [data, offset, length, position] = args;
      const done = (await real(...args)) as { readonly bytesWritten: number };
      const start = typeof data === 'string' ? 0 : Number(offset ?? 0);
      const bytes = bytesOf(data).subarray(start, start + done.bytesWritten);
      wrote(file, bytes, typeof data === 'string' ? offset : (position ?? undefined), sizeBefore);
      void length;
      return done;
    });
    wrap('writev', (real) => async (...args) => {
      ask('write', file.path, true);
      const sizeBefore = size();
      const done = (await real(...args)) as { readonly bytesWritten: number };
      const bytes = Buffer.concat(args[0] as Uint8Array[]).subarray(0, done.bytesWritten);
      wrote(file, bytes, args[1], sizeBefore);
      return done;
    });
    wrap('writeFile', (real) => async (...args) => {
      ask('write', file.path, true);
      const sizeBefore = size();
      await real(...args);
      wrote(file, bytesOf(args[0]), undefined, sizeBefore);
    });
    wrap('truncate', (real) => async (...args) => {
      ask('truncate', file.path, true);
      await real(...args);
      tell({ kind: 'cut', handle: file.handle, length: Number(args[0] ?? 0) });
    });
    for (const name of ['sync', 'datasync'])
      wrap(name, (real) => async () => {
        ask(name, file.path, true);
        const since = steps;
        await real();
        tell({ kind: 'flush', handle: file.handle, since: since + 1 });
      });
    for (const name of ['read', 'stat', 'readFile'])
      wrap(name, (real) => async (...args) => {
        ask(name, file.path, false);
        return real(...args);
      });
  }

  replace(promises, 'open', (real) => async (...args) => {
    const [path, flags = 'r'] = args;
    if (!isOurs(path)) return real(...args);
    const mode = typeof flags === 'string' ? flags : 'r';
    ask('open', String(path), OPENS_TO_WRITE.test(mode));
    const wasThere = fs.existsSync(String(path));
    const handle = (await real(...args)) as FileHandle;
    watchHandle(handle, opened(tidy(String(path)), mode, wasThere));
    return handle;
  });
  replace(plain, 'openSync', (real) => (...args) => {
    const [path, flags = 'r'] = args;
    if (!isOurs(path)) return real(...args);
    const mode = typeof flags === 'string' ? flags : 'r';
    ask('open', String(path), OPENS_TO_WRITE.test(mode));
    const wasThere = fs.existsSync(String(path));
    const descriptor = real(...args) as number;
    descriptors.set(descriptor, opened(tidy(String(path)), mode, wasThere));
    return descriptor;
  });
  replace(plain, 'closeSync', (real) => (...args) => {
    descriptors.delete(Number(args[0]));
    return real(...args);
  });
  replace(plain, 'writeSync', (real) => (...args) => {
    const file = descriptors.get(Number(args[0]));
    if (file === undefined) return real(...args);
    ask('write', file.path, true);
    const sizeBefore = fs.fstatSync(Number(args[0])).size;
    const length = real(...args) as number;
    wrote(file, bytesOf(args[1]).subarray(0, length), undefined, sizeBefore);
    return length;
  });
  for (const name of ['fsync', 'fdatasync'])
    replace(plain, `${name}Sync`, (real) => (...args) => {
      const file = descriptors.get(Number(args[0]));
      if (file !== undefined) ask(name, file.path, true);
      const value = real(...args);
      if (file !== undefined) tell({ kind: 'flush', handle: file.handle, since: steps + 1 });
      return value;
    });
  replace(plain, 'ftruncateSync', (real) => (...args) => {
    const file = descriptors.get(Number(args[0]));
    if (file !== undefined) ask('truncate', file.path, true);
    const value = real(...args);
    if (file !== undefined)
      tell({ kind: 'cut', handle: file.handle, length: Number(args[1] ?? 0) });
    return value;
  });
  for (const [name, flags] of [
    ['writeFile', 'w'],
    ['appendFile', 'a'],
  ] as const)
    onPath(name, {
      look: ([path]) => fs.existsSync(String(path)),
      did: ([path, content], wasThere) => {
        whole(tidy(String(path)), content, flags, wasThere === true);
        return [];
      },
    });
  onPath('mkdir', {
    look: ([path, options]) => missingFolders(String(path), options),
    did: (_args, missing) =>
      (missing as readonly string[]).map((path) => ({ kind: 'make-folder', path })),
  });
  onPath('rename', {
    did: ([from, to]) => [{ kind: 'rename', from: tidy(String(from)), to: tidy(String(to)) }],
  });
  for (const name of ['unlink', 'rmdir'])
    onPath(name, { did: ([path]) => [{ kind: 'remove', path: tidy(String(path)) }] });
  onPath('rm', {
    look: ([path]) => everythingIn(tidy(String(path))),
    did: (_args, all) => (all as readonly string[]).map((path) => ({ kind: 'remove', path })),
  });
  for (const name of READERS) onPath(name, { isWrite: false });
  syncBuiltinESMExports();
  return () => {
    for (const each of undo.toReversed()) each();
    syncBuiltinESMExports();
  };
}

/** The folder itself is meant by `folder/.` too. */
function tidy(path: string): string {
  return path.replace(/\/\.?$/, '');
}

function bytesOf(content: unknown): Uint8Array {
  if (typeof content === 'string') return Buffer.from(content);
  const view = content as Uint8Array;
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function missingFolders(path: string, options: unknown): readonly string[] {
  const isDeep = (options as { readonly recursive?: boolean } | undefined)?.recursive === true;
  const missing: string[] = [];
  for (let folder = tidy(path); !fs.existsSync(folder); folder = dirname(folder)) {
    missing.unshift(folder);
    if (!isDeep) break;
  }
  return missing;
}

/** In the order in which they can be removed. */
function everythingIn(path: string): readonly string[] {
  const found = fs.lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path];
  return [...fs.readdirSync(path).flatMap((name) => everythingIn(`${path}/${name}`)), path];
}

function failure(code: string, syscall: string, path: string): Error {
  const error = new Error(`${code}: made to fail, ${syscall} '${path}'`);
  return Object.assign(error, { code, syscall, path });
}
