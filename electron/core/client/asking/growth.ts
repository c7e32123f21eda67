import type { Async } from '../../../../shared/async.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import type { PlotId } from '../../../../shared/ids.ts';
import type { Answer, Granted } from '../../../../shared/model/allocate.ts';
import { GUARANTEED_LEASE_S } from '../../../../shared/model/plot.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { GIB, MIB } from '../../../../shared/units.ts';
import type { Friend } from '../../friends/friend-book.ts';
import { nameOf } from '../../friends/friend-registry.ts';
import type { Clock } from '../../ports.ts';
import type { HoldingsBook } from '../holdings/holdings-book.ts';
import type { Asking } from './asking.ts';
import type { WishKeeper } from './wish-keeper.ts';

/** Plots are asked for and grown as the data needs them, always through the same `allocate` (design §6). */
export type Growth = {
  /**
   * A first plot for a set. With `mayBorrow` a loan will do where the share there is full: for copies
   * besides one that nobody asks back.
   */
  readonly begin: (
    host: Friend,
    set: string,
    how?: { readonly mayBorrow: boolean },
  ) => Promise<Result<Granted, Fault>>;
  /** Room for at least `needBytes` more, and ahead of it so that not every pack has to ask. */
  readonly grow: (host: Friend, plot: PlotId, needBytes: bigint) => Promise<Result<Granted, Fault>>;
};

const FIRST_BYTES = 256n * MIB;
const FIRST_BYTES_MIN = 16n * MIB;
const STEP_BYTES_MIN = 256n * MIB;
const STEP_BYTES_MAX = 8n * GIB;

export function createGrowth({
  asking,
  holdings,
  wishes,
  clock,
}: {
  readonly asking: Asking;
  readonly holdings: Async<HoldingsBook>;
  readonly wishes: Pick<WishKeeper, 'note' | 'again'>;
  readonly clock: Clock;
}): Growth {
  async function ask(
    host: Friend,
    wish: {
      readonly size: bigint;
      readonly minSize: bigint;
      readonly purpose: string;
      readonly plot?: PlotId;
      readonly accept?: 'borrowed';
    },
    set: string | undefined,
  ): Promise<Result<Granted, Fault>> {
    // Neither asks for more once one of them has said that it ends; the answer is known.
    if (host.departed || host.leavingServiceS !== undefined || host.leavesMs !== undefined)
      return failed(fault('refused', { friend: nameOf(host), denial: 'leaving' }));
    const before = await wishes.again({ host: host.owner, set, plot: wish.plot });
    if (before?.ok === false) return before;
    const said = before?.value;
    if (said?.type === 'granted') return ok(said);
    if (said?.type === 'pending') return failed(waits(said.why, host));
    // A no is a no; what waits no longer, or fits no longer, is asked for anew.
    if (said?.type === 'denied' && said.reasons[0]?.code === 'owner-said-no')
      return failed(refusalOf(said, host, wish.size));
    let { size } = wish;
    let wantS = GUARANTEED_LEASE_S;
    // A counter-offer is taken: asked for again with what the host said it would give.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const askedAtMs = clock.nowMs();
      const request = { ...wish, size, duration: { want: wantS, min: 1 } };
      const answered = await asking.allocate(host, request);
      if (!answered.ok) return answered;
      const answer = answered.value;
      if (answer.type === 'granted') {
        await holdings.keep({ host: host.owner, granted: answer, askedAtMs, set });
        return ok(answer);
      }
      if (answer.type === 'pending') {
        const common = { host: host.owner, sizeBytes: size, durationS: wantS };
        await wishes.note(answer, { ...common, set, plot: wish.plot });
        return failed(waits(answer.why, host));
      }
      // Another request of mine stands in line there, and there is one place for each.
      if (answer.type === 'denied' && answer.reasons[0]?.code === 'too-many-waiting')
        return failed(waits('queue', host));
      if (answer.type !== 'counter' || answer.offer.size < wish.minSize)
        return failed(refusalOf(answer, host, size));
      size = answer.offer.size;
      wantS = answer.offer.duration;
    }
    return failed(fault('refused', { friend: nameOf(host), denial: 'no-space' }));
  }

  return {
    begin: async (host, set, how) => {
      const purpose = `backup: ${set}`.slice(0, 200);
      const wish = { size: FIRST_BYTES, minSize: FIRST_BYTES_MIN, purpose };
      const own = await ask(host, wish, set);
      const isFull = !own.ok && own.fault.params['denial'] === 'over-share';
      if (how?.mayBorrow !== true || !isFull) return own;
      return ask(host, { ...wish, accept: 'borrowed' }, set);
    },
    grow: async (host, plot, needBytes) => {
      const holding = await holdings.holding(plot);
      const quarter = (holding?.sizeBytes ?? 0n) / 4n;
      const step = quarter < STEP_BYTES_MIN ? STEP_BYTES_MIN : quarter;
      const wanted = step > STEP_BYTES_MAX ? STEP_BYTES_MAX : step;
      const size = needBytes > wanted ? needBytes : wanted;
      return ask(host, { size, minSize: needBytes, purpose: 'more room', plot }, undefined);
    },
  };
}

function waits(why: 'queue' | 'owner-approval' | 'account-server', host: Friend): Fault {
  return fault('waits', { friend: nameOf(host), why });
}

/** Why not, as a fault with the nearest reason and its numbers. */
function refusalOf(answer: Answer, host: Friend, wantedBytes: bigint): Fault {
  const reasons = answer.type === 'denied' || answer.type === 'counter' ? answer.reasons : [];
  const [nearest] = reasons;
  return fault('refused', {
    ...nearest?.params,
    friend: nameOf(host),
    denial: nearest?.code ?? 'no-space',
    wantedBytes: `${wantedBytes}`,
  });
}
