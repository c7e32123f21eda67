import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EngineJob, EngineProblem } from '../../../../electron/core/backup/engine/engine.ts';
import { runEngine } from '../../../../electron/core/backup/engine/engine.ts';
import { createFolderRepositoryStore } from '../../../../electron/core/backup/repository/folder-repository-store.ts';
import type { RepositoryStore } from '../../../../electron/core/backup/repository/repository-store.ts';
import { compareTrees } from '../../../../electron/headless/compare-trees.ts';
import { scratch } from '../../../fakes/homes.ts';
import { initCheaply } from '../../../fakes/init-cheaply.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';
import { hasProgram, restic } from '../../../fakes/programs.ts';

const PASSWORD = 'a password of the test';
const options = { password: PASSWORD };
let place: Awaited<ReturnType<typeof scratch>>;
let source: string;
let out: string;

beforeEach(async () => {
  place = await scratch();
  source = join(place.folder, 'source');
  out = join(place.folder, 'out');
  mkdirSync(source);
});
afterEach(() => place.remove());

async function run(job: EngineJob, store: RepositoryStore) {
  const problems: EngineProblem[] = [];
  const tools = {
    signal: new AbortController().signal,
    progress: () => undefined,
    problem: (problem: EngineProblem) => problems.push(problem),
  };
  const cache = join(place.folder, 'cache');
  const result = await runEngine(job, { store, password: PASSWORD, cache, tools });
  return { result, problems, value: result.ok ? result.value : {} };
}

type Rules = Extract<EngineJob, { kind: 'backup' }>['rules'];
function backup(rules: Partial<Rules> = {}, leaveOut: readonly string[] = []): EngineJob {
  return {
    kind: 'backup',
    folders: [source],
    rules: { exclude: [], caches: false, maxFileBytes: null, ...rules },
    leaveOut,
    hostname: 'test',
  };
}

function restore(): EngineJob {
  return {
    kind: 'restore',
    snapshot: undefined,
    to: out,
    paths: undefined,
    conflict: undefined,
    archive: false,
    journal: undefined,
  };
}

async function emptyStore() {
  const store = createMemoryRepositoryStore();
  await initCheaply(store, PASSWORD);
  return store;
}

/** Until what was written no longer counts as written in the backup's own moment. */
async function becomeOld(): Promise<void> {
  await sleep(2100);
}

/** Kinds of files and folders that have broken backup programs before. */
function fillWithNastyThings(): void {
  const raw = (...bytes: number[]) =>
    Buffer.concat([Buffer.from(`${source}/`), Buffer.from(bytes)]);
  writeFileSync(raw(0x62, 0xff, 0xfe), 'not UTF-8');
  mkdirSync(raw(0xc3, 0x28));
  writeFileSync(Buffer.concat([raw(0xc3, 0x28), Buffer.from('/in it')]), 'x');
  writeFileSync(join(source, 'new\nline "quoted" back\\slash'), 'x');
  writeFileSync(join(source, '},{"name":"'), 'looks like JSON');
  writeFileSync(join(source, '"extended_attributes":'), 'too');
  writeFileSync(join(source, '<&>\u2028'), 'as Go escapes');
  writeFileSync(join(source, 'ü'.repeat(127)), 'long');
  writeFileSync(join(source, 'sparse'), '');
  truncateSync(join(source, 'sparse'), 300_000_000);
  appendFileSync(join(source, 'sparse'), randomBytes(3_000_000));
  truncateSync(join(source, 'sparse'), 400_000_000);
  writeFileSync(join(source, 'edge'), randomBytes(512 * 1024));
  writeFileSync(join(source, 'beyond'), randomBytes(512 * 1024 + 1));
  writeFileSync(join(source, 'chunky'), randomBytes(9_000_001));
  writeFileSync(join(source, 'zero'), Buffer.alloc(5_000_000));
  writeFileSync(join(source, 'empty'), '');
  linkSync(join(source, 'chunky'), join(source, 'hard link'));
  mkdirSync(join(source, 'loop'));
  symlinkSync('../loop', join(source, 'loop', 'again'));
  symlinkSync('.', join(source, 'loop', 'self'));
  symlinkSync('itself', join(source, 'itself'));
  symlinkSync(join(source, 'chunky'), join(source, 'link'));
  mkdirSync(join(source, ...Array.from({ length: 500 }, () => 'd')), { recursive: true });
  chmodSync(join(source, 'beyond'), 0o2741);
}

describe('a backup of nasty files', () => {
  test('brings them all back, holes as holes, and links as links', async () => {
    fillWithNastyThings();
    const store = await emptyStore();
    const kept = await run(backup(), store);
    expect(kept.problems).toEqual([]);
    // Half a gigabyte of holes is a chunk.
    expect(Number(kept.value['bytesAdded'])).toBeLessThan(20_000_000);
    expect((await run(restore(), store)).problems).toEqual([]);
    const same = await compareTrees(source, join(out, 'source'));
    expect(same.differences).toEqual([]);
    expect(same.files).toBe(14);
    expect(statSync(join(out, 'source', 'sparse')).blocks * 512).toBeLessThan(20_000_000);
    const again = await run(backup(), store);
    expect(again.value).toMatchObject({ files: 14, filesNew: 0, filesUnchanged: 14 });
    expect(Number(again.value['bytesAdded'])).toBeLessThan(2000);
  });

  test('goes as deep as the system has names for, and says where it can’t', async () => {
    // Beyond the longest path that the system takes; only step by step one gets there.
    const dig = "for (let i = 0; i < 3000; i += 1) { fs.mkdirSync('d'); process.chdir('d'); }";
    execFileSync(process.execPath, ['-e', dig], { cwd: source });
    writeFileSync(join(source, 'beside'), 'x');
    const store = await emptyStore();
    const kept = await run(backup(), store);
    expect(kept.value).toMatchObject({ files: 1, filesNew: 1 });
    expect(kept.problems.map(({ code, detail }) => `${code} ${detail}`)).toEqual([
      'file-unreadable ENAMETOOLONG',
    ]);
    const check = await run({ kind: 'check', readData: true }, store);
    expect(check.value).toMatchObject({ problems: 0 });
    // `rm` of the system knows how to go that deep.
    execFileSync('rm', ['-rf', join(source, 'd')]);
  });

  test('keeps a folder of many entries in the order of their bytes, whatever is read when', async () => {
    for (let i = 0; i < 1500; i += 1)
      writeFileSync(join(source, `${i}`), i % 100 === 0 ? randomBytes(300_000) : `${i}`);
    const store = await emptyStore();
    expect((await run(backup(), store)).value).toMatchObject({ files: 1500 });
    writeFileSync(join(source, '700'), 'changed');
    writeFileSync(join(source, '700 new'), 'new');
    execFileSync('rm', [join(source, '800')]);
    expect((await run(backup(), store)).value).toMatchObject({ files: 1500, filesNew: 2 });
    await run(restore(), store);
    const same = await compareTrees(source, join(out, 'source'));
    expect(same.differences).toEqual([]);
    expect(same.files).toBe(1500);
  });
});

describe('what is unchanged', () => {
  test('is told by size, times and number, not by the bytes', async () => {
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(source, name), 'before');
    await becomeOld();
    const store = await emptyStore();
    await run(backup(), store);
    // Other bytes with the size and time of before: the system's time of the change tells.
    execFileSync(
      'sh',
      [
        '-c',
        'touch -r a ../stamp && printf "BEFORE" > a && touch -r ../stamp a && mv b ../b && cp -p ../b b && chmod 700 c',
      ],
      { cwd: source },
    );
    const again = await run(backup(), store);
    // `c` is the same file with other rights: its time of change differs, and its bytes do not.
    expect(again.value).toMatchObject({ filesNew: 3, filesUnchanged: 1 });
    await run(restore(), store);
    expect(readFileSync(join(out, 'source', 'a'), 'utf8')).toBe('BEFORE');
  });

  test('is read again where the repository has lost its bytes', async () => {
    writeFileSync(join(source, 'a'), randomBytes(100_000));
    await becomeOld();
    const store = await emptyStore();
    await run(backup(), store);
    for (const key of store.objects.keys())
      if (/^(index|data)/.test(key)) store.objects.delete(key);
    const again = await run(backup(), store);
    expect(again.value).toMatchObject({ files: 1 });
    expect(Number(again.value['bytesAdded'])).toBeGreaterThan(100_000);
    await run(restore(), store);
    expect((await compareTrees(source, join(out, 'source'))).differences).toEqual([]);
  });
});

describe('a pipe', () => {
  test('is told, is no file that failed, and the rest is kept', async () => {
    execFileSync('mkfifo', [join(source, 'pipe')]);
    writeFileSync(join(source, 'kept'), 'x');
    const store = await emptyStore();
    const kept = await run(backup(), store);
    expect(kept.problems.map(({ code }) => code)).toEqual(['special-file']);
    expect(kept.value).toMatchObject({ files: 1, filesFailed: 0 });
  });
});

describe('rules', () => {
  test('leave out what they name, relative to the folder, and our own', async () => {
    for (const path of ['a/x.tmp', 'a/keep', 'logs/x', 'own/plot', '.cache/x', 'tagged/x'])
      write(path);
    write('tagged/CACHEDIR.TAG', 'Signature: 8a477f597d28d172789f06886806bc55');
    write('large', 'x'.repeat(2000));
    const rules = { exclude: ['*.tmp', '/logs/'], caches: true, maxFileBytes: '700' };
    const store = await emptyStore();
    const kept = await run(backup(rules, [join(source, 'own')]), store);
    expect(kept.problems).toEqual([]);
    await run(restore(), store);
    const names = readdirSync(join(out, 'source'), { recursive: true }) as string[];
    // `.cache` is one only in a home.
    expect(new Set(names)).toEqual(
      new Set([
        '.cache',
        join('.cache', 'x'),
        'a',
        join('a', 'keep'),
        'tagged',
        join('tagged', 'CACHEDIR.TAG'),
      ]),
    );
  });

  function write(path: string, content = 'x'): void {
    mkdirSync(join(source, path, '..'), { recursive: true });
    writeFileSync(join(source, path), content);
  }
});

describe.skipIf(!hasProgram('restic'))('stock restic (skipped where it is not installed)', () => {
  test('checks and restores what we wrote of nasty files, also after changes', async () => {
    fillWithNastyThings();
    const folder = join(place.folder, 'repository');
    const store = createFolderRepositoryStore(folder);
    await initCheaply(store, PASSWORD);
    expect((await run(backup(), store)).problems).toEqual([]);
    writeFileSync(join(source, 'chunky'), randomBytes(5_000_000));
    writeFileSync(join(source, 'new'), 'x');
    expect((await run(backup(), store)).value).toMatchObject({ filesNew: 3 });
    expect(await restic(folder, ['check', '--read-data'], options)).toMatchObject({ code: 0 });
    const restored = await restic(folder, ['restore', 'latest', '--target', out], options);
    expect(restored).toMatchObject({ code: 0 });
    expect((await compareTrees(source, join(out, source))).differences).toEqual([]);
  });

  test('finds what we kept unchanged, and we what it kept', async () => {
    fillWithNastyThings();
    await becomeOld();
    const folder = join(place.folder, 'repository');
    expect(await restic(folder, ['init'], options)).toMatchObject({ code: 0 });
    const zone = process.env['TZ'];
    // It writes local times.
    process.env['TZ'] = 'Asia/Kolkata';
    const theirs = await restic(folder, ['backup', source], options);
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
    expect(theirs).toMatchObject({ code: 0 });
    const store = createFolderRepositoryStore(folder);
    const ours = await run(backup(), store);
    expect(ours.value).toMatchObject({ files: 14, filesNew: 0, filesUnchanged: 14 });
    // Trees only: rights and owners are written in other words.
    expect(Number(ours.value['bytesAdded'])).toBeLessThan(1_000_000);
    const again = await restic(folder, ['backup', source, '--json'], options);
    expect(again.output).toContain('"files_unmodified":14');
    await run(restore(), store);
    expect((await compareTrees(source, join(out, 'source'))).differences).toEqual([]);
    expect(await restic(folder, ['check', '--read-data'], options)).toMatchObject({ code: 0 });
  });
});
