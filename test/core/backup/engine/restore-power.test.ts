import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  flushRestored,
  MEANWHILE_BYTES,
} from '../../../../electron/core/backup/engine/restore-flush.ts';
import {
  archivePartOf,
  flushFolderNow,
  openJournal,
} from '../../../../electron/core/backup/engine/restore-journal.ts';
import { compareTrees } from '../../../../electron/headless/compare-trees.ts';
import { randomOf } from '../../../fakes/faulty-repository-store.ts';
import { createEngineHere, type OpenHere } from '../../../fakes/engine-here.ts';
import { backupOf, PASSWORD, restoreOf, runJob } from '../../../fakes/handmade-repository.ts';
import { scratch } from '../../../fakes/homes.ts';
import { initCheaply } from '../../../fakes/init-cheaply.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';
import { watchFiles } from '../../../fakes/power/watched-files.ts';

/**
 * Files that come back are not flushed as they come: after a power cut one may have its name and its time without its bytes.
 * Whoever goes on finds out; and whoever is told that it is over has them on the disk.
 */
const SOME_TIME = new Date('2026-11-20T12:00:00Z');
let place: Awaited<ReturnType<typeof scratch>>;
let source: string;
let out: string;
let store: ReturnType<typeof createMemoryRepositoryStore>;
let repository: OpenHere;

beforeEach(async () => {
  place = await scratch();
  source = join(place.folder, 'source');
  out = join(place.folder, 'out');
  mkdirSync(source);
  store = createMemoryRepositoryStore();
  repository = await initCheaply(store, PASSWORD);
});
afterEach(() => place.remove());

const journal = () => join(place.folder, 'journal');

async function backup(): Promise<void> {
  const kept = await runJob(store, backupOf(source), place.folder);
  expect(kept.result.ok).toBe(true);
}

describe('a restore that the power left', () => {
  test('what a power cut left without its contents is written again', async () => {
    const rest = randomBytes(1000);
    for (const name of ['empty', 'zeroes', 'whole']) {
      writeFileSync(join(source, name), rest);
      utimesSync(join(source, name), SOME_TIME, SOME_TIME);
    }
    await backup();
    const wish = { to: out, journal: journal() };
    expect((await runJob(store, restoreOf(wish), place.folder)).result.ok).toBe(true);
    for (const [name, bytes] of [
      ['empty', Buffer.alloc(0)],
      ['zeroes', Buffer.alloc(1000)],
    ] as const) {
      const path = join(out, 'source', name);
      writeFileSync(path, bytes);
      utimesSync(path, SOME_TIME, SOME_TIME);
    }
    const again = await runJob(store, restoreOf(wish), place.folder);
    expect(again.problems).toEqual([]);
    expect(again.result).toMatchObject({ ok: true, value: { files: 3, filesSame: 1 } });
    for (const name of ['empty', 'zeroes', 'whole'])
      expect(readFileSync(join(out, 'source', name))).toEqual(rest);
  });

  test('is looked at also where the one that went on was cut off before it had come that far', async () => {
    const names = ['a', 'b'];
    for (const name of names) {
      writeFileSync(join(source, name), randomBytes(3_000_000));
      utimesSync(join(source, name), SOME_TIME, SOME_TIME);
    }
    await backup();
    const wish = restoreOf({ to: out, journal: journal() });
    const harm = () => {
      for (const name of names) {
        writeFileSync(join(out, 'source', name), Buffer.alloc(3_000_000));
        utimesSync(join(out, 'source', name), SOME_TIME, SOME_TIME);
      }
    };
    expect((await runJob(store, wish, place.folder)).result.ok).toBe(true);
    harm();
    const abort = new AbortController();
    store.onCall = (name, { type }) => {
      if (name === 'load' && type === 'data') abort.abort();
      return undefined;
    };
    await runJob(store, wish, place.folder, { signal: abort.signal });
    store.onCall = () => undefined;
    harm();
    // It went on for an hour before it was cut off.
    const later = new Date(Date.now() + 3_600_000);
    utimesSync(`${journal()}-now`, later, later);
    const done = await runJob(store, wish, place.folder);
    expect(done.problems).toEqual([]);
    expect((await compareTrees(source, join(out, 'source'))).differences).toEqual([]);
  });

  test('knows each try before it, and of none twice', () => {
    const open = () => {
      const notes = openJournal(journal());
      const tries = notes.tries.map(({ untilNs }) => untilNs);
      notes.close();
      return { tries, folders: notes.folders };
    };
    const at = (s: number) => utimesSync(`${journal()}-now`, s, s);
    expect(open().tries).toEqual([]);
    at(1000);
    expect(open().tries).toEqual([1_000_000_000_000n]);
    // Nothing was written by this one.
    expect(open().tries).toHaveLength(2);
    at(2000);
    const { tries, folders } = open();
    expect(new Set(tries)).toEqual(new Set([1_000_000_000_000n, 2_000_000_000_000n]));
    expect(folders.size).toBe(0);
  });

  test('has noted each passing name before there is such a file: else nobody would take it away', async () => {
    writeFileSync(join(source, 'large'), randomBytes(40_000_000));
    writeFileSync(join(source, 'small'), 'small');
    await backup();
    const real = fs.openSync;
    const made: boolean[] = [];
    fs.openSync = (path, ...more) => {
      if (path.toString().endsWith('.part')) {
        const notes = readFileSync(`${journal()}-now`, 'latin1').split('\n');
        made.push(notes.includes(Buffer.from(path as Buffer).toString('base64')));
      }
      return real(path, ...more);
    };
    syncBuiltinESMExports();
    try {
      const done = await createEngineHere(repository).run(
        restoreOf({ to: out, journal: journal() }),
        store,
        {},
      );
      expect(done).toMatchObject({ ok: true, value: { files: 2 } });
    } finally {
      fs.openSync = real;
      syncBuiltinESMExports();
    }
    expect(made.length).toBeGreaterThanOrEqual(2);
    expect(made).not.toContain(false);
  });

  test('has its notes on the disk before its first file: without them half a file would be taken for a whole one', () => {
    const done: string[] = [];
    const stop = watchFiles(place.folder, { after: ({ kind }) => void done.push(kind) });
    openJournal(journal()).close();
    stop();
    expect(done.filter((kind) => kind === 'flush').length).toBeGreaterThanOrEqual(2);
    expect(done.indexOf('flush')).toBeGreaterThan(done.indexOf('write'));
  });

  test('flushes what it notes of folders: of the first at once, of the last while their files come', () => {
    const now = vi.spyOn(performance, 'now');
    let flushes = 0;
    const stop = watchFiles(place.folder, {
      after: ({ kind }) => {
        if (kind === 'flush') flushes += 1;
      },
    });
    try {
      const at = (ms: number, note: () => void) => {
        now.mockReturnValue(ms);
        note();
        return flushes;
      };
      const notes = openJournal(journal());
      flushes = 0;
      expect(at(300, () => notes.noteFolder(Buffer.from('/first')))).toBe(1);
      expect(at(900, () => notes.noteFolder(Buffer.from('/last')))).toBe(1);
      expect(at(1000, () => notes.noteTemporary([Buffer.from('/last/file')]))).toBe(1);
      expect(at(1400, () => notes.noteTemporary([Buffer.from('/last/file')]))).toBe(2);
      expect(at(9000, () => notes.noteTemporary([Buffer.from('/last/file')]))).toBe(2);
      notes.close();
    } finally {
      stop();
      now.mockRestore();
    }
  });

  test.runIf(process.platform === 'linux')(
    'is done where folders can’t be flushed, too: what is whole is whole',
    () => {
      expect(() => flushFolderNow('/proc')).not.toThrow();
      expect(() => flushFolderNow(join(place.folder, 'none'))).toThrow('ENOENT');
    },
  );

  test.each([1, 2, 3, 4])(
    'whatever a power cut leaves of what was not flushed, going on makes it whole byte for byte (seed %i)',
    async (seed) => {
      const random = randomOf(seed);
      const luck = (below: number) => Math.floor(random() * below);
      mkdirSync(join(source, 'deep', 'er'), { recursive: true });
      for (let i = 0; i < 60; i += 1) {
        const path = join(source, i % 3 === 0 ? 'deep/er' : '', `${i}`);
        writeFileSync(path, randomBytes(luck(60_000)));
        utimesSync(path, SOME_TIME, SOME_TIME);
      }
      writeFileSync(join(source, 'large'), randomBytes(40_000_000));
      await backup();
      const abort = new AbortController();
      let calls = 0;
      const at = 1 + luck(4);
      store.onCall = (name, { type }) => {
        if (name === 'load' && type === 'data') calls += 1;
        if (calls === at) abort.abort();
        return undefined;
      };
      const wish = restoreOf({ to: out, journal: journal() });
      await runJob(store, wish, place.folder, { signal: abort.signal });
      store.onCall = () => undefined;
      let harmed = 0;
      for (const entry of existsSync(out) ? readdirSync(out, { recursive: true }) : []) {
        const path = join(out, entry.toString());
        const { mtime, size } = statSync(path);
        const what = luck(5);
        if (!lstatSync(path).isFile() || what === 0) continue;
        harmed += 1;
        const right = readFileSync(path);
        const kept = luck(size + 1);
        // Its name did not come; its length did; nothing did; a part did, or all but a part.
        if (what === 1) rmSync(path);
        else if (what === 2) writeFileSync(path, right.fill(0));
        else if (what === 3) writeFileSync(path, right.fill(0, kept));
        else writeFileSync(path, right.subarray(0, kept));
        if (what !== 1) utimesSync(path, mtime, mtime);
      }
      expect(harmed).toBeGreaterThan(0);
      const done = await runJob(store, wish, place.folder);
      expect(done.problems).toEqual([]);
      expect(done.result).toMatchObject({ ok: true, value: { filesFailed: 0 } });
      expect((await compareTrees(source, join(out, 'source'))).differences).toEqual([]);
      const left = readdirSync(out, { recursive: true }).filter((each) =>
        `${each}`.endsWith('.part'),
      );
      expect(left).toEqual([]);
    },
  );
});

/** What is opened and flushed meanwhile, by its path; `says` is an error for some. */
async function flushesOf(
  act: () => Promise<unknown>,
  says: (path: string) => string | undefined = () => undefined,
  onOpen: (flags: unknown) => void = () => undefined,
): Promise<ReadonlySet<string>> {
  const flushed = new Set<string>();
  const real = fs.promises.open;
  fs.promises.open = async (path, ...more) => {
    const file = await real(path, ...more);
    onOpen(more[0]);
    const sync = file.sync.bind(file);
    file.sync = async () => {
      const code = says(path.toString());
      if (code !== undefined) throw Object.assign(new Error(code), { code });
      await sync();
      flushed.add(path.toString().replace(/(?<=.)\/$/, ''));
    };
    return file;
  };
  syncBuiltinESMExports();
  try {
    await act();
    return flushed;
  } finally {
    fs.promises.open = real;
    syncBuiltinESMExports();
  }
}

describe('a restore that is over', () => {
  const { signal } = new AbortController();
  const none = { disk: undefined, folders: [], signal, progress: () => undefined };

  test('has its files on the disk, the folders in which they lie, and those that it made', async () => {
    mkdirSync(join(source, 'deep'));
    mkdirSync(out);
    const paths = [join(source, 'one'), join(source, 'deep', 'two')];
    for (const path of paths) writeFileSync(path, '');
    const files = paths.map((path) => Buffer.from(path));
    const folders = [out, source].map((path) => Buffer.from(path));
    const flushed = await flushesOf(() => flushRestored({ ...none, files, folders }));
    expect([...flushed].sort()).toEqual([...paths, source, join(source, 'deep'), out].sort());
  });

  test('says of which the disk has not got the bytes, and of nothing else that it could not flush', async () => {
    const codes = ['EIO', 'EACCES'];
    for (const code of codes) writeFileSync(join(source, code), '');
    const files = [...codes, 'gone'].map((name) => Buffer.from(join(source, name)));
    let lost: unknown;
    const act = async () => (lost = await flushRestored({ ...none, files }));
    await flushesOf(act, (path) => codes.find((code) => path.endsWith(code)));
    expect(lost).toEqual([{ path: files[0], error: 'EIO' }]);
  });

  // Windows flushes no folders.
  test.skipIf(process.platform === 'win32')(
    'has the folders on the disk in which only links came back',
    async () => {
      mkdirSync(join(source, 'links'));
      symlinkSync('nowhere', join(source, 'links', 'link'));
      await backup();
      mkdirSync(join(out, 'source', 'links'), { recursive: true });
      const engine = createEngineHere(repository);
      const flushed = await flushesOf(() =>
        engine.run(restoreOf({ to: out, journal: journal() }), store, {}),
      );
      expect(flushed).toContain(join(out, 'source', 'links'));
    },
  );

  test('as an archive has it on the disk, opened so that Windows flushes it, too, and says that it makes sure', async () => {
    writeFileSync(join(source, 'one'), randomBytes(1000));
    await backup();
    const phases = new Set<string>();
    const flags: unknown[] = [];
    const engine = createEngineHere(repository);
    const to = join(place.folder, 'all.zip');
    const flushed = await flushesOf(
      () =>
        engine.run(restoreOf({ to, archive: true }), store, {
          progress: ({ phase }) => void phases.add(phase),
        }),
      () => undefined,
      (flag) => flags.push(flag),
    );
    expect([...flushed]).toEqual([archivePartOf(to)]);
    expect(flags).toEqual(['r+']);
    expect([...phases]).toContain('flushing');
    expect(existsSync(to)).toBe(true);
  });

  test('as an archive is not there where it was stopped while the disk was made sure of', async () => {
    writeFileSync(join(source, 'one'), randomBytes(1000));
    await backup();
    const abort = new AbortController();
    const to = join(place.folder, 'all.zip');
    const done = await createEngineHere(repository).run(restoreOf({ to, archive: true }), store, {
      signal: abort.signal,
      progress: ({ phase }) => {
        if (phase === 'flushing') abort.abort();
      },
    });
    expect(done).toEqual({ ok: false, fault: { code: 'cancelled' } });
    expect([existsSync(to), existsSync(archivePartOf(to))]).toEqual([false, false]);
  });

  test('says that it makes sure, also from its thread, where most of what is told soon after is not', async () => {
    writeFileSync(join(source, 'one'), 'one');
    await backup();
    const phases: string[] = [];
    await runJob(store, restoreOf({ to: out, journal: journal() }), place.folder, {
      onProgress: ({ phase }) => void phases.push(phase),
    });
    expect(phases).toContain('flushing');
  });

  test('says how many are on the disk already', async () => {
    const files = Array.from({ length: 40 }, (_, at) => Buffer.from(join(source, `${at}`)));
    for (const path of files) writeFileSync(path, '');
    const told: (readonly [number, number | null])[] = [];
    await flushRestored({ ...none, files, progress: (...now) => told.push(now) });
    // The folder that they lie in is one more.
    const total = process.platform === 'win32' ? 40 : 41;
    expect(told).toEqual(Array.from({ length: total + 1 }, (_, at) => [at, total]));
  });

  test('can be stopped while it makes sure of that, and is over when it went on and was sure of all', async () => {
    for (let at = 0; at < 100; at += 1) {
      writeFileSync(join(source, `${at}`), randomBytes(100));
      utimesSync(join(source, `${at}`), SOME_TIME, SOME_TIME);
    }
    await backup();
    const wish = restoreOf({ to: out, journal: journal() });
    const abort = new AbortController();
    const engine = createEngineHere(repository);
    let sure = 0;
    const stopped = await engine.run(wish, store, {
      signal: abort.signal,
      progress: ({ phase, filesDone }) => {
        if (phase === 'flushing') sure = filesDone;
        if (sure === 20) abort.abort();
      },
    });
    expect(sure).toBeLessThan(100);
    expect(stopped).toEqual({ ok: false, fault: { code: 'cancelled' } });
    // The power goes: of some there is only the name and the time.
    for (const name of ['7', '70']) {
      writeFileSync(join(out, 'source', name), Buffer.alloc(100));
      utimesSync(join(out, 'source', name), SOME_TIME, SOME_TIME);
    }
    let done: Awaited<ReturnType<typeof engine.run>> | undefined;
    const flushed = await flushesOf(async () => {
      done = await engine.run(wish, store, {});
    });
    expect(done).toMatchObject({ ok: true, value: { files: 100, filesSame: 98 } });
    expect((await compareTrees(source, join(out, 'source'))).differences).toEqual([]);
    for (let at = 0; at < 100; at += 1) expect(flushed).toContain(join(out, 'source', `${at}`));
  });

  describe.runIf(process.platform === 'linux')('and has very many files', () => {
    const before = process.env['PATH'] ?? '';
    const said = () => join(place.folder, 'said');
    const says = (end: string) => {
      const program = `#!/bin/sh\necho "$@" > "${said()}"\nls "$3/source" | wc -l >> "${said()}"\n${end}\n`;
      writeFileSync(join(place.folder, 'sync'), program, { mode: 0o700 });
    };
    beforeEach(() => {
      process.env['PATH'] = `${place.folder}:${before}`;
      for (let at = 0; at < 501; at += 1) writeFileSync(join(source, `${at}`), '');
    });
    afterEach(() => {
      process.env['PATH'] = before;
    });

    test('has the whole disk flushed when the last of them is there, but not for a try', async () => {
      says('exit 0');
      await backup();
      await runJob(store, restoreOf({ to: join(place.folder, 'tried') }), place.folder);
      expect(existsSync(said())).toBe(false);
      await runJob(store, restoreOf({ to: out, journal: journal() }), place.folder);
      expect(readFileSync(said(), 'utf8')).toBe(`-f -- ${out}\n501\n`);
    });

    test('has had it flushed while they came, each where that failed once', async () => {
      for (let at = 0; at < 3; at += 1)
        writeFileSync(join(source, `large ${at}`), randomBytes(MEANWHILE_BYTES));
      await backup();
      const count = join(place.folder, 'count');
      for (const [end, times] of [
        ['exit 0', 'often'],
        // The first time it says no, and would say yes ever after.
        ['[ $(wc -l < "$3/../count") -gt 1 ]', 'once'],
      ] as const) {
        rmSync(count, { force: true });
        writeFileSync(
          join(place.folder, 'sync'),
          `#!/bin/sh\necho flushed >> "${count}"\n${end}\n`,
          { mode: 0o700 },
        );
        const to = join(place.folder, times);
        const wish = restoreOf({ to, journal: join(place.folder, `of ${times}`) });
        const flushed = await flushesOf(() => createEngineHere(repository).run(wish, store, {}));
        const lines = readFileSync(count, 'utf8').split('\n').length - 1;
        const isSingly = flushed.has(join(to, 'source', 'large 0'));
        // Once at the end, too.
        if (times === 'often') expect([lines > 1, isSingly]).toEqual([true, false]);
        else expect([lines, isSingly]).toEqual([1, true]);
      }
    });

    test('has each flushed where that does not work', async () => {
      const files = Array.from({ length: 501 }, (_, at) => Buffer.from(join(source, `${at}`)));
      for (const [end, count] of [
        ['exit 0', 0],
        ['exit 1', 502],
      ] as const) {
        says(end);
        const disk = Buffer.from(place.folder);
        const flushed = await flushesOf(() => flushRestored({ ...none, disk, files }));
        expect(flushed.size).toBe(count);
      }
    });
  });
});
