import type { Async } from '../../../../shared/async.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import { ok, type Result } from '../../../../shared/result.ts';
import type { Clock, Logger } from '../../ports.ts';
import { awayFrom, type CopyBook, type KnownCopy } from './book.ts';
import { loadSound, without } from './copy.ts';
import { type KnownSnapshot, snapshotsAfter } from './known-snapshots.ts';
import { packsNamed } from './named.ts';
import type { PutBack, Reopening } from './reopen.ts';
import { createStrangers } from './strangers.ts';
import { type CatchUpPlan, KEPT_TYPES, type Listing, planCatchUp } from './plan.ts';
import {
  judgeManifest,
  type OpenedRepository,
  type PaperedCopy,
  type Survey,
  surveyCopies,
} from './survey.ts';
import type { DamageReport } from './damage-report.ts';
import type { EngineFault } from '../engine/engine.ts';
import { type Manifest, paperOf } from './manifest.ts';
import type { StoreObject } from '../repository/repository-store.ts';
import type { SetBook } from '../set-book.ts';

/** A copy at a friend's as the books know it. */
export type HeldCopy = PaperedCopy & {
  readonly host: { readonly owner: OwnerId };
  /** Undefined: whoever keeps it can't be told of damage. */
  readonly report: DamageReport | undefined;
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
  /** What opens the repository was gone everywhere, and was put back there. */
  readonly onPutBack?: (copy: C) => void;
  /** Something will be written to them, whether or not they lack anything. */
  readonly isToWrite?: boolean;
};

/** What copies have, what the books say of them, and what is to be done so that all have the same. */
export type Seen<C> = {
  readonly survey: Survey<C>;
  readonly known: ReadonlyMap<C, KnownCopy>;
  readonly plan: CatchUpPlan<C>;
  /** They have what was removed while they were away, and no list says so any more: they are as the others when it is gone. */
  readonly unremoved: ReadonlySet<C>;
  /** Indexes and snapshots that a copy lists, and that are not what my devices have written. */
  readonly unreal: ReadonlyMap<C, readonly StoreObject[]>;
  /** Somebody else has written there since this device did. */
  readonly foreign: ReadonlySet<C>;
  readonly isSure: boolean;
  readonly sequence: number;
  readonly above: number;
  /** Snapshots that a copy should have and lacks. */
  readonly gone: ReadonlyMap<C, readonly StoreObject[]>;
  /** What a copy should have and lacks, if what another one lists is true. */
  readonly lost: ReadonlyMap<C, readonly StoreObject[]>;
  /** Snapshots that there should be, and that none of these copies has whole. */
  readonly missing: readonly string[];
  /** What opens the repository was gone, and these have it again. */
  readonly putBack: readonly PutBack<C>[];
};

export type Look = <C extends HeldCopy>(
  set: string,
  copies: readonly C[],
  wish: LevelWish<C>,
  /** Only then it is said what is not believed. */
  isFirst: boolean,
) => Promise<Result<Seen<C>, EngineFault>>;

export function createCopyLook({
  book,
  sets,
  password,
  writer,
  clock,
  reopening,
}: Omit<LevelOptions, 'logger'> & { readonly reopening: Reopening }): Look {
  const opened = new Map<string, OpenedRepository>();
  const strangers = createStrangers();

  async function surveyNow<C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    { went, signal }: { readonly went: ReadonlySet<string>; readonly signal: AbortSignal },
  ) {
    const rows = await book.damage(set);
    const damage = rows.filter(({ name }) => !went.has(name));
    const surveyed = await surveyCopies(copies, {
      password,
      signal,
      expected: (await sets.set(set))?.repository,
      opened: opened.get(set),
      damaged: (copy) => damage.filter(({ host }) => host === copy.host.owner),
    });
    return { surveyed, rows };
  }

  /** What there is, and what is to be done about it. */
  async function look<C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    wish: LevelWish<C>,
    isFirst: boolean,
  ): Promise<Result<Seen<C>, EngineFault>> {
    // What is to go is seen, damaged or not: were an index left behind, it would name packs that are gone.
    const went = new Set((await book.removals(set)).removals.map(({ name }) => name));
    let first = await surveyNow(set, copies, { went, signal: wish.signal });
    const isOpen = !isFirst || (await canBeOpened(first.surveyed, wish.signal));
    const { putBack, opens } = isOpen
      ? { putBack: [], opens: false }
      : await reopening.putBack(set, copies, wish.signal);
    if (opens) first = await surveyNow(set, copies, { went, signal: wish.signal });
    const { surveyed, rows } = first;
    if (!surveyed.ok) return surveyed;
    let survey = surveyed.value;
    if (survey.repository !== undefined) {
      opened.set(set, survey.repository);
      const how = { repository: survey.repository, signal: wish.signal };
      if (isFirst) await reopening.keep(set, copies, how);
    }
    await takeOver(set, survey);
    const known = await rowsOf(set, survey);
    const sequence = (await sets.set(set))?.sequence ?? 0;
    const { removals, trimmed } = await book.removals(set);
    let above = 0;
    const unpapered: C[] = [];
    const foreign = new Set<C>();
    let planned = survey.copies.map(({ copy, listing, manifest }) => {
      const row = known.get(copy);
      const judged = row === undefined ? 'ours' : judgeManifest(manifest, row, writer);
      if (judged !== 'ours' && isFirst) wish.onIgnored(copy, judged);
      if (judged === 'older' || manifest === undefined) unpapered.push(copy);
      if (judged === 'foreign') foreign.add(copy);
      if (manifest !== undefined && isCounted(manifest)) above = Math.max(above, manifest.sequence);
      return {
        copy,
        listing,
        isNewest: sequence > 0 && row?.sequence === sequence,
        isApart: row?.isApart === true || judged === 'foreign' || isStrange(row, listing, manifest),
        lacks: rows.filter(({ host, name }) => host === copy.host.owner && went.has(name)),
        hasMissed: (row?.sequence ?? 0) < trimmed,
      };
    });
    // It is said once, and a right one is left there again.
    for (const { host } of unpapered)
      if (known.size > 0) await book.notePaper({ set, host: host.owner, paper: '' });
    if (isFirst)
      for (const { copy, what } of survey.odd)
        if (what === 'manifest') wish.onIgnored(copy, 'damaged');
    const { repository } = survey;
    const removed = new Set(removals.map(({ name }) => name));
    let unreal: ReadonlyMap<C, readonly StoreObject[]> = new Map();
    if (repository !== undefined) {
      const { key } = repository;
      const judged = await strangers.judge(planned, removed, { key, signal: wish.signal });
      const isThere = ({ copy }: { readonly copy: C }) =>
        !judged.away.some((each) => each.copy === copy);
      unreal = judged.unreal;
      planned = planned.filter(isThere).map((each) => {
        const objects = unreal.get(each.copy);
        return objects === undefined ? each : { ...each, listing: without(each.listing, objects) };
      });
      const lost = [...survey.lost, ...judged.away];
      survey = { ...survey, lost, copies: survey.copies.filter(isThere) };
    }
    const named = repository === undefined ? undefined : await packsNamed(planned, repository.key);
    const plan = planCatchUp(planned, removed, named);
    const newest = planned.filter(({ isNewest, isApart }) => isNewest && !isApart);
    const isSettled = await book.isSettled(set);
    const there = await snapshotsOf(set, survey, foreign);
    const snapshots = there.map(({ name }) => name);
    // What another device has written since, whoever is as this one left him never had.
    const mine = there.flatMap((each) => (each.sequence > sequence ? [] : [each.name]));
    const gone = new Map<C, readonly StoreObject[]>();
    const lost = new Map<C, readonly StoreObject[]>();
    for (const { copy, listing } of newest) {
      const add = plan.steps.find((each) => each.copy === copy)?.add ?? [];
      const isLost = ({ type, name }: StoreObject) =>
        type !== 'locks' &&
        newest.some((other) => other.copy !== copy && other.listing[type].has(name));
      gone.set(
        copy,
        mine.flatMap((name) =>
          listing.snapshots.has(name) ? [] : [{ type: 'snapshots', name } as const],
        ),
      );
      if (isSettled) lost.set(copy, add.filter(isLost));
    }
    const missing = snapshots.filter((name) => !plan.want.snapshots.has(name));
    const unremoved = new Set(
      planned.flatMap(({ copy, hasMissed }) => {
        const remove = plan.steps.find((each) => each.copy === copy)?.remove ?? [];
        return hasMissed && remove.length > 0 ? [copy] : [];
      }),
    );
    const isSure = newest.length > 0;
    return ok({
      survey,
      known,
      plan,
      unremoved,
      unreal,
      foreign,
      isSure,
      sequence,
      above,
      gone,
      lost,
      missing,
      putBack,
    });
  }

  /**
   * A machine that came after another one counts on from the newest manifest that the copies have. What these say was removed
   * is not taken from them: whoever has the other one's keys could list all there is, and this one would remove it everywhere.
   * So what copies have is joined, and the next prune tidies.
   */
  async function takeOver<C extends HeldCopy>(set: string, { copies }: Survey<C>): Promise<void> {
    const rows = await book.copiesOf(set);
    // How far it had come may stand in an address book; what each copy has only its manifest says.
    const told = (await sets.set(set))?.sequence ?? 0;
    const isUnknown = rows.every((row) => row.sequence === 0 && row.paper === undefined);
    const best = copies
      .flatMap(({ manifest }) => (manifest !== undefined && isCounted(manifest) ? [manifest] : []))
      .toSorted((one, other) => other.sequence - one.sequence)
      .at(0);
    if (!isUnknown || best === undefined) return;
    const { trimmed } = best;
    const sequence = Math.max(told, best.sequence);
    const names = await namesAfter(set, copies, { known: [], theirs: best.snapshots });
    await book.setSnapshots({ set, names, sequence });
    await book.adoptRemovals({ set, sequence, trimmed: 0, removals: [] });
    for (const { copy, manifest } of copies) {
      const at = { set, host: copy.host.owner, atMs: clock.nowMs() };
      await book.begin(at);
      if (manifest === undefined || !isCounted(manifest)) continue;
      const { completeMs } = manifest;
      await book.caughtUp({ ...at, sequence: manifest.sequence, completeMs });
      await book.notePaper({ ...at, paper: paperOf(manifest) });
      const isInLine = manifest.writer === best.writer && manifest.sequence >= trimmed;
      if (!isInLine) await book.setApart({ set, hosts: [copy.host.owner] });
    }
  }

  /** Those that there should be. Where another device has written since, what it says counts, and what is there. */
  async function snapshotsOf<C extends HeldCopy>(
    set: string,
    { copies }: Survey<C>,
    foreign: ReadonlySet<C>,
  ): Promise<readonly KnownSnapshot[]> {
    const snapshots = await book.snapshots(set);
    const [theirs] = copies
      .flatMap(({ copy, manifest }) =>
        manifest !== undefined && foreign.has(copy) ? [manifest] : [],
      )
      .toSorted((one, other) => other.sequence - one.sequence);
    if (theirs === undefined) return snapshots;
    const known = snapshots.map(({ name }) => name);
    const sequence = (await sets.set(set))?.sequence ?? 0;
    const names = await namesAfter(set, copies, {
      known,
      // One that is no newer than what this device has done may have been brought back, and name what was forgotten since.
      theirs: theirs.sequence > sequence ? theirs.snapshots : [],
    });
    await book.setSnapshots({ set, names, sequence: theirs.sequence });
    return book.snapshots(set);
  }

  async function namesAfter<C extends HeldCopy>(
    set: string,
    copies: Survey<C>['copies'],
    { known, theirs }: { readonly known: readonly string[]; readonly theirs: readonly string[] },
  ): Promise<readonly string[]> {
    const here = copies.map(({ copy }) => copy.host.owner);
    const hosts = (await sets.set(set))?.hosts ?? [];
    return snapshotsAfter(known, {
      theirs,
      listed: new Set(copies.flatMap(({ listing }) => [...listing.snapshots.keys()])),
      isEverySeen: awayFrom(await book.copiesOf(set), { hosts, here }).length === 0,
    });
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

  return look;
}

/** Whether any of them has the config, and any the key file; that it is listed does not say that it can be read. */
async function canBeOpened<C extends HeldCopy>(
  surveyed: Result<Survey<C>, EngineFault>,
  signal: AbortSignal,
): Promise<boolean> {
  const { repository, copies } = surveyed.ok ? surveyed.value : NOTHING;
  if (repository?.keyFile === undefined) return false;
  const name = repository.keyFile;
  if (!copies.some(({ hasConfig }) => hasConfig)) return false;
  for (const { copy, listing } of copies) {
    const sizeBytes = listing.keys.get(name);
    if (sizeBytes === undefined) continue;
    if ((await loadSound(copy, { type: 'keys', name, sizeBytes }, signal)).ok) return true;
  }
  return false;
}

const NOTHING = { repository: undefined, copies: [] } as const;

/** Nobody has done so much to a set; whoever went on from there would soon be beyond what can be counted. */
function isCounted({ sequence }: Manifest): boolean {
  return sequence < SEQUENCE_MAX;
}

const SEQUENCE_MAX = 2 ** 47;

/** Nothing is known of it, and it has snapshots: whoever wrote them may know what nobody else does. */
function isStrange(
  row: KnownCopy | undefined,
  listing: Listing,
  manifest: Manifest | undefined,
): boolean {
  return (row?.sequence ?? 0) === 0 && manifest === undefined && listing.snapshots.size > 0;
}
