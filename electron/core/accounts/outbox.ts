import type { Async } from '../../../shared/async.ts';
import type { DeviceId, OwnerId, PlotId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { DAY_MS } from '../../../shared/units.ts';
import { COMPARED_MAX } from '../../../shared/wire/accounts.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Clock, Logger } from '../ports.ts';
import type { HostedBook } from './hosted-book.ts';
import type { KeeperCalls } from './keeper-calls.ts';
import type { Keeper } from './outbox-book.ts';

/**
 * Tells keepers what became of what they have set aside, in the order in which it happened, and compares with them once a
 * day. Nothing is lost when they are away: it waits in the book.
 */
export type Outbox = {
  /** Once a minute, and at the start. */
  readonly chores: () => Promise<void>;
  /** Something was decided here: what there is to tell goes out soon. */
  readonly kick: () => void;
  /** This device of a keeper answers: it need not be spared any longer. */
  readonly answers: (keeper: DeviceId) => void;
  /** This keeper was heard of. */
  readonly sighted: (keeper: OwnerId) => void;
  /** Compares now, however long ago it was done. */
  readonly compareNow: (keeper: DeviceId) => Promise<boolean>;
};

const COMPARE_EVERY_MS = DAY_MS;
/** As many plots as one device can have on anybody's accounts (`charge-book.ts`), and a keeper who goes on for ever is let be. */
const REPEATS_MAX = 400;
/** A keeper who did not answer is not called for every request. */
const AFTER_SILENCE_MS = 30_000;

export function createOutbox({
  me,
  hosted,
  counting,
  calls,
  friends,
  moment,
  clock,
  onChange,
  logger,
}: {
  readonly me: { readonly owner: OwnerId; readonly device: DeviceId };
  readonly hosted: Async<
    Pick<
      HostedBook,
      'tidy' | 'keepers' | 'honoured' | 'next' | 'told' | 'forget' | 'page' | 'compared'
    >
  >;
  /**
   * Friends who say that accounts of theirs count here, honoured or not: what they have signed for this host stays charged
   * until he says what became of it.
   */
  readonly counting: () => Promise<readonly OwnerId[]>;
  readonly calls: Pick<KeeperCalls, 'settle' | 'compare'>;
  readonly friends: Pick<FriendRegistry, 'friend' | 'byDevice'>;
  readonly moment: () => Moment;
  readonly clock: Clock;
  readonly onChange: () => void;
  readonly logger: Logger;
}): Outbox {
  const silentMs = new Map<DeviceId, number>();
  const turns = new Map<DeviceId, Promise<boolean>>();
  const comparing = new Set<DeviceId>();
  let isKicked = false;

  /** One after the other for each keeper, so that what happened first is told first. */
  function inTurn(device: DeviceId, act: () => Promise<boolean>): Promise<boolean> {
    const before = turns.get(device) ?? Promise.resolve(true);
    const turn = before.catch(() => false).then(act);
    turns.set(device, turn);
    return turn;
  }

  async function deliver({ device }: Keeper): Promise<boolean> {
    for (;;) {
      const items = await hosted.next(device);
      const upTo = items.at(-1)?.seq;
      if (upTo === undefined) return true;
      const answered = await calls.settle(device, items);
      if (!answered.ok) {
        silentMs.set(device, clock.monotonicMs());
        logger.debug('a keeper was not told', { device, problem: answered.fault.code });
        // What waits for him is shown.
        onChange();
        return false;
      }
      silentMs.delete(device);
      await hosted.told({ device, upTo, seq: answered.value.seq });
      onChange();
    }
  }

  async function compare(keeper: Keeper, isHonoured: boolean): Promise<boolean> {
    comparing.add(keeper.device);
    try {
      return await compareAll(keeper, isHonoured);
    } finally {
      comparing.delete(keeper.device);
    }
  }

  async function compareAll(keeper: Keeper, isHonoured: boolean): Promise<boolean> {
    let after: PlotId | null = null;
    let repeats = 0;
    for (;;) {
      if (!(await deliver(keeper))) return false;
      // Read one after the other, each as of its own number: there may be more than fit into memory.
      const call = { device: keeper.device, after, nowMs: clock.nowMs() };
      const page = await hosted.page(call);
      // Something happened between the two; there is another minute.
      if (page === undefined) return false;
      const answered = await calls.compare(keeper.device, page);
      if (!answered.ok) {
        silentMs.set(keeper.device, clock.monotonicMs());
        logger.debug('a keeper was not asked', { problem: answered.fault.code });
        return false;
      }
      const answer = answered.value;
      const { serviceS, nowMs } = moment();
      await hosted.compared({ from: keeper, page, answer, isHonoured, serviceS, nowMs });
      const drifted = answer.corrected.length + answer.dropped.length;
      if (drifted > 0) logger.info('an account book was put right', { plots: drifted });
      // He says no more than so many at once of those that are not here: what was lost may be more.
      const isMore = isHonoured && answer.dropped.length === COMPARED_MAX && repeats < REPEATS_MAX;
      if (isMore) repeats += 1;
      else if (page.upTo === null) break;
      else after = page.upTo;
    }
    onChange();
    // What came out of it, such as tickets that nobody used.
    return deliver(keeper);
  }

  function devicesOf(keeper: OwnerId): readonly DeviceId[] {
    if (keeper === me.owner) return [me.device];
    const friend = friends.friend(keeper);
    if (friend === undefined || friend.departed) return [];
    return friend.devices.filter(({ revoked }) => !revoked).map(({ device }) => device);
  }

  /** Nobody will ever hear of it again: its owner is a friend no longer, or has struck it off. */
  function isGone({ keeper, device }: Keeper): boolean {
    const friend = friends.friend(keeper);
    if (friend === undefined || friend.departed) return true;
    return friend.devices.some((each) => each.device === device && each.revoked);
  }

  function isDue(comparedMs: number | undefined): boolean {
    if (comparedMs === undefined) return true;
    // A clock that was put back is no reason to wait for it.
    return Math.abs(clock.nowMs() - comparedMs) >= COMPARE_EVERY_MS;
  }

  async function chores(): Promise<void> {
    await hosted.tidy({ nowMs: clock.nowMs() });
    const trusted = new Set(await hosted.honoured());
    const asked = new Set([...trusted, ...(await counting())]);
    const known = await hosted.keepers();
    const met = new Set(known.map(({ device }) => device));
    const fresh = [...asked].flatMap((keeper) =>
      devicesOf(keeper)
        .filter((device) => !met.has(device))
        .map((device) => ({ keeper, device, untold: false, holds: false, comparedMs: undefined })),
    );
    await Promise.all(
      [...known, ...fresh].map(async ({ keeper, device, untold, holds, comparedMs }) => {
        const isOwn = device === me.device;
        // A device that counts no longer, or whose owner is a friend no longer, is called by nobody.
        if (!isOwn && friends.byDevice(device) === undefined) {
          if (untold && isGone({ keeper, device })) await hosted.forget(device);
          return;
        }
        const isHonoured = trusted.has(keeper);
        // One that takes longer than a minute is not begun again behind itself.
        if (comparing.has(device)) return;
        if ((holds || asked.has(keeper)) && isDue(comparedMs))
          await inTurn(device, () => compare({ keeper, device }, isHonoured));
        else if (untold) await inTurn(device, () => deliver({ keeper, device }));
      }),
    );
  }

  async function deliverAll(isWanted: (keeper: Keeper) => boolean): Promise<void> {
    const waiting = (await hosted.keepers()).filter(
      (each) =>
        each.untold &&
        isWanted(each) &&
        (each.device === me.device || friends.byDevice(each.device) !== undefined),
    );
    await Promise.all(waiting.map((each) => inTurn(each.device, () => deliver(each))));
  }

  function wasSilent({ device }: Keeper): boolean {
    const sinceMs = silentMs.get(device);
    return sinceMs !== undefined && clock.monotonicMs() - sinceMs < AFTER_SILENCE_MS;
  }

  // Whatever fails here is tried again with the next minute, which also says so.
  const quietly = (work: Promise<unknown>) => void work.catch(() => undefined);

  return {
    chores,
    kick: () => {
      if (isKicked) return;
      isKicked = true;
      quietly(
        Promise.resolve().then(() => {
          isKicked = false;
          return deliverAll((keeper) => !wasSilent(keeper));
        }),
      );
    },
    answers: (device) => void silentMs.delete(device),
    sighted: (keeper) => quietly(deliverAll((each) => each.keeper === keeper)),
    compareNow: async (device) => {
      const keeper = device === me.device ? me.owner : friends.byDevice(device)?.owner;
      if (keeper === undefined) return false;
      const isHonoured = (await hosted.honoured()).includes(keeper);
      return inTurn(device, () => compare({ keeper, device }, isHonoured));
    },
  };
}
