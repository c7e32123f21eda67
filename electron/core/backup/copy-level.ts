import type { Async } from '../../../shared/async.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { Clock, Logger } from '../ports.ts';
import type { CopyBook, KnownCopy } from './copy-book.ts';
import {
  type CatchUpPlan,
  type CopySteps,
  KEPT_TYPES,
  type Listing,
  planCatchUp,
  type SizedObject,
} from './copy-plan.ts';
import { readAgain, reportDamage } from './copy-repair.ts';
import {
  judgeManifest,
  type Lost,
  type OpenedRepository,
  type PaperedCopy,
  type Survey,
  surveyCopies,
} from './copy-survey.ts';
import { listCopy, loadSound, removeSuperfluous, type SendOptions, sendMissing } from './copies.ts';
import type { DamageReport } from './damage-report.ts';
import type { EngineFault } from './engine/engine.ts';
import { paperOf, sealManifest } from './manifest.ts';
import { underLock } from './repository/lock.ts';
import type { StoreObject, StoreResult } from './repository/repository-store.ts';
import type { SetBook } from './set-book.ts';

/** A copy at a friend's as the books know it. */
export type HeldCopy = PaperedCopy & {
  readonly host: { readonly owner: OwnerId };
  /** Undefined: whoever keeps it can't be told of damage. */
  readonly report: DamageReport | undefined;
};

export type Levelled<C> = {
  /** Undefined: none of the copies was begun yet. */
  readonly repository: OpenedRepository | undefined;
  /** They have everything that any of the copies within reach has. */
  readonly complete: readonly C[];
  /** They lack more than may be sent now. */
  readonly behind: readonly C[];
  readonly lost: readonly Lost<C>[];
  /** One of the complete ones is at the newest sequence that is known of. */
  readonly isNewest: boolean;
  readonly objects: number;
  readonly bytes: number;
  /** What was found damaged or missing where it should be, and what is whole again. */
  readonly damaged: number;
  readonly repaired: number;
  /** Known to be damaged, and no copy within reach has it sound. */
  readonly hopeless: readonly StoreObject[];
  /** The highest sequence that any manifest knows. */
  readonly above: number;
};

export type LevelOptions = {
  readonly book: Async<CopyBook>;
  readonly sets: Async<Pick<SetBook, 'set' | 'setRepository'>>;
  readonly password: string;
  /** This installation, as manifests name it. */
  readonly writer: string;
  readonly clock: Clock;
  readonly logger: Logger;
};

export type LevelWish<C> = {
  readonly signal: AbortSignal;
  /** A copy that lacks more than this is left behind, unless it is the one that lacks least. */
  readonly addBytesMax: number;
  /** A manifest was not what it should be, and is not believed. */
  readonly onIgnored: (copy: C, why: 'older' | 'foreign' | 'damaged') => void;
};

/** Compares copies with each other and brings them to the same state: what one lacks it gets, what was removed goes. */
export type Leveller = {
  readonly level: <C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    wish: LevelWish<C>,
  ) => Promise<Result<Levelled<C>, EngineFault>>;
  /** Leaves a manifest beside each of these copies, which are at the newest sequence. */
  readonly publish: <C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    what: OpenedRepository & {
      readonly objects: number;
      readonly bytes: number;
      readonly signal: AbortSignal;
    },
  ) => Promise<void>;
};

/** Damage that shows while copies are compared is dealt with by comparing them again. */
const PASSES = 5;
/** So many are looked into at once; the rest waits for the next time. */
const UNEVEN_MAX = 20;

export function createLeveller({
  book,
  sets,
  password,
  writer,
  clock,
  logger,
}: LevelOptions): Leveller {
  const opened = new Map<string, OpenedRepository>();

  type Seen<C> = {
    readonly survey: Survey<C>;
    readonly known: ReadonlyMap<C, KnownCopy>;
    readonly plan: CatchUpPlan<C>;
    readonly isSure: boolean;
    readonly sequence: number;
    readonly above: number;
    /** Objects that a copy should have and lacks. */
    readonly lost: ReadonlyMap<C, readonly StoreObject[]>;
  };

  /** What there is, and what is to be done about it. */
  async function look<C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    wish: LevelWish<C>,
    isFirst: boolean,
  ): Promise<Result<Seen<C>, EngineFault>> {
    const damage = await book.damage(set);
    const surveyed = await surveyCopies(copies, {
      password,
      signal: wish.signal,
      expected: (await sets.set(set))?.repository,
      opened: opened.get(set),
      damaged: (copy) => damage.filter(({ host }) => host === copy.host.owner),
    });
    if (!surveyed.ok) return surveyed;
    const survey = surveyed.value;
    if (survey.repository !== undefined) opened.set(set, survey.repository);
    await takeOver(set, survey);
    const known = await rowsOf(set, survey);
    const sequence = (await sets.set(set))?.sequence ?? 0;
    const { removals, trimmed } = await book.removals(set);
    let above = 0;
    const unpapered: C[] = [];
    const planned = survey.copies.map(({ copy, listing, manifest }) => {
      const row = known.get(copy);
      const judged = row === undefined ? 'ours' : judgeManifest(manifest, row, writer);
      if (judged !== 'ours' && isFirst) wish.onIgnored(copy, judged);
      if (judged === 'older' || manifest === undefined) unpapered.push(copy);
      above = Math.max(above, manifest?.sequence ?? 0);
      return {
        copy,
        listing,
        isNewest: sequence > 0 && row?.sequence === sequence,
        isApart: row?.isApart === true || judged === 'foreign',
        hasMissed: (row?.sequence ?? 0) < trimmed,
      };
    });
    // It is said once, and a right one is left there again.
    for (const { host } of unpapered)
      if (known.size > 0) await book.notePaper({ set, host: host.owner, paper: '' });
    if (isFirst)
      for (const { copy, what } of survey.odd)
        if (what === 'manifest') wish.onIgnored(copy, 'damaged');
    const plan = planCatchUp(planned, new Set(removals.map(({ name }) => name)));
    const newest = planned.filter(({ isNewest, isApart }) => isNewest && !isApart);
    const isSettled = await book.isSettled(set);
    const lost = new Map<C, readonly StoreObject[]>();
    for (const { copy } of isSettled ? newest : []) {
      const add = plan.steps.find((each) => each.copy === copy)?.add ?? [];
      const isLost = ({ type, name }: StoreObject) =>
        type !== 'locks' &&
        newest.some(({ copy: other, listing }) => other !== copy && listing[type].has(name));
      lost.set(copy, add.filter(isLost));
    }
    return ok({ survey, known, plan, isSure: newest.length > 0, sequence, above, lost });
  }

  /** A machine that came after another one counts on from the newest manifest that the copies have. */
  async function takeOver<C extends HeldCopy>(set: string, { copies }: Survey<C>): Promise<void> {
    const rows = await book.copiesOf(set);
    const isUnknown =
      (await sets.set(set))?.sequence === 0 && rows.every(({ paper }) => paper === undefined);
    const best = copies
      .flatMap(({ manifest }) => (manifest === undefined ? [] : [manifest]))
      .toSorted((one, other) => other.sequence - one.sequence)
      .at(0);
    if (!isUnknown || best === undefined) return;
    const { sequence, trimmed, removals } = best;
    await book.adoptRemovals({ set, sequence, trimmed, removals });
    for (const { copy, manifest } of copies) {
      const at = { set, host: copy.host.owner, atMs: clock.nowMs() };
      await book.begin(at);
      if (manifest === undefined) continue;
      const { completeMs } = manifest;
      await book.caughtUp({ ...at, sequence: manifest.sequence, completeMs });
      await book.notePaper({ ...at, paper: paperOf(manifest) });
      const isInLine = manifest.writer === best.writer && manifest.sequence >= trimmed;
      if (!isInLine) await book.setApart({ set, hosts: [copy.host.owner] });
    }
  }

  /** The book's word on each copy. Where nothing lies any more, something was begun anew. */
  async function rowsOf<C extends HeldCopy>(
    set: string,
    { copies }: Survey<C>,
  ): Promise<ReadonlyMap<C, KnownCopy>> {
    const atMs = clock.nowMs();
    const before = await book.copiesOf(set);
    for (const { copy, hasConfig, listing } of copies) {
      const host = copy.host.owner;
      const row = before.find((each) => each.host === host);
      const isEmpty = !hasConfig && KEPT_TYPES.every((type) => listing[type].size === 0);
      if (row !== undefined && row.sequence > 0 && isEmpty)
        await book.noteGone({ set, host, atMs });
      await book.begin({ set, host, atMs });
    }
    const rows = await book.copiesOf(set);
    return new Map(
      copies.flatMap(({ copy }) => {
        const row = rows.find(({ host }) => host === copy.host.owner);
        return row === undefined ? [] : [[copy, row] as const];
      }),
    );
  }

  async function level<C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    wish: LevelWish<C>,
  ): Promise<Result<Levelled<C>, EngineFault>> {
    const lost: Lost<C>[] = [];
    const tally = { damaged: 0, repaired: 0 };
    let left = copies;
    for (let pass = 1; ; pass += 1) {
      const seen = await look(set, left, wish, pass === 1);
      if (!seen.ok) return seen;
      const { survey } = seen.value;
      lost.push(...survey.lost);
      left = survey.copies.map(({ copy }) => copy);
      if (survey.repository === undefined) return ok({ ...nothing(left, lost), ...tally });
      const found = await noteFound(set, seen.value, wish);
      tally.damaged += found;
      if (found > 0 && pass < PASSES) continue;
      const suspected = await hopelessOf(set, seen.value.plan);
      if (suspected.length > 0 && pass < PASSES) {
        const { signal } = wish;
        const hopeless = await readAgain(book, set, suspected, left, { signal, clock });
        if (hopeless.length < suspected.length) continue;
      }
      await reportDamage(book, set, survey.copies, wish.signal);
      const { steps, revived } = seen.value.plan;
      // What comes back to life must not go the next time, also where nobody lacks it now.
      const needsWork =
        revived.length > 0 || steps.some(({ add, remove }) => add.length > 0 || remove.length > 0);
      if (!needsWork) return ok(await settle(set, seen.value, left, [], { lost, tally }));
      const locked = await underLocks(
        survey.copies.filter(({ hasConfig }) => hasConfig).map(({ copy }) => copy),
        survey.repository,
        () => work(set, left, wish, { lost, tally }),
      );
      if (!locked.ok) {
        // Somebody else is at work in that copy; the others need not wait.
        lost.push(locked.fault);
        left = left.filter((copy) => copy !== locked.fault.copy);
        continue;
      }
      if (!locked.value.ok) return locked.value;
      const { levelled, removing, isWrong } = locked.value.value;
      await removeFrom(removing, survey.repository, wish.signal);
      if (!isWrong || pass >= PASSES) return ok(levelled);
      tally.damaged = levelled.damaged;
      tally.repaired = levelled.repaired;
    }
  }

  type Work<C> = {
    readonly levelled: Levelled<C>;
    readonly removing: readonly (CopySteps<C> & { readonly listing: Listing })[];
    /** What was sent showed damage that others may repair. */
    readonly isWrong: boolean;
  };

  /** Looks again, now that nobody removes anything, and sends what is missing. */
  async function work<C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    wish: LevelWish<C>,
    {
      lost,
      tally,
    }: { readonly lost: Lost<C>[]; readonly tally: { damaged: number; repaired: number } },
  ): Promise<Result<Work<C>, EngineFault>> {
    const seen = await look(set, copies, wish, false);
    if (!seen.ok) return seen;
    const { plan, survey } = seen.value;
    lost.push(...survey.lost);
    const listings = new Map(survey.copies.map(({ copy, listing }) => [copy, listing]));
    const wrong = new Map<C, StoreObject[]>();
    const complete: C[] = [];
    const behind: C[] = [];
    if (plan.revived.length > 0) await book.takeBackRemovals({ set, names: plan.revived });
    const least = plan.steps.toSorted((one, other) => one.addBytes - other.addBytes);
    for (const steps of least) {
      if (steps.addBytes > wish.addBytesMax && complete.length > 0) {
        behind.push(steps.copy);
        continue;
      }
      const sending = {
        signal: wish.signal,
        holders: ({ type, name }: StoreObject) =>
          survey.copies.flatMap(({ copy, listing }) =>
            copy !== steps.copy && type !== 'locks' && listing[type].has(name) ? [copy] : [],
          ),
        onWrong: (copy: C, { type, name }: StoreObject) => {
          const all = wrong.get(copy) ?? [];
          all.push({ type, name });
          wrong.set(copy, all);
        },
      };
      const sent = await sendMissing(steps, sending);
      if (!sent.ok) lost.push({ copy: steps.copy, fault: sent.fault });
      else {
        const stillBad = await confirmRepaired(set, steps, sending);
        tally.repaired += stillBad.repaired;
        if (stillBad.bad) lost.push({ copy: steps.copy, fault: STILL_DAMAGED });
        else complete.push(steps.copy);
      }
    }
    for (const [copy, objects] of wrong) {
      tally.damaged += objects.length;
      await book.noteDamage({ set, host: copy.host.owner, objects, atMs: clock.nowMs() });
    }
    const removing = plan.steps.flatMap((steps) => {
      const listing = listings.get(steps.copy);
      return listing !== undefined && steps.remove.length > 0 && complete.includes(steps.copy)
        ? [{ ...steps, listing }]
        : [];
    });
    const levelled = await settle(set, seen.value, complete, behind, { lost, tally });
    return ok({ levelled, removing, isWrong: wrong.size > 0 });
  }

  /** Objects of different lengths, or that a complete copy lacks, are damage; each is looked into. Answers how much there is. */
  async function noteFound<C extends HeldCopy>(
    set: string,
    { survey, plan, lost }: Seen<C>,
    { signal }: LevelWish<C>,
  ): Promise<number> {
    let found = 0;
    const note = async (copy: C, objects: readonly StoreObject[]) => {
      if (objects.length === 0) return;
      found += objects.length;
      await book.noteDamage({ set, host: copy.host.owner, objects, atMs: clock.nowMs() });
    };
    for (const { copy, listing } of survey.copies) {
      const bad: StoreObject[] = [];
      for (const object of plan.uneven.slice(0, UNEVEN_MAX)) {
        const sizeBytes =
          object.type === 'locks' ? undefined : listing[object.type].get(object.name);
        if (sizeBytes === undefined) continue;
        const loaded = await loadSound(copy, { ...object, sizeBytes }, signal);
        if (!loaded.ok && loaded.fault.code === 'damaged') bad.push(object);
      }
      await note(copy, bad);
    }
    const gone = new Set((await book.removals(set)).removals.map(({ name }) => name));
    for (const { copy } of survey.copies) {
      const host = copy.host.owner;
      const rows = (await book.damage(set)).filter((each) => each.host === host);
      const objects = rows.filter(({ name }) => gone.has(name));
      await book.noteRepaired({ set, host, objects, atMs: clock.nowMs() });
    }
    for (const [copy, objects] of lost) {
      const before = (await book.damage(set)).filter(({ host }) => host === copy.host.owner);
      const isKnown = ({ type, name }: StoreObject) =>
        before.some((each) => each.type === type && each.name === name);
      await note(
        copy,
        objects.filter((object) => !isKnown(object)),
      );
    }
    for (const { copy, what } of survey.odd)
      if (what === 'config') {
        // Its name says nothing about its bytes, so whoever keeps it can't tell. It is sent anew.
        await note(copy, [{ type: 'config', name: '' }]);
        await copy.store.remove({ type: 'config', name: '' }, { signal });
      }
    return found;
  }

  /** What was damaged and has just been sent again is read once more; only then it is repaired. */
  async function confirmRepaired<C extends HeldCopy>(
    set: string,
    steps: CopySteps<C>,
    sending: SendOptions<C>,
  ): Promise<{ readonly bad: boolean; readonly repaired: number }> {
    const { copy, add } = steps;
    const host = copy.host.owner;
    const rows = (await book.damage(set)).filter((each) => each.host === host);
    const repaired: StoreObject[] = [];
    let bad = false;
    for (const { type, name } of rows) {
      const sent = add.find((each) => each.type === type && each.name === name);
      if (sent === undefined) continue;
      if (await isSound(copy, sent, sending)) repaired.push({ type, name });
      else bad = true;
    }
    await book.noteRepaired({ set, host, objects: repaired, atMs: clock.nowMs() });
    return { bad, repaired: repaired.length };
  }

  /** What is there is never overwritten: where its keeper did not drop it, it is removed and sent once more. */
  async function isSound<C extends HeldCopy>(
    copy: C,
    object: SizedObject,
    sending: SendOptions<C>,
  ): Promise<boolean> {
    if ((await loadSound(copy, object, sending.signal)).ok) return true;
    if (sending.holders(object).length === 0) return false;
    await copy.store.remove(object, { signal: sending.signal });
    const again = { copy, add: [object], addBytes: object.sizeBytes, remove: [] };
    const sent = await sendMissing(again, sending);
    return sent.ok && (await loadSound(copy, object, sending.signal)).ok;
  }

  /** The copies that have everything are noted so. */
  async function settle<C extends HeldCopy>(
    set: string,
    { survey, known, plan, isSure, sequence, above }: Seen<C>,
    complete: readonly C[],
    behind: readonly C[],
    rest: {
      readonly lost: readonly Lost<C>[];
      readonly tally: { readonly damaged: number; readonly repaired: number };
    },
  ): Promise<Levelled<C>> {
    const hosts = complete.map(({ host }) => host.owner);
    const atMs = clock.nowMs();
    const isOwn = isSure && plan.revived.length === 0;
    const sources = [...known.values()].filter((row) => !isSure || row.sequence === sequence);
    const completeMs = Math.max(-1, ...sources.map((row) => row.completeMs ?? -1));
    const now = isOwn || hosts.length === 0 ? sequence : await book.advance({ set, hosts, above });
    const hopeless = await hopelessOf(set, plan);
    const isBehind = (host: OwnerId) =>
      [...known.values()].some((row) => row.host === host && row.sequence !== sequence);
    for (const host of hosts) {
      // It has what there is; whether that is everything shows when what is damaged elsewhere is settled.
      if (isOwn && hopeless.length > 0 && isBehind(host)) continue;
      await book.caughtUp({
        set,
        host,
        sequence: now,
        atMs,
        completeMs: completeMs < 0 ? undefined : completeMs,
      });
    }
    if (!isSure && hosts.length > 0) await partFromAbsent(set, known);
    const all = KEPT_TYPES.flatMap((type) => [...plan.want[type].values()]);
    return {
      repository: survey.repository,
      complete,
      behind,
      // Once each, and not those that were completed after all.
      lost: [...new Map(rest.lost.map((each) => [each.copy, each])).values()].filter(
        ({ copy }) => !complete.includes(copy),
      ),
      isNewest: isSure,
      objects: all.length,
      bytes: all.reduce((sum, sizeBytes) => sum + sizeBytes, 0),
      ...rest.tally,
      hopeless,
      above,
    };
  }

  async function hopelessOf<C>(
    set: string,
    { want }: CatchUpPlan<C>,
  ): Promise<readonly StoreObject[]> {
    const hopeless = new Map<string, StoreObject>();
    for (const { type, name } of await book.damage(set))
      if (type !== 'locks' && !want[type].has(name))
        hopeless.set(`${type}/${name}`, { type, name });
    return [...hopeless.values()];
  }

  /** Copies out of reach that know more than those within it have a history of their own from now on. */
  async function partFromAbsent<C>(set: string, known: ReadonlyMap<C, KnownCopy>): Promise<void> {
    const here = new Set([...known.values()].map(({ host }) => host));
    const most = Math.max(0, ...[...known.values()].map((row) => row.sequence));
    const absent = (await book.copiesOf(set)).filter(
      (row) => !here.has(row.host) && row.goneMs === undefined && row.sequence > most,
    );
    await book.setApart({ set, hosts: absent.map(({ host }) => host) });
  }

  /** Alone in each copy; if somebody has added to it meanwhile, nothing is removed this time. */
  async function removeFrom<C extends HeldCopy>(
    all: Work<C>['removing'],
    repository: OpenedRepository,
    signal: AbortSignal,
  ): Promise<void> {
    for (const steps of all) {
      const { copy, listing, add } = steps;
      const alone = { ...repository, store: copy.store };
      const removed = await underLock(
        alone,
        async () => {
          const now = await listCopy(copy, signal);
          if (!now.ok) return now;
          const expected = new Set([
            ...listing.index.keys(),
            ...listing.snapshots.keys(),
            ...add.map(({ name }) => name),
          ]);
          const isNew = [...now.value.index.keys(), ...now.value.snapshots.keys()].some(
            (name) => !expected.has(name),
          );
          return isNew ? ok(undefined) : removeSuperfluous(steps, signal);
        },
        { exclusive: true },
      );
      // It stays listed as removed, and goes the next time.
      if (!removed.ok)
        logger.info('what was removed elsewhere is still in a copy', { why: removed.fault.code });
    }
  }

  async function publish<C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    { key, id, objects, bytes, signal }: Parameters<Leveller['publish']>[2],
  ): Promise<void> {
    const { removals, trimmed } = await book.removals(set);
    const rows = await book.copiesOf(set);
    for (const copy of copies) {
      const host = copy.host.owner;
      const row = rows.find((each) => each.host === host);
      if (row === undefined || row.sequence === 0) continue;
      const manifest = {
        repository: id,
        writer,
        sequence: row.sequence,
        atMs: clock.nowMs(),
        completeMs: row.completeMs,
        objects,
        bytes,
        trimmed,
        removals,
      };
      const paper = paperOf(manifest);
      if (paper === row.paper) continue;
      const written: StoreResult<void> = await copy.papers.write(
        'manifest',
        sealManifest(key, manifest),
        {
          signal,
        },
      );
      if (written.ok) await book.notePaper({ set, host, paper });
      // The books know; a machine to come would only have more to compare.
      else logger.info('a manifest could not be left', { why: written.fault.code });
    }
  }

  return { level, publish };
}

const STILL_DAMAGED: EngineFault = { code: 'damaged', detail: 'it can’t be replaced there' };

function nothing<C>(complete: readonly C[], lost: readonly Lost<C>[]): Levelled<C> {
  return {
    repository: undefined,
    complete,
    behind: [],
    lost,
    isNewest: false,
    objects: 0,
    bytes: 0,
    damaged: 0,
    repaired: 0,
    hopeless: [],
    above: 0,
  };
}

/** Shared locks in all of these copies; which one could not be had is the fault. */
async function underLocks<C extends HeldCopy, T>(
  copies: readonly C[],
  repository: OpenedRepository,
  work: () => Promise<T>,
): Promise<Result<T, Lost<C>>> {
  const [copy, ...rest] = copies;
  if (copy === undefined) return ok(await work());
  let inner: Result<T, Lost<C>> | undefined;
  const locked = await underLock({ ...repository, store: copy.store }, async () => {
    inner = await underLocks(rest, repository, work);
    return ok(undefined);
  });
  if (inner !== undefined) return inner;
  return failed({
    copy,
    fault: locked.ok ? { code: 'unreachable', detail: 'no lock' } : locked.fault,
  });
}
