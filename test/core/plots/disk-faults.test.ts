import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlotId } from '../../../shared/ids.ts';
import { carrying, fault } from '../../../shared/fault.ts';
import { plotFaults } from '../../../shared/wire/plot-faults.ts';
import { openPlotHost, type PlotHost } from '../../fakes/plot-host.ts';
import { type FileCall, watchFiles } from '../../fakes/power/watched-files.ts';

/**
 * Errors of the disk at every single call of what a host does there: the first, the second, … fails, alone or with all that
 * follow. Whatever happens, nothing that was acknowledged is lost, whoever asked is told what it was, and when the disk is
 * itself again the same goes through, and nothing half done is left.
 */
const CODES =
  process.env['POWER'] === 'long'
    ? ['ENOSPC', 'EIO', 'EDQUOT', 'EMFILE', 'EROFS']
    : ['ENOSPC', 'EIO', 'EMFILE'];

let folder: string;
let host: PlotHost;
beforeAll(async () => {
  folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'allotment-faults-'));
  host = await openPlotHost(folder);
});
afterAll(async () => {
  host.sql.close();
  await rm(folder, { recursive: true, force: true });
});

const nameOf = (text: string) => createHash('sha256').update(text).digest('hex');
const keyOf = (plot: PlotId, text: string) => ({ plot, type: 'data', name: nameOf(text) }) as const;

async function put(plot: PlotId, text: string): Promise<string> {
  const stored = await host.hosting.plots.put({
    owner: host.owner,
    key: keyOf(plot, text),
    sizeBytes: BigInt(text.length),
    body: () => Readable.from([Buffer.from(text)]),
  });
  return stored.ok ? 'ok' : stored.fault.code;
}

async function paper(plot: PlotId, text: string): Promise<string> {
  const written = await host.hosting.plots.papers.write({
    owner: host.owner,
    plot,
    name: 'manifest',
    sizeBytes: BigInt(text.length),
    body: () => Readable.from([Buffer.from(text)]),
  });
  return written.ok ? 'ok' : written.fault.code;
}

async function remove(plot: PlotId, text: string): Promise<string> {
  const removed = await host.hosting.plots.remove({ owner: host.owner, key: keyOf(plot, text) });
  return removed.ok ? 'ok' : removed.fault.code;
}

async function read(plot: PlotId, text: string): Promise<string> {
  const range = { from: 0n, to: BigInt(text.length) };
  const opened = await host.hosting.plots.read(
    { owner: host.owner, key: keyOf(plot, text) },
    range,
  );
  if (!opened.ok) return opened.fault.code;
  const all = await opened.value.toArray().then(Buffer.concat, () => undefined);
  return all?.toString() === text ? 'ok' : 'broken off';
}

/** What a guest does; `ready` is what he had done before. */
type Act = {
  readonly ready: (plot: PlotId) => Promise<unknown>;
  readonly act: (plot: PlotId) => Promise<string>;
  /** The very words with which a disk may be blamed. */
  readonly may: readonly string[];
  readonly again?: (plot: PlotId) => Promise<string>;
};
const REFUSALS = ['ok', 'disk-full', 'disk-failed'];

const acts: Readonly<Record<string, Act>> = {
  'the first upload into a plot': {
    ready: async () => undefined,
    act: (plot) => put(plot, 'a new letter'),
    may: REFUSALS,
  },
  'an upload into a folder that is not there yet': {
    ready: (plot) => put(plot, 'one'),
    act: (plot) => put(plot, 'a new letter'),
    may: REFUSALS,
  },
  'a paper': {
    ready: async (plot) => {
      await put(plot, 'one');
      await paper(plot, 'the first');
    },
    act: (plot) => paper(plot, 'the second'),
    may: REFUSALS,
  },
  'a removal': {
    ready: async (plot) => {
      await put(plot, 'one');
      await put(plot, 'two');
    },
    act: (plot) => remove(plot, 'two'),
    // Gone for the guest; the file follows.
    may: REFUSALS,
    again: async (plot) =>
      (await remove(plot, 'two')) === 'object-unknown' ? 'ok' : 'there still',
  },
  reading: {
    ready: (plot) => put(plot, 'one'),
    act: (plot) => read(plot, 'one'),
    may: [...REFUSALS, 'broken off'],
  },
};

function filesIn(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(join(path, entry.name)) : [join(path, entry.name)],
  );
}

/** What is not as it should be once the disk works again and the chores have been done. */
async function wrongIn(plot: PlotId, kept: readonly string[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  const moment = host.moment();
  const row = host.ledger.plot({ plot, moment });
  const files = filesIn(join(host.folder, plot)).filter((path) => !path.endsWith('/plot.json'));
  const bytes = files.reduce((sum, path) => sum + readFileSync(path).length, 0);
  if (row === undefined || Number(row.writtenBytes) !== bytes)
    wrong.push(`the books count ${row?.writtenBytes} bytes, the disk has ${bytes}`);
  if (row?.reservedBytes !== 0n) wrong.push('something is still set aside');
  for (const path of files)
    if (path.includes('/incoming/') || path.endsWith('.new')) wrong.push(`${path} was left behind`);
  for (const text of kept) if ((await read(plot, text)) !== 'ok') wrong.push(`${text} is gone`);
  return wrong;
}

async function choresFor(plot: PlotId): Promise<void> {
  // One plot has its turn at a time.
  for (let turn = 0; turn < 400; turn += 1) {
    const next = host.ledger.nextPlot({ after: last, moment: host.moment() });
    await host.hosting.chores();
    last = next?.plot;
    if (next?.plot === plot) return;
  }
}
let last: PlotId | undefined;

describe('the disk fails', () => {
  for (const [name, { ready, act, may, again = act }] of Object.entries(acts))
    for (const code of CODES)
      it(`with ${code} at each call of ${name}`, async () => {
        const wrong: string[] = [];
        let isOver = false;
        let tried = 0;
        for (let at = 1; !isOver; at += 1, tried = at)
          for (const isLasting of [false, true]) {
            const plot = host.grant(1000n);
            await ready(plot);
            const kept = ['one'].filter((text) => host.ledger.object(keyOf(plot, text)));
            let calls = 0;
            const fails: FileCall[] = [];
            const end = watchFiles(join(folder, 'spare'), {
              before: (call) => {
                calls += 1;
                if (calls < at || (!isLasting && calls > at)) return undefined;
                fails.push(call);
                return code;
              },
            });
            const said = await act(plot).finally(end);
            isOver ||= calls < at;
            const where = `call ${at}${isLasting ? ' and all after it' : ''}, ${fails[0]?.name} ${fails[0]?.path.slice(folder.length)}`;
            if (!may.includes(said)) wrong.push(`it said ${said} (${where})`);
            if (fails.length === 0 && said !== 'ok') wrong.push(`it said ${said} for nothing`);
            if (said !== 'ok' && said !== 'broken off' && !Object.hasOwn(plotFaults, said))
              wrong.push(`there are no words for ${said}`);
            const isFull = code === 'ENOSPC' || code === 'EDQUOT';
            if (isFull && said === 'disk-failed')
              wrong.push(`a full disk is called broken (${where})`);
            const then = await again(plot);
            if (name === 'a removal' && said !== 'ok')
              wrong.push(`a removal said ${said} (${where})`);
            if (then !== 'ok' && then !== 'object-unknown') wrong.push(`then ${then} (${where})`);
            await choresFor(plot);
            for (const each of await wrongIn(plot, kept)) wrong.push(`${each} (${where})`);
            if (name === 'a removal' && existsSync(pathOf(plot, 'two')))
              wrong.push(`what was removed is there (${where})`);
            host.ledger.release({ owner: host.owner, plot, moment: host.moment() });
            await host.hosting.plots.erase(plot);
          }
        expect(tried).toBeGreaterThan(1);
        expect(wrong.slice(0, 8)).toEqual([]);
      });
});

/** Lets everything fail from one call on, as long as `act` takes; `false`: there were not so many. */
async function failing(code: string, from: number, act: () => Promise<unknown>): Promise<boolean> {
  let calls = 0;
  const end = watchFiles(join(folder, 'spare', 'allotment'), {
    before: () => {
      calls += 1;
      return calls < from ? undefined : code;
    },
  });
  await act().finally(end);
  return calls >= from;
}

describe('the disk fails during the chores', () => {
  for (const code of CODES)
    it(`with ${code}: they are done when it works again`, async () => {
      const wrong: string[] = [];
      let tried = 0;
      for (let at = 1, hasFailed = true; hasFailed; at += 1) {
        tried = at;
        const [gone, plot] = [host.grant(1000n), host.grant(1000n)];
        await put(gone, 'two');
        await put(plot, 'one');
        host.ledger.release({ owner: host.owner, plot: gone, moment: host.moment() });
        hasFailed = await failing(code, at, () => host.hosting.chores());
        await choresFor(plot);
        await host.hosting.chores();
        if (existsSync(join(host.folder, gone))) wrong.push(`what was let go of is there (${at})`);
        if (host.ledger.plot({ plot: gone, moment: host.moment() })?.state !== 'gone')
          wrong.push(`a plot is never gone (${at})`);
        wrong.push(...(await wrongIn(plot, ['one'])).map((each) => `${each} (${at})`));
        host.ledger.release({ owner: host.owner, plot, moment: host.moment() });
        await host.hosting.plots.erase(plot);
      }
      expect(tried).toBeGreaterThan(10);
      expect(wrong.slice(0, 8)).toEqual([]);
    });

  for (const code of CODES)
    it(`with ${code} as a host begins again after a crash: what was half done is settled later`, async () => {
      const wrong: string[] = [];
      let tried = 0;
      for (let at = 1, hasFailed = true; hasFailed; at += 1) {
        tried = at;
        const plot = host.grant(1000n);
        for (const text of ['one', 'two', 'three']) await put(plot, text);
        const { owner } = host;
        const moment = host.moment();
        // One upload that came as far as its place, one that did not, and a removal.
        const arrived = pathOf(plot, 'arrived');
        mkdirSync(dirname(arrived), { recursive: true });
        writeFileSync(arrived, 'arrived');
        mkdirSync(join(host.folder, plot, 'incoming'), { recursive: true });
        writeFileSync(join(host.folder, plot, 'incoming', 'half'), 'ha');
        for (const text of ['arrived', 'half a letter'])
          host.ledger.reserve({
            ...keyOf(plot, text),
            owner,
            sizeBytes: BigInt(text.length),
            moment,
          });
        host.ledger.remove({ ...keyOf(plot, 'two'), owner, moment });
        hasFailed = await failing(code, at, async () => {
          host = await host.crash();
        });
        await host.hosting.chores();
        await choresFor(plot);
        for (const each of await wrongIn(plot, ['one', 'three', 'arrived']))
          wrong.push(`${each} (${at})`);
        if (existsSync(pathOf(plot, 'two'))) wrong.push(`what was removed is there (${at})`);
        host.ledger.release({ owner, plot, moment });
        await host.hosting.plots.erase(plot);
      }
      expect(tried).toBeGreaterThan(10);
      expect(wrong.slice(0, 8)).toEqual([]);
    });
});

describe('the books have no page left', () => {
  it('wherever that shows, nothing is set aside for good and nothing is lost', async () => {
    const wrong: string[] = [];
    let refused = 0;
    for (let spare = 0; spare < 8; spare += 1) {
      const plot = host.grant(100_000n);
      await put(plot, 'one');
      const pages = Number(host.sql.pragma('page_count', { simple: true }));
      host.sql.pragma(`max_page_count = ${pages + spare}`);
      const kept = ['one'];
      let failed: string | undefined;
      for (let number = 0; number < 400 && failed === undefined; number += 1) {
        const text = `letter ${spare} ${number}`;
        const said = await put(plot, text).catch((error: { readonly code?: string }) => error.code);
        if (said === 'ok') kept.push(text);
        else failed = text;
        if (said !== 'ok' && said !== 'SQLITE_FULL') wrong.push(`it said ${said}`);
      }
      if (failed !== undefined) refused += 1;
      host.sql.pragma('max_page_count = 4294967294');
      await choresFor(plot);
      wrong.push(...(await wrongIn(plot, kept)));
      if (failed !== undefined && (await put(plot, failed)) !== 'ok')
        wrong.push('it never goes in');
      wrong.push(...(await wrongIn(plot, kept)));
      host.ledger.release({ owner: host.owner, plot, moment: host.moment() });
      await host.hosting.plots.erase(plot);
    }
    expect(refused).toBeGreaterThan(4);
    expect(wrong.slice(0, 8)).toEqual([]);
  }, 120_000);

  it('which may be at the end of an upload: its room comes back without a new start', async () => {
    const plot = host.grant(1000n);
    let isFull = false;
    const real = host.sql;
    const end = watchFiles(join(folder, 'spare'), {
      // From the moment when the object has its name.
      after: (step) => {
        if (step.kind !== 'rename' || !step.to.includes('/data/') || isFull) return;
        isFull = true;
        real.exec(
          'CREATE TRIGGER full BEFORE DELETE ON reservations BEGIN SELECT RAISE(ABORT, 1); END',
        );
      },
    });
    await expect(put(plot, 'letter').finally(end)).rejects.toThrow();
    expect(host.ledger.plot({ plot, moment: host.moment() })).toMatchObject({ reservedBytes: 6n });
    real.exec('DROP TRIGGER full');
    await host.hosting.chores();
    expect(await read(plot, 'letter')).toBe('ok');
    expect(await wrongIn(plot, ['letter'])).toEqual([]);
  });
});

it('books that are full still when an upload is settled settle it when they have room', async () => {
  let isFull = false;
  const own = await openPlotHost(join(folder, 'full'), { serviceS: 1_000_000 }, (method) => {
    if (isFull && (method === 'post' || method === 'void'))
      throw carrying(new Error('full'), fault('disk-full'));
  });
  const plot = own.grant(1000n);
  isFull = true;
  const upload = own.hosting.plots.put({
    owner: own.owner,
    key: keyOf(plot, 'letter'),
    sizeBytes: 6n,
    body: () => Readable.from([Buffer.from('letter')]),
  });
  await expect(upload).rejects.toThrow('full');
  await own.hosting.chores().catch(() => undefined);
  expect(own.ledger.plot({ plot, moment: own.moment() })).toMatchObject({ reservedBytes: 6n });
  isFull = false;
  await own.hosting.chores();
  expect(own.ledger.plot({ plot, moment: own.moment() })).toMatchObject({
    reservedBytes: 0n,
    writtenBytes: 6n,
  });
  own.sql.close();
});

it('a paper of before that can’t be taken off the disk keeps nothing else from being done', async () => {
  const plot = host.grant(1_000_000n);
  host.ledger.protect({ owner: host.owner, plot, days: 1, moment: host.moment() });
  await put(plot, 'one');
  for (const text of ['the first', 'the second']) await paper(plot, text);
  await remove(plot, 'one');
  const kept = join(host.folder, plot, 'papers');
  expect(readdirSync(kept)).toHaveLength(1);
  const end = watchFiles(join(folder, 'spare'), {
    before: ({ path, isWrite }) => (isWrite && path.startsWith(kept) ? 'EIO' : undefined),
  });
  await host.pass(2).finally(end);
  expect(readdirSync(kept)).toHaveLength(1);
  expect(existsSync(pathOf(plot, 'one'))).toBe(false);
  await host.hosting.chores();
  expect(readdirSync(kept)).toEqual([]);
});

it('a drive that is pulled out while a plot is compared with it has lost nothing', async () => {
  const own = await openPlotHost(join(folder, 'pulled'));
  const plot = own.grant(1000n);
  const sent = {
    owner: own.owner,
    sizeBytes: 6n,
    body: () => Readable.from([Buffer.from('letter')]),
  };
  await own.hosting.plots.put({ ...sent, key: keyOf(plot, 'letter') });
  const [there, away] = ['spare', 'away'].map((name) => join(folder, 'pulled', name));
  let isPulled = false;
  const end = watchFiles(there ?? '', {
    before: ({ path }) => {
      if (isPulled || !path.startsWith(join(own.folder, plot, 'repository'))) return undefined;
      isPulled = true;
      renameSync(there ?? '', away ?? '');
      return undefined;
    },
  });
  await own.hosting.chores().finally(end);
  expect(isPulled).toBe(true);
  const row = () => own.ledger.plot({ plot, moment: own.moment() });
  expect(row()).toMatchObject({ missingObjects: 0, writtenBytes: 6n });
  renameSync(away ?? '', there ?? '');
  await own.hosting.chores();
  expect(own.ledger.object(keyOf(plot, 'letter'))).toEqual({ sizeBytes: 6n });
  own.sql.close();
});

it('a plot that takes longer than a minute to compare is not compared by two at once', async () => {
  const own = await openPlotHost(join(folder, 'slow'));
  const plot = own.grant(1000n);
  const sent = {
    owner: own.owner,
    sizeBytes: 6n,
    body: () => Readable.from([Buffer.from('letter')]),
  };
  await own.hosting.plots.put({ ...sent, key: keyOf(plot, 'letter') });
  const looked: string[] = [];
  const end = watchFiles(join(folder, 'slow', 'spare'), {
    before: ({ name, path }) => {
      if (name === 'readdir' && path.endsWith(join(plot, 'repository', 'data'))) looked.push(path);
      return undefined;
    },
  });
  await Promise.all([own.hosting.chores(), own.hosting.chores()]);
  expect(looked).toHaveLength(1);
  await own.hosting.chores().finally(end);
  expect(looked).toHaveLength(2);
  own.sql.close();
});

it('what the books have not let go of is not taken off the disk, whoever says so', async () => {
  const plot = host.grant(1000n);
  await put(plot, 'letter');
  expect(await host.hosting.plots.purge(keyOf(plot, 'letter'))).toBe(false);
  await host.hosting.plots.erase(plot);
  expect(await read(plot, 'letter')).toBe('ok');
});

function pathOf(plot: PlotId, text: string): string {
  const name = nameOf(text);
  return join(host.folder, plot, 'repository', 'data', name.slice(0, 2), name);
}
