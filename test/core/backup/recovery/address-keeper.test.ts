import { randomBytes } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { openBook } from '../../../../electron/core/backup/recovery/address-book.ts';
import { createAddressKeeper } from '../../../../electron/core/backup/recovery/address-keeper.ts';
import {
  openRecoveryBook,
  type RecoveryBook,
} from '../../../../electron/core/backup/recovery/recovery-book.ts';
import { openOpeningBook } from '../../../../electron/core/backup/copies/openings.ts';
import { openSetBook, type SetBook } from '../../../../electron/core/backup/set-book.ts';
import type { Papers } from '../../../../electron/core/backup/repository/repository-store.ts';
import {
  type HoldingsBook,
  openHoldingsBook,
} from '../../../../electron/core/client/holdings/holdings-book.ts';
import { openDatabase, type Sql } from '../../../../electron/core/database/open-database.ts';
import type { Friend } from '../../../../electron/core/friends/friend-book.ts';
import type { Async } from '../../../../shared/async.ts';
import type { DeviceId, OwnerId, PlotId } from '../../../../shared/ids.ts';
import { PLAN_AT_FIRST } from '../../../../shared/model/backup-plan.ts';
import { failed, ok } from '../../../../shared/result.ts';
import { makePerson } from '../../../fakes/people.ts';
import { silent } from '../../../fakes/silent-logger.ts';

const identity = {
  owner: `${'a'.repeat(52)}` as OwnerId,
  instance: '1'.repeat(32),
  statement: { signed: 'own', signature: 'own' },
  replaces: undefined,
  addressBookKey: randomBytes(32),
};
const plotOf = (letter: string) => letter.repeat(26).replace(/.$/, 'a') as PlotId;

/** A book as its thread would answer. */
function asked<T extends object>(book: T): Async<T> {
  return new Proxy(book, {
    get:
      (target, name) =>
      async (...args: unknown[]) =>
        (Reflect.get(target, name) as (...given: unknown[]) => unknown)(...args),
  }) as unknown as Async<T>;
}

let sql: Sql;
let sets: SetBook;
let holdings: HoldingsBook;
let book: RecoveryBook;
let nowMs = 1_790_000_000_000;
let elapsedMs = 0;
let isAway = false;
let calls = 0;
/** What is asked of these plots gets no answer. */
let silentPlots: ReadonlySet<PlotId>;
let people: Friend[];
let taken: Uint8Array[];
/** What lies in each plot, and every write. */
let there: Map<PlotId, Uint8Array>;
let writes: PlotId[];
let statement: Awaited<ReturnType<typeof makePerson>>['device']['signed'];

beforeEach(async () => {
  const opened = openDatabase(':memory:');
  if (!opened.ok) throw new Error('not opened');
  sql = opened.value;
  sets = openSetBook(sql);
  holdings = openHoldingsBook(sql);
  book = openRecoveryBook(sql, { sets, holdings });
  const ben = await makePerson();
  statement = ben.device.signed;
  people = [
    {
      owner: ben.owner,
      name: 'Ben',
      petName: undefined,
      sinceMs: 0,
      lastContactMs: undefined,
      blocked: false,
      departed: false,
      givenAddress: undefined,
      leavingServiceS: undefined,
      leavesMs: undefined,
      told: undefined,
      devices: [
        {
          device: ben.device.statement.device,
          addresses: ['192.168.1.20:24816'],
          revoked: false,
          instance: ben.device.statement.instance,
          serial: 1,
          replaces: undefined,
          name: 'Ben’s PC',
          kind: 'desktop',
          addedMs: 0,
          came: 'first',
          leavesMs: undefined,
          clashMs: undefined,
        },
      ],
    },
  ];
  taken = [];
  there = new Map();
  writes = [];
  isAway = false;
  calls = 0;
  silentPlots = new Set();
  nowMs = 1_790_000_000_000;
  elapsedMs = 0;
});

function keeper(name: string | (() => string) = 'Laptop') {
  const papersOf = (plot: PlotId): Papers => ({
    read: async () => {
      calls += 1;
      const content = there.get(plot);
      if (isAway || silentPlots.has(plot)) return failed({ code: 'unreachable', detail: 'away' });
      return content === undefined ? failed({ code: 'not-found' }) : ok(content);
    },
    write: async (_name, content) => {
      if (isAway) return failed({ code: 'unreachable', detail: 'away' });
      there.set(plot, content);
      writes.push(plot);
      return ok(undefined);
    },
  });
  return createAddressKeeper({
    identity,
    name: typeof name === 'string' ? () => name : name,
    friends: {
      friends: () => people,
      others: () => [],
      person: (owner) => people.find((each) => each.owner === owner),
      statements: async () =>
        new Map<DeviceId, typeof statement>(
          people.flatMap(({ devices }) => devices.map(({ device }) => [device, statement])),
        ),
    },
    holdings: asked(holdings),
    sets: asked(sets),
    book: asked(book),
    papersAt: (_host, plot) => papersOf(plot),
    take: async (content) => taken.push(content),
    clock: { nowMs: () => nowMs, monotonicMs: () => elapsedMs },
    logger: silent,
  });
}

function hold(letter: string, set?: string): PlotId {
  const plot = plotOf(letter);
  const [host] = people;
  if (host === undefined) throw new Error('nobody');
  holdings.remember({
    plot,
    host: host.owner,
    class: 'guaranteed',
    sizeBytes: 5n,
    untilMs: nowMs,
    graceS: 1,
    set,
  });
  return plot;
}

function lying(plot: PlotId) {
  const opened = openBook(identity.addressBookKey, there.get(plot) ?? new Uint8Array());
  if (!opened.ok) throw new Error(opened.fault);
  return opened.value;
}

test('it has what opens a set as soon as that is kept, and is written anew for it', async () => {
  sets.create({ name: 'Documents', folders: ['/x'], hosts: [], plan: PLAN_AT_FIRST, atMs: 1 });
  const repository = 'f'.repeat(64);
  sets.setRepository({ name: 'Documents', repository });
  const plot = hold('b', 'Documents');
  await keeper().tick();
  expect(lying(plot).sets[0]?.opening).toBeUndefined();
  const opening = { keyName: '8'.repeat(64), config: Buffer.from('c'), keyFile: Buffer.from('k') };
  openOpeningBook(sql).keepOpening({ set: 'Documents', repository, ...opening });
  await keeper().tick();
  await keeper().tick();
  expect(writes).toEqual([plot, plot]);
  expect(lying(plot).sets).toMatchObject([
    { opening: { keyName: '8'.repeat(64), config: 'Yw==', keyFile: 'aw==' } },
  ]);
});

test('it is written into every plot, with friends, sets and where they lie', async () => {
  const folders = ['/home/ana/Documents'];
  sets.create({ name: 'Documents', folders, hosts: [], plan: PLAN_AT_FIRST, atMs: 1 });
  const [one, other] = [hold('b', 'Documents'), hold('c')];
  await keeper().tick();
  expect(writes.sort()).toEqual([one, other]);
  for (const plot of [one, other])
    expect(lying(plot)).toMatchObject({
      host: 'Laptop',
      instance: identity.instance,
      friends: [{ name: 'Ben', devices: [{ signed: statement, name: 'Ben’s PC' }] }],
      sets: [{ name: 'Documents', folders }],
      plots: [
        { plot: other, set: null },
        { plot: one, set: 'Documents' },
      ],
    });
  expect(lying(one).sequence).toBe(lying(other).sequence);
});

test('nothing is written while nothing changes, whatever leases and restarts bring', async () => {
  const plot = hold('b');
  await keeper().tick();
  nowMs += 86_400_000;
  elapsedMs += 86_400_000;
  holdings.noteSeen({ plot, writtenBytes: 9n, untilMs: nowMs + 5, leavesMs: undefined });
  await keeper().tick();
  expect(writes).toHaveLength(1);
});

test('which address answered last is no change', async () => {
  const plot = hold('b');
  const addresses = ['192.168.1.20:24816', '10.8.0.2:24816'];
  const answeredAt = (order: readonly string[]) => {
    people = people.map((each) => ({
      ...each,
      devices: each.devices.map((device) => ({ ...device, addresses: order })),
    }));
  };
  answeredAt(addresses);
  await keeper().tick();
  answeredAt(addresses.toReversed());
  await keeper().tick();
  expect(writes).toEqual([plot]);
});

test('a change is written to all, under a higher sequence, also when the clock was put back by a year', async () => {
  const plot = hold('b');
  await keeper().tick();
  const before = lying(plot).sequence;
  nowMs -= 366 * 86_400_000;
  await keeper('Old laptop').tick();
  expect(lying(plot)).toMatchObject({ host: 'Old laptop', sequence: before + 1 });
  expect(writes).toHaveLength(2);
});

test('a friend who is away is tried again after ten minutes, or as soon as he is back', async () => {
  hold('b');
  isAway = true;
  const keeping = keeper();
  await keeping.tick();
  isAway = false;
  await keeping.tick();
  expect(writes).toHaveLength(0);
  elapsedMs += 600_000;
  await keeping.tick();
  expect(writes).toHaveLength(1);
  isAway = true;
  hold('c');
  await keeping.tick();
  isAway = false;
  const [ben] = people;
  keeping.back(ben?.owner ?? identity.owner);
  await keeping.tick();
  expect(new Set(writes).size).toBe(2);
});

test('who does not answer about one plot is not asked about the others: each would be waited for as long', async () => {
  for (const letter of ['b', 'c', 'd']) hold(letter);
  isAway = true;
  const keeping = keeper();
  await keeping.tick();
  expect(calls).toBe(1);
  isAway = false;
  elapsedMs += 600_000;
  await keeping.tick();
  expect(writes).toHaveLength(3);
});

test('nor does one plot keep the others at the same friend’s from having it', async () => {
  const [b, c, d] = ['b', 'c', 'd'].map((letter) => hold(letter));
  silentPlots = new Set([b, c].flatMap((plot) => plot ?? []));
  const keeping = keeper();
  for (let times = 0; times < 3; times += 1) {
    await keeping.tick();
    elapsedMs += 600_000;
  }
  expect(writes).toEqual([d]);
});

test('what lay there before is read before it is written over, once', async () => {
  const plot = hold('b');
  const other = Buffer.from('of another installation');
  there.set(plot, other);
  await keeper().tick();
  expect(taken).toEqual([other]);
  await keeper('Old laptop').tick();
  expect(taken).toHaveLength(1);
});

test('a copy for a disk is the same book', async () => {
  const plot = hold('b');
  const keeping = keeper();
  await keeping.tick();
  const opened = openBook(identity.addressBookKey, await keeping.sealed());
  expect(opened).toEqual({ ok: true, value: lying(plot) });
});

test('how long it is, is told without making it anew each time, and is so again with the next tick', async () => {
  hold('b');
  const keeping = keeper();
  const before = await keeping.bytes();
  expect(before).toBe((await keeping.sealed()).length);
  const folders = Array.from({ length: 64 }, (_, at) => `/home/ana/${'deep/'.repeat(40)}${at}`);
  sets.create({ name: 'Documents', folders, hosts: [], plan: PLAN_AT_FIRST, atMs: 1 });
  expect(await keeping.bytes()).toBe(before);
  await keeping.tick();
  const after = await keeping.bytes();
  expect(after).toBeGreaterThan(before);
  expect(after).toBe((await keeping.sealed()).length);
});

test('two books that say different things never bear one number, also when they are made at once', async () => {
  let count = 0;
  const keeping = keeper(() => `Laptop ${(count += 1)}`);
  const made = await Promise.all([keeping.sealed(), keeping.sealed(), keeping.sealed()]);
  const books = made.map((sealed) => {
    const opened = openBook(identity.addressBookKey, sealed);
    if (!opened.ok) throw new Error(opened.fault);
    return opened.value;
  });
  expect(new Set(books.map(({ host }) => host)).size).toBe(3);
  expect(new Set(books.map(({ sequence }) => sequence)).size).toBe(3);
});
