import type { OwnerId } from '../../../../shared/ids.ts';
import { ok, type Result } from '../../../../shared/result.ts';
import { confirmRepaired, hopelessOf, noteFound, noteLacking } from './mend.ts';
import { removeAlone, underLocks } from './locks.ts';
import { indexesSent } from './named.ts';
import {
  createCopyLook,
  type HeldCopy,
  type LevelOptions,
  type LevelWish,
  type Seen,
} from './look.ts';
import { type CatchUpPlan, type CopySteps, KEPT_TYPES, type Listing } from './plan.ts';
import { createPublish, type Publish } from './publish.ts';
import { createReopening, type Reopening } from './reopen.ts';
import { readAgain, reportDamage } from './repair.ts';
import type { Lost, OpenedRepository, Survey } from './survey.ts';
import { madeUpOf, sendMissing } from './copy.ts';
import type { EngineFault } from '../engine/engine.ts';
import type { StoreObject } from '../repository/repository-store.ts';

export type Levelled<C> = {
  /** Undefined: none of the copies was begun yet. */
  readonly repository: OpenedRepository | undefined;
  /** They have everything that any of the copies within reach has. */
  readonly complete: readonly C[];
  /** They lack more than may be sent now. */
  readonly behind: readonly C[];
  readonly lost: readonly Lost<C>[];
  /** One of the complete ones is at the newest sequence that is known of, or all that is known of was joined just now. */
  readonly isNewest: boolean;
  readonly objects: number;
  readonly bytes: number;
  /** What was found damaged or missing where it should be, and what is whole again. */
  readonly damaged: number;
  readonly repaired: number;
  /** Known to be damaged, and no copy within reach has it sound. */
  readonly hopeless: readonly StoreObject[];
  /**
   * What no copy has in the end, and whatever else was removed. One that something is in the way of may still have it, or may say once more
   * that it has it, and nothing new may refer to it.
   */
  readonly superfluous: ReadonlySet<string>;
  /** Packs that every complete copy has. */
  readonly packs: ReadonlyMap<string, number>;
  /** And snapshots. */
  readonly snapshots: ReadonlyMap<string, number>;
  /** Snapshots that there should be, and that no copy within reach has whole. */
  readonly missing: readonly string[];
  /** Indexes and snapshots that a friend has made up: whoever reads all that there is must not see them. */
  readonly madeUp: ReadonlySet<string>;
  /** Indexes and snapshots that somebody lists and nobody within reach has whole. */
  readonly unreadable: ReadonlySet<string>;
  /** Complete ones that still have some of it: nothing may be taken apart there before it is gone. */
  readonly stuck: ReadonlySet<C>;
  /** The highest sequence that any manifest knows. */
  readonly above: number;
  /**
   * A copy out of reach knows more than all of these. They have a history of their own as soon as something is written to them,
   * and bring back what was removed there; until then they are only behind. To be called before the first write.
   */
  readonly part: (() => Promise<void>) | undefined;
};

/** Compares copies with each other and brings them to the same state: what one lacks it gets, what was removed goes. */
export type Leveller = {
  readonly level: <C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    wish: LevelWish<C>,
  ) => Promise<Result<Levelled<C>, EngineFault>>;
  readonly publish: Publish;
  /** Where a job would open nothing any more. */
  readonly putBack: Reopening['putBack'];
};

type Tally = { damaged: number; repaired: number };

/** Damage that shows while copies are compared is dealt with by comparing them again. */
const PASSES = 5;

export function createLeveller({
  book,
  sets,
  password,
  writer,
  clock,
  logger,
}: LevelOptions): Leveller {
  const reopening = createReopening({ book, sets, password, clock, logger });
  const look = createCopyLook({ book, sets, password, writer, clock, reopening });
  const publish = createPublish({ book, writer, clock, logger });

  async function level<C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    wish: LevelWish<C>,
  ): Promise<Result<Levelled<C>, EngineFault>> {
    const lost: Lost<C>[] = [];
    const tally = { damaged: 0, repaired: 0 };
    let left = copies;
    let passes = PASSES;
    /** Whoever it is, one pass more is had without him. */
    const goOnWithout = (gone: readonly Lost<C>[]) => {
      lost.push(...gone);
      left = left.filter((copy) => !gone.some((each) => each.copy === copy));
      passes += gone.length;
    };
    for (let pass = 1; ; pass += 1) {
      const seen = await look(set, left, wish, pass === 1);
      if (!seen.ok) return seen;
      const { survey, putBack } = seen.value;
      for (const { copy, objects } of putBack) {
        tally.damaged += objects.length;
        tally.repaired += objects.length;
        wish.onPutBack?.(copy);
      }
      lost.push(...survey.lost);
      left = survey.copies.map(({ copy }) => copy);
      if (survey.repository === undefined) return ok({ ...nothing(left, lost), ...tally });
      const found = await noteFound(book, set, seen.value, { signal: wish.signal, clock });
      tally.damaged += found.count;
      if (found.at.size > 0 && pass < passes) continue;
      if (found.at.size > 0 && canGoOnWithout(survey, found.at)) {
        goOnWithout([...found.at].map((copy) => ({ copy, fault: UNTRUE })));
        continue;
      }
      const suspected = await hopelessOf(book, set, seen.value.plan);
      const means = { signal: wish.signal, key: survey.repository.key };
      const hopeless = await readAgain(book, set, suspected, left, means);
      // What is to be had after all must not be missing where something is sent that needs it.
      if (hopeless.length < suspected.length && pass < passes) continue;
      const madeUp = await madeUpOf(hopeless, left, means);
      await unburden(set, madeUp, left, wish.signal);
      await reportDamage(book, set, survey.copies, wish.signal);
      const { steps, revived } = seen.value.plan;
      const isParting = (await absentOf(set, seen.value)).length > 0;
      // What comes back to life must not go the next time, also where nobody lacks it now.
      const needsWork =
        (revived.length > 0 && !isParting) ||
        steps.some(({ add, remove }) => add.length > 0 || remove.length > 0);
      if (!needsWork) {
        if (wish.isToWrite === true) await claim(set, seen.value, wish.signal);
        return ok(await settle(set, seen.value, left, [], { lost, tally, madeUp }));
      }
      const locked = await underLocks(
        survey.copies.filter(({ hasConfig }) => hasConfig).map(({ copy }) => copy),
        survey.repository,
        () =>
          work(set, left, wish, {
            vetted: seen.value.plan,
            tally,
            madeUp,
            lost,
          }),
      );
      if (!locked.ok) {
        // Somebody else is at work in that copy; the others need not wait.
        goOnWithout([locked.fault]);
        continue;
      }
      if (!locked.value.ok) return locked.value;
      const worked = locked.value.value;
      if (worked.isOther) {
        // Whoever lists something else each time is not looked into for ever, and nothing of it goes to anybody unread.
        const untrue = pass < passes ? [] : worked.at.map((copy) => ({ copy, fault: UNTRUE }));
        goOnWithout([...worked.lost, ...untrue]);
        continue;
      }
      const { levelled, removing, isToBeSeen, wrong, inVain } = worked;
      const { signal } = wish;
      const stuck = await removeAlone(removing, survey.repository, {
        signal,
        logger,
        madeUp: levelled.madeUp,
      });
      tally.damaged = levelled.damaged;
      tally.repaired = levelled.repaired;
      if (isToBeSeen && pass < passes) continue;
      // Whoever lists something else each time would keep the others from a backup for ever: who has backups goes on without him.
      const canGoOn = survey.copies.some(
        ({ copy, listing }) => inVain.has(copy) && !wrong.has(copy) && listing.snapshots.size > 0,
      );
      if (canGoOn && wrong.size > 0) {
        goOnWithout([...wrong].map((copy) => ({ copy, fault: UNTRUE })));
        continue;
      }
      const failing = [...inVain].map(([copy, fault]) => ({ copy, fault }));
      return ok({ ...levelled, stuck, lost: [...levelled.lost, ...failing] });
    }
  }

  type Work<C> =
    | WorkDone<C>
    /** Something else is to be sent than what was looked into; these can’t be reached any more. */
    | { readonly isOther: true; readonly at: readonly C[]; readonly lost: readonly Lost<C>[] };
  type WorkDone<C> = {
    readonly isOther: false;
    readonly levelled: Levelled<C>;
    readonly removing: readonly (CopySteps<C> & { readonly listing: Listing })[];
    /** What was sent showed damage that others may repair, or a copy counts when what it has too much is gone. */
    readonly isToBeSeen: boolean;
    /** They list what they have not. */
    readonly wrong: ReadonlySet<C>;
    /** They lack what nobody could give. */
    readonly inVain: ReadonlyMap<C, EngineFault>;
  };

  /** Looks again, now that nobody removes anything, and sends what is missing. */
  async function work<C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    wish: LevelWish<C>,
    {
      lost,
      vetted,
      tally,
      madeUp,
    }: {
      readonly lost: readonly Lost<C>[];
      readonly vetted: CatchUpPlan<C>;
      readonly tally: Tally;
      readonly madeUp: readonly StoreObject[];
    },
  ): Promise<Result<Work<C>, EngineFault>> {
    const seen = await look(set, copies, wish, false);
    if (!seen.ok) return seen;
    const { plan, survey } = seen.value;
    const known = indexesSent(vetted);
    const others = [...indexesSent(plan)].filter((name) => !known.has(name));
    const at = survey.copies.flatMap(({ copy, listing }) =>
      others.some((name) => listing.index.has(name)) ? [copy] : [],
    );
    if (others.length > 0 || survey.lost.length > 0)
      return ok({ isOther: true, at, lost: survey.lost });
    const failing = [...lost];
    await claim(set, seen.value, wish.signal);
    const listings = new Map(survey.copies.map(({ copy, listing }) => [copy, listing]));
    const wrong = new Map<C, StoreObject[]>();
    const inVain = new Map<C, EngineFault>();
    const complete: C[] = [];
    const behind: C[] = [];
    const isParting = (await absentOf(set, seen.value)).length > 0;
    if (plan.revived.length > 0 && !isParting)
      await book.takeBackRemovals({ set, names: plan.revived });
    const least = plan.steps.toSorted((one, other) => one.addBytes - other.addBytes);
    for (const steps of least) {
      if (steps.addBytes > wish.addBytesMax && complete.length > 0) {
        behind.push(steps.copy);
        continue;
      }
      const sending = {
        signal: wish.signal,
        clock,
        key: survey.repository?.key,
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
      if (!sent.ok) {
        const { fault, isNobodys } = sent.fault;
        // Who may have it can't be asked now; that is nothing of this one's.
        if (isNobodys && fault.code !== 'damaged' && fault.code !== 'cancelled')
          behind.push(steps.copy);
        else if (isNobodys && fault.code === 'damaged') inVain.set(steps.copy, fault);
        else failing.push({ copy: steps.copy, fault });
      } else {
        const stillBad = await confirmRepaired(book, set, steps, sending);
        tally.repaired += stillBad.repaired;
        if (stillBad.bad) failing.push({ copy: steps.copy, fault: STILL_DAMAGED });
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
    const { unremoved } = seen.value;
    const asOthers = complete.filter((copy) => !unremoved.has(copy));
    const notYet = complete.filter((copy) => unremoved.has(copy));
    const levelled = await settle(set, seen.value, asOthers, [...behind, ...notYet], {
      lost: failing,
      tally,
      madeUp,
    });
    return ok({
      isOther: false,
      levelled,
      removing,
      isToBeSeen: wrong.size > 0 || notYet.length > 0,
      wrong: new Set(wrong.keys()),
      inVain,
    });
  }

  /** That a copy lacks what somebody else has made up is no damage. */
  async function unburden<C extends HeldCopy>(
    set: string,
    madeUp: readonly StoreObject[],
    copies: readonly C[],
    signal: AbortSignal,
  ): Promise<void> {
    for (const object of madeUp)
      for (const copy of copies) {
        const found = await copy.store.stat(object, { signal });
        if (found.ok || found.fault.code !== 'not-found') continue;
        await book.forgetDamage({ set, host: copy.host.owner, objects: [object] });
      }
  }

  /**
   * Where another device has left its manifest, this one leaves its own before it writes or removes anything. The other one then joins
   * what is there, also where this one is cut off; otherwise it would remove again what was brought back and is needed by now.
   */
  async function claim<C extends HeldCopy>(
    set: string,
    { survey, foreign, plan }: Seen<C>,
    signal: AbortSignal,
  ): Promise<void> {
    const { repository } = survey;
    const claimed = survey.copies.flatMap(({ copy, manifest }) =>
      manifest !== undefined && manifest.writer !== writer ? [copy] : [],
    );
    if (repository === undefined || claimed.length === 0) return;
    // That the other one has written there shows no more once its manifest is gone.
    const hosts = claimed.filter((copy) => foreign.has(copy)).map(({ host }) => host.owner);
    await book.setApart({ set, hosts });
    // The same as this device left last lies there no more.
    for (const { host } of claimed) await book.notePaper({ set, host: host.owner, paper: '' });
    await publish(set, claimed, { ...repository, ...sumOf(plan), signal });
  }

  /** The copies that have everything are noted so. */
  async function settle<C extends HeldCopy>(
    set: string,
    seen: Seen<C>,
    complete: readonly C[],
    behind: readonly C[],
    rest: {
      readonly lost: readonly Lost<C>[];
      readonly tally: Readonly<Tally>;
      readonly madeUp: readonly StoreObject[];
    },
  ): Promise<Levelled<C>> {
    const { survey, known, plan, isSure, sequence, above, missing } = seen;
    const hosts = complete.map(({ host }) => host.owner);
    const atMs = clock.nowMs();
    const isOwn = isSure && !plan.isJoined && plan.revived.length === 0;
    const sources = [...known.values()].filter((row) => !isSure || row.sequence === sequence);
    const completeMs = Math.max(-1, ...sources.map((row) => row.completeMs ?? -1));
    const madeUp = new Set(rest.madeUp.map(({ name }) => name));
    const hopeless = (await hopelessOf(book, set, plan)).filter(({ name }) => !madeUp.has(name));
    const isBehind = (host: OwnerId) =>
      [...known.values()].some((row) => row.host === host && row.sequence !== sequence);
    const note = async () => {
      const now =
        isOwn || hosts.length === 0 ? sequence : await book.advance({ set, hosts, above });
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
    };
    const { removals } = await book.removals(set);
    const gone = removals.filter(({ type, name }) => !plan.want[type].has(name));
    const absent = hosts.length > 0 ? await absentOf(set, seen) : [];
    const most = Math.max(0, ...[...known.values()].map((row) => row.sequence));
    // What only those have that are away is nothing that anybody has lost who goes on without them.
    const elsewhere = (await book.snapshots(set)).flatMap((each) =>
      each.sequence > most && !plan.want.snapshots.has(each.name) ? [each.name] : [],
    );
    const leaveBehind = () => book.dropSnapshots({ set, names: elsewhere });
    const part = async () => {
      await leaveBehind();
      if (absent.length === 0) return;
      await book.takeBackRemovals({ set, names: plan.revived });
      await note();
      await book.setApart({ set, hosts: absent });
    };
    if (absent.length === 0 && !isOwn && hosts.length > 0) await leaveBehind();
    const lacked = absent.length === 0 ? hopeless : await damagedHere(set, survey, hopeless);
    await noteLacking(book, set, complete, { hopeless: lacked, atMs });
    if (absent.length === 0) await note();
    else for (const host of hosts) await book.noteFault({ set, host, fault: undefined, atMs });
    return {
      repository: survey.repository,
      complete,
      behind,
      // Once each, and not those that were completed after all.
      lost: [...new Map(rest.lost.map((each) => [each.copy, each])).values()].filter(
        ({ copy }) => !complete.includes(copy),
      ),
      isNewest: isSure || (absent.length === 0 && hosts.length > 0),
      ...sumOf(plan),
      ...rest.tally,
      hopeless,
      packs: plan.want.data,
      snapshots: plan.want.snapshots,
      missing,
      superfluous: new Set([...plan.steps.flatMap(({ remove }) => remove), ...gone].map(nameOf)),
      madeUp,
      unreadable: new Set(hopeless.flatMap(({ type, name }) => (isReadAtOnce(type) ? [name] : []))),
      stuck: new Set(),
      above,
      part: absent.length + elsewhere.length === 0 ? undefined : part,
    };
  }

  /** While another one is away who knows more, only what lies damaged with these: they were given what refers to it. */
  async function damagedHere<C extends HeldCopy>(
    set: string,
    { copies }: Survey<C>,
    hopeless: readonly StoreObject[],
  ): Promise<readonly StoreObject[]> {
    const hosts = new Set(copies.map(({ copy }) => copy.host.owner));
    const rows = (await book.damage(set)).filter(({ host }) => hosts.has(host));
    const names = new Set(rows.map(({ name }) => name));
    return hopeless.filter(({ name }) => names.has(name));
  }

  /** Copies out of reach that know more than all within it. */
  async function absentOf<C>(
    set: string,
    { known, isSure }: Pick<Seen<C>, 'known' | 'isSure'>,
  ): Promise<readonly OwnerId[]> {
    if (isSure) return [];
    const here = new Set([...known.values()].map(({ host }) => host));
    const most = Math.max(0, ...[...known.values()].map((row) => row.sequence));
    const absent = (await book.copiesOf(set)).filter(
      (row) => !here.has(row.host) && row.goneMs === undefined && row.sequence > most,
    );
    return absent.map(({ host }) => host);
  }

  return { level, publish, putBack: reopening.putBack };
}

function sumOf({ want }: CatchUpPlan<unknown>): {
  readonly objects: number;
  readonly bytes: number;
} {
  const all = KEPT_TYPES.flatMap((type) => [...want[type].values()]);
  return { objects: all.length, bytes: all.reduce((sum, sizeBytes) => sum + sizeBytes, 0) };
}

/** All of them are read before anything else is done. */
function isReadAtOnce(type: StoreObject['type']): boolean {
  return type === 'index' || type === 'snapshots';
}

/** Whether any other copy has backups that one can go on from. */
function canGoOnWithout<C>({ copies }: Survey<C>, gone: ReadonlySet<C>): boolean {
  return copies.some(({ copy, listing }) => !gone.has(copy) && listing.snapshots.size > 0);
}

const nameOf = ({ name }: StoreObject) => name;

const UNTRUE: EngineFault = { code: 'damaged', detail: 'it lists what it has not' };
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
    packs: new Map(),
    snapshots: new Map(),
    missing: [],
    superfluous: new Set(),
    madeUp: new Set(),
    unreadable: new Set(),
    stuck: new Set(),
    above: 0,
    part: undefined,
  };
}
