import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EngineJob, EngineProblem } from '../../electron/core/backup/engine/engine.ts';
import { removeJournal } from '../../electron/core/backup/engine/restore-journal.ts';
import { loadIndex } from '../../electron/core/backup/repository/repository.ts';
import { storeObjectTypes } from '../../electron/core/backup/repository/repository-store.ts';
import { compareTrees } from '../../electron/headless/compare-trees.ts';
import { bundle } from '../fakes/bundle.ts';
import { digestOf } from '../fakes/digest-of.ts';
import { randomOf } from '../fakes/faulty-repository-store.ts';
import { scratch } from '../fakes/homes.ts';
import {
  createKilledEngine,
  type KilledEngine,
  PASSWORD,
  PROGRAM,
} from '../fakes/killed-engine.ts';
import { hasProgram, restic } from '../fakes/programs.ts';

/**
 * The engine is killed again and again in the middle of backups, prunes and restores. Each time the next run finishes, what
 * could be restored before can be restored after, and nothing half written stays. `KILLS=10` makes it shorter by hand.
 */
const KILLS = Number(process.env['KILLS'] ?? (process.env['CI'] === undefined ? 25 : 100));
const LIMIT_MS = 900_000;
const FILES = 60;
const KEPT = 4;
/** Backups. */
const PRUNE_EVERY = 5;
const PRUNE: EngineJob = {
  kind: 'prune',
  keep: { last: KEPT, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 },
  forget: [],
  onlyForget: false,
  repackShare: 1,
};
const RULES = { exclude: [], caches: false, maxFileBytes: null };

type Round = {
  readonly killed: KilledEngine;
  readonly place: string;
  readonly source: string;
  readonly random: () => number;
  readonly below: (end: number) => number;
  /** What was in each snapshot. */
  readonly contents: Map<string, string>;
};

let place: Awaited<ReturnType<typeof scratch>>;
let engine: string;
beforeAll(async () => {
  place = await scratch();
  engine = await bundle(PROGRAM);
});
afterAll(async () => {
  await place.remove();
});

function begin(kind: string, seed: number): Round {
  const random = randomOf(seed);
  const here = join(place.folder, kind);
  const source = join(here, 'source');
  mkdirSync(source, { recursive: true });
  const round: Round = {
    killed: createKilledEngine({ place: here, program: engine, random }),
    place: here,
    source,
    random,
    below: (end) => Math.floor(random() * end),
    contents: new Map(),
  };
  for (let file = 0; file < FILES; file += 1) write(round, file);
  return round;
}

function write({ source, random, below }: Round, file: number): void {
  const folder = join(source, `folder ${file % 7}`);
  mkdirSync(folder, { recursive: true });
  const stretches: Buffer[] = [];
  const bytes = 2 ** (4 + random() * 14);
  for (let at = below(1_000_000_000), left = bytes; left > 0; at += 1, left -= 64)
    stretches.push(createHash('sha512').update(`${at}`).digest());
  writeFileSync(join(folder, `file ${file}`), Buffer.concat(stretches));
}

function change(round: Round): void {
  for (let changes = 1 + round.below(8); changes > 0; changes -= 1)
    write(round, round.below(FILES));
}

async function run({ killed }: Round, job: EngineJob): Promise<Readonly<Record<string, unknown>>> {
  const problems: EngineProblem[] = [];
  const ended = await killed.here.run(job, killed.store, {
    problem: (problem) => problems.push(problem),
  });
  if (!ended.ok) throw new Error(`${job.kind}: ${JSON.stringify(ended.fault)}`);
  expect(problems, job.kind).toEqual([]);
  return ended.value;
}

const backupOf = ({ source }: Round): EngineJob => ({
  kind: 'backup',
  folders: [source],
  rules: RULES,
  leaveOut: [],
  hostname: 'test',
});

function restoreOf(to: string, more: { snapshot?: string; journal?: string } = {}): EngineJob {
  return {
    kind: 'restore',
    snapshot: more.snapshot,
    to,
    paths: undefined,
    conflict: undefined,
    archive: false,
    journal: more.journal,
  };
}

/** What was killed has not been told what it made: what is new was made of the files as they are. */
async function learn(round: Round): Promise<void> {
  const listed = await round.killed.store.list('snapshots');
  if (!listed.ok) throw new Error(JSON.stringify(listed.fault));
  const now = digestOf(round.source);
  const there = new Set(listed.value.map(({ name }) => name));
  for (const name of there) if (!round.contents.has(name)) round.contents.set(name, now);
  for (const name of round.contents.keys()) if (!there.has(name)) round.contents.delete(name);
}

async function expectRestored(round: Round, snapshot: string): Promise<void> {
  const to = join(round.place, 'restored');
  rmSync(to, { recursive: true, force: true });
  await run(round, restoreOf(to, { snapshot }));
  expect(digestOf(join(to, 'source'))).toBe(round.contents.get(snapshot));
}

async function expectWhole(round: Round): Promise<void> {
  await run(round, { kind: 'check', readData: true });
  const ids = [...round.contents.keys()];
  const id = ids[round.below(ids.length)];
  if (id !== undefined) await expectRestored(round, id);
}

async function expectNoLock({ killed }: Round): Promise<void> {
  expect(await killed.store.list('locks')).toEqual({ ok: true, value: [] });
}

/** A day later: what the killed was writing has gone. */
async function expectNothingHalfWritten({ killed }: Round): Promise<void> {
  const halves = () =>
    readdirSync(killed.folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      basename(name).startsWith('tmp-'),
    );
  for (const name of halves()) utimesSync(join(killed.folder, name), 0, 0);
  for (const type of storeObjectTypes) await killed.store.list(type);
  expect(halves().filter((name) => dirname(name) !== '.')).toEqual([]);
}

/** Every pack that lies there is named by an index, and the other way round. */
async function expectNoOrphans({ killed }: Round): Promise<void> {
  const index = await loadIndex({ ...killed.repository, store: killed.store });
  const listed = await killed.store.list('data');
  if (!index.ok || !listed.ok) throw new Error('the repository can’t be read');
  const named = new Set(index.value.packs.map(({ name }) => name));
  expect(new Set(listed.value.map(({ name }) => name))).toEqual(named);
}

async function expectResticCalm(round: Round): Promise<void> {
  const { killed } = round;
  killed.stop();
  await expectNothingHalfWritten(round);
  if (!hasProgram('restic')) return;
  const checked = await restic(killed.folder, ['check', '--read-data'], { password: PASSWORD });
  expect(checked.code, checked.output).toBe(0);
}

test.concurrent(
  `${KILLS} × kill -9 during backups: the next one goes on, and what was kept is whole`,
  async () => {
    const round = begin('backup', 11);
    for (let kills = 0; kills < KILLS; ) {
      change(round);
      if ((await round.killed.killIn(backupOf(round))) === 'killed') kills += 1;
      await learn(round);
      await expectWhole(round);
      await run(round, backupOf(round));
      await learn(round);
      await expectWhole(round);
      await expectNoLock(round);
      // What was sent and never got into an index goes with the next prune.
      if (kills % PRUNE_EVERY !== 0) continue;
      await run(round, PRUNE);
      await learn(round);
      await expectNoOrphans(round);
    }
    await expectResticCalm(round);
  },
  LIMIT_MS,
);

test.concurrent(
  `${KILLS} × kill -9 during prunes: what is kept stays, and the next one leaves nothing over`,
  async () => {
    const round = begin('prune', 12);
    await run(round, backupOf(round));
    await learn(round);
    for (let kills = 0; kills < KILLS; ) {
      for (let backups = 0; backups < 2; backups += 1) {
        change(round);
        await run(round, backupOf(round));
        await learn(round);
      }
      const kept = [...round.contents.keys()].slice(-KEPT);
      if ((await round.killed.killIn(PRUNE)) === 'killed') kills += 1;
      await learn(round);
      expect([...round.contents.keys()]).toEqual(expect.arrayContaining(kept));
      await expectWhole(round);
      await run(round, PRUNE);
      await learn(round);
      expect([...round.contents.keys()]).toEqual(kept);
      await expectNoOrphans(round);
      await expectWhole(round);
      await expectNoLock(round);
    }
    await expectResticCalm(round);
  },
  LIMIT_MS,
);

test.concurrent(
  `${KILLS} × kill -9 during restores: the next one goes on, and leaves no passing name behind`,
  async () => {
    const round = begin('restore', 13);
    await run(round, backupOf(round));
    await learn(round);
    for (let kills = 0; kills < KILLS; ) {
      const to = join(round.place, 'target');
      const journal = join(round.place, 'journal');
      const job = restoreOf(to, { journal });
      // Now and then the one that goes on is killed too.
      const tries = 1 + round.below(3);
      for (let at = 0; at < tries && kills < KILLS; at += 1)
        if ((await round.killed.killIn(job)) === 'killed') kills += 1;
      await run(round, job);
      removeJournal(journal);
      const compared = await compareTrees(round.source, join(to, 'source'));
      expect(compared.differences).toEqual([]);
      expect(compared.files).toBe(FILES);
      expect(readdirSync(to)).toEqual(['source']);
      await expectNoLock(round);
      rmSync(to, { recursive: true });
    }
    await expectResticCalm(round);
  },
  LIMIT_MS,
);
