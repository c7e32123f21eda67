import type { OwnerId } from '../../../../shared/ids.ts';
import { ok, type Result } from '../../../../shared/result.ts';
import { confirmRepaired, hopelessOf, noteFound, noteLacking } from './mend.ts';
import { removeAlone, underLocks } from './locks.ts';
import {
  createCopyLook,
  type HeldCopy,
  type LevelOptions,
  type LevelWish,
  type Seen,
} from './look.ts';
import {
  type CatchUpPlan,
  type CopySteps,
  KEPT_TYPES,
  type Listing,
  planCatchUp,
  type Standing,
  standingOf,
} from './plan.ts';
import { createPublish, type Publish } from './publish.ts';
import { readAgain, reportDamage } from './repair.ts';
import type { Lost, OpenedRepository } from './survey.ts';
import { sendMissing } from './copy.ts';
import type { EngineFault } from '../engine/engine.ts';
import type { StoreObject } from '../repository/repository-store.ts';

export type Levelled<C> = Standing<C> & {
  /** Undefined: none of the copies was begun yet. */
  readonly repository: OpenedRepository | undefined;
  /** They lack more than may be sent now. */
  readonly behind: readonly C[];
  readonly lost: readonly Lost<C>[];
  /** What is to go from these could not. */
  readonly stuck: readonly Lost<C>[];
  /** One of the complete ones is at the newest sequence that is known of. */
  readonly isNewest: boolean;
  /** What every copy has in the end. */
  readonly want: Listing;
  readonly objects: number;
  readonly bytes: number;
  /** What was found damaged or missing where it should be, and what is whole again. */
  readonly damaged: number;
  readonly repaired: number;
  /** Known to be damaged, and no copy within reach has it sound. */
  readonly hopeless: readonly StoreObject[];
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
};

/** What was done to copies is looked at again, and so is damage that shows meanwhile. */
const PASSES = 5;

/** What has come of it so far. */
type Course<C> = {
  readonly lost: Lost<C>[];
  readonly stuck: Lost<C>[];
  /** More can't be sent to them for now. */
  readonly unsent: Set<C>;
  /** What the newest copies did not have was sent to some. */
  isJoined: boolean;
  damaged: number;
  repaired: number;
};

export function createLeveller({
  book,
  sets,
  password,
  writer,
  clock,
  logger,
}: LevelOptions): Leveller {
  const look = createCopyLook({ book, sets, password, writer, clock });

  async function level<C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    wish: LevelWish<C>,
  ): Promise<Result<Levelled<C>, EngineFault>> {
    const { signal, addBytesMax } = wish;
    const course: Course<C> = {
      lost: [],
      stuck: [],
      unsent: new Set(),
      isJoined: false,
      damaged: 0,
      repaired: 0,
    };
    let left = copies;
    for (let pass = 1; ; pass += 1) {
      const seen = await look(set, left, wish, pass === 1);
      if (!seen.ok) return seen;
      const { survey, plan } = seen.value;
      course.lost.push(...survey.lost);
      left = survey.copies.map(({ copy }) => copy);
      if (survey.repository === undefined) return ok(nothing(left, course));
      const found = await noteFound(book, set, seen.value, { signal, clock });
      course.damaged += found;
      if (found > 0 && pass < PASSES) continue;
      const suspected = await hopelessOf(book, set, plan);
      if (suspected.length > 0 && pass < PASSES) {
        const hopeless = await readAgain(book, set, suspected, left, { signal, clock });
        if (hopeless.length < suspected.length) continue;
      }
      await reportDamage(book, set, survey.copies, signal);
      const isStuck = (copy: C) => course.stuck.some((each) => each.copy === copy);
      // What comes back to life must not go the next time, also where nobody lacks it now.
      const isReviving = plan.revived.length > 0 && (await absentOf(set, seen.value)).length === 0;
      const needsWork =
        isReviving ||
        sendable(plan, addBytesMax).some(({ copy }) => !course.unsent.has(copy)) ||
        plan.steps.some(({ copy, remove }) => remove.length > 0 && !isStuck(copy));
      if (!needsWork || pass > PASSES) return ok(await settle(set, seen.value, course));
      const locked = await underLocks(
        survey.copies.filter(({ hasConfig }) => hasConfig).map(({ copy }) => copy),
        survey.repository,
        () => send(set, left, wish, course),
      );
      if (!locked.ok) {
        // Somebody else is at work in that copy; the others need not wait.
        course.lost.push(locked.fault);
        left = left.filter((copy) => copy !== locked.fault.copy);
        continue;
      }
      if (!locked.value.ok) return locked.value;
      const removing = locked.value.value.filter(({ copy }) => !isStuck(copy));
      for (const each of await removeAlone(removing, survey.repository, signal)) {
        course.stuck.push(each);
        const why = each.fault.code;
        logger.info('what was removed elsewhere is still in a copy', { why });
      }
    }
  }

  /** Looks again, now that nobody removes anything, and sends what is missing. Answers what is to go from those that have all. */
  async function send<C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    wish: LevelWish<C>,
    course: Course<C>,
  ): Promise<Result<readonly (CopySteps<C> & { readonly listing: Listing })[], EngineFault>> {
    const seen = await look(set, copies, wish, false);
    if (!seen.ok) return seen;
    const { plan, survey } = seen.value;
    course.lost.push(...survey.lost);
    const wrong = new Map<C, StoreObject[]>();
    const isParting = (await absentOf(set, seen.value)).length > 0;
    if (plan.revived.length > 0 && !isParting)
      await book.takeBackRemovals({ set, names: plan.revived });
    if (plan.isJoined || plan.revived.length > 0) course.isJoined = true;
    const whole = new Set(standingOf(plan).complete);
    for (const steps of sendable(plan, wish.addBytesMax)) {
      const { copy } = steps;
      const sending = {
        signal: wish.signal,
        clock,
        holders: ({ type, name }: StoreObject) =>
          survey.copies.flatMap(({ copy: holder, listing }) =>
            holder !== copy && type !== 'locks' && listing[type].has(name) ? [holder] : [],
          ),
        onWrong: (holder: C, { type, name }: StoreObject) => {
          const all = wrong.get(holder) ?? [];
          all.push({ type, name });
          wrong.set(holder, all);
        },
      };
      const sent = await sendMissing(steps, sending);
      const confirmed = sent.ok ? await confirmRepaired(book, set, steps, sending) : undefined;
      course.repaired += confirmed?.repaired ?? 0;
      if (confirmed?.bad === false) {
        whole.add(copy);
        continue;
      }
      const fault = sent.ok ? STILL_DAMAGED : sent.fault;
      course.lost.push({ copy, fault });
      // What nobody has sound is known by now, and the rest can be sent.
      if (sent.ok || fault.code !== 'damaged') course.unsent.add(copy);
    }
    for (const [copy, objects] of wrong) {
      course.damaged += objects.length;
      await book.noteDamage({ set, host: copy.host.owner, objects, atMs: clock.nowMs() });
    }
    const listings = new Map(survey.copies.map(({ copy, listing }) => [copy, listing]));
    const removing = plan.steps.flatMap((steps) => {
      const listing = listings.get(steps.copy);
      return listing !== undefined && steps.remove.length > 0 && whole.has(steps.copy)
        ? [{ ...steps, listing }]
        : [];
    });
    return ok(removing);
  }

  /** The copies that have everything, and nothing that is to go, are noted so. */
  async function settle<C extends HeldCopy>(
    set: string,
    seen: Seen<C>,
    course: Course<C>,
  ): Promise<Levelled<C>> {
    const { survey, known, plan, isSure, sequence, above } = seen;
    const { complete, clean } = standingOf(plan);
    const hosts = clean.map(({ host }) => host.owner);
    const atMs = clock.nowMs();
    // It is said once, and a right one is left there again.
    for (const { host } of seen.unpapered)
      await book.notePaper({ set, host: host.owner, paper: '' });
    const isOwn = isSure && !plan.isJoined && plan.revived.length === 0 && !course.isJoined;
    const sources = [...known.values()].filter((row) => !isSure || row.sequence === sequence);
    const completeMs = Math.max(-1, ...sources.map((row) => row.completeMs ?? -1));
    const hopeless = await hopelessOf(book, set, plan);
    const isBehind = (host: OwnerId) =>
      [...known.values()].some((row) => row.host === host && row.sequence !== sequence);
    const note = async () => {
      const now =
        isOwn || hosts.length === 0 ? sequence : await book.advance({ set, hosts, above });
      await noteLacking(book, set, complete, { hopeless, atMs });
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
    const absent = hosts.length > 0 ? await absentOf(set, seen) : [];
    const part = async () => {
      await book.takeBackRemovals({ set, names: plan.revived });
      await note();
      await book.setApart({ set, hosts: absent });
    };
    if (absent.length === 0) await note();
    for (const { host } of complete)
      await book.noteFault({ set, host: host.owner, fault: undefined, atMs });
    // Once each, and not those that were completed after all.
    const lost = [...new Map(course.lost.map((each) => [each.copy, each])).values()].filter(
      ({ copy }) => !complete.includes(copy),
    );
    const all = KEPT_TYPES.flatMap((type) => [...plan.want[type].values()]);
    return {
      repository: survey.repository,
      complete,
      clean,
      behind: plan.steps.flatMap(({ copy }) =>
        complete.includes(copy) || lost.some((each) => each.copy === copy) ? [] : [copy],
      ),
      lost,
      stuck: course.stuck,
      isNewest: isSure,
      want: plan.want,
      objects: all.length,
      bytes: all.reduce((sum, sizeBytes) => sum + sizeBytes, 0),
      damaged: course.damaged,
      repaired: course.repaired,
      hopeless,
      above,
      part: absent.length === 0 ? undefined : part,
    };
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

  return { level, publish: createPublish({ book, writer, clock, logger }) };
}

const STILL_DAMAGED: EngineFault = { code: 'damaged', detail: 'it can’t be replaced there' };

/** Those that lack something, the one that lacks least first; what lacks more than may be sent now is only for him. */
function sendable<C>({ steps }: CatchUpPlan<C>, addBytesMax: number): readonly CopySteps<C>[] {
  const least = steps.toSorted((one, other) => one.addBytes - other.addBytes);
  return least.filter(
    ({ add, addBytes }, at) => add.length > 0 && (at === 0 || addBytes <= addBytesMax),
  );
}

function nothing<C>(complete: readonly C[], { lost, damaged, repaired }: Course<C>): Levelled<C> {
  return {
    repository: undefined,
    complete,
    clean: complete,
    behind: [],
    lost,
    stuck: [],
    isNewest: false,
    want: planCatchUp([], new Set()).want,
    objects: 0,
    bytes: 0,
    damaged,
    repaired,
    hopeless: [],
    above: 0,
    part: undefined,
  };
}
