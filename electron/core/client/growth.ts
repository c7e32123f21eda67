import type { Async } from '../../../shared/async.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import type { PlotId } from '../../../shared/ids.ts';
import type { Answer, Granted } from '../../../shared/model/allocate.ts';
import { GUARANTEED_LEASE_S } from '../../../shared/model/plot.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { GIB, MIB } from '../../../shared/units.ts';
import type { Friend } from '../friends/friend-book.ts';
import { nameOf } from '../friends/friend-registry.ts';
import type { Clock } from '../ports.ts';
import type { HoldingsBook } from './holdings-book.ts';
import type { Peers } from './peers.ts';
import type { WishKeeper } from './wish-keeper.ts';

/** Plots are asked for and grown as the data needs them, always through the same `allocate` (design §6). */
export type Growth = {
  /** A first plot for a set. */
  readonly begin: (host: Friend, set: string) => Promise<Result<Granted, Fault>>;
  /** Room for at least `needBytes` more, and ahead of it so that not every pack has to ask. */
  readonly grow: (host: Friend, plot: PlotId, needBytes: bigint) => Promise<Result<Granted, Fault>>;
};

const FIRST_BYTES = 256n * MIB;
const FIRST_BYTES_MIN = 16n * MIB;
const STEP_BYTES_MIN = 256n * MIB;
const STEP_BYTES_MAX = 8n * GIB;

export function createGrowth({
  peers,
  holdings,
  wishes,
  clock,
}: {
  readonly peers: Peers;
  readonly holdings: Async<HoldingsBook>;
  readonly wishes: Pick<WishKeeper, 'note'>;
  readonly clock: Clock;
}): Growth {
  async function ask(
    host: Friend,
    wish: {
      readonly size: bigint;
      readonly minSize: bigint;
      readonly purpose: string;
      readonly plot?: PlotId;
    },
    set: string | undefined,
  ): Promise<Result<Granted, Fault>> {
    // Neither asks for more once one of them has said that it ends; the answer is known.
    if (host.departed || host.leavingService !== undefined || host.leavesMs !== undefined)
      return failed(fault('refused', { friend: nameOf(host), denial: 'leaving' }));
    let { size } = wish;
    // A counter-offer is taken: asked for again with what the host said it would give.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const askedAtMs = clock.nowMs();
      const request = { ...wish, size, duration: { want: GUARANTEED_LEASE_S, min: 1 }, why: [] };
      const answered = await peers.allocate(host, request);
      if (!answered.ok) return answered;
      const answer = answered.value;
      if (answer.type === 'granted') {
        await holdings.keep({ host: host.owner, granted: answer, askedAtMs, set });
        return ok(answer);
      }
      if (answer.type === 'pending') {
        const { plot, purpose: _purpose, minSize: _least, size: sizeBytes } = wish;
        const common = { host: host.owner, sizeBytes, durationS: GUARANTEED_LEASE_S };
        await wishes.note(answer, { ...common, set, plot });
        return failed(fault('waits', { friend: nameOf(host), why: answer.why }));
      }
      if (answer.type !== 'counter' || answer.offer.size < wish.minSize)
        return failed(refusalOf(answer, host));
      size = answer.offer.size;
    }
    return failed(fault('refused', { friend: nameOf(host), denial: 'no-space' }));
  }

  return {
    begin: (host, set) =>
      ask(
        host,
        { size: FIRST_BYTES, minSize: FIRST_BYTES_MIN, purpose: `backup: ${set}`.slice(0, 200) },
        set,
      ),
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

/** Why not, as a fault with the nearest reason and its numbers. */
function refusalOf(answer: Answer, host: Friend): Fault {
  const reasons = answer.type === 'denied' || answer.type === 'counter' ? answer.reasons : [];
  const [nearest] = reasons;
  return fault('refused', {
    ...nearest?.params,
    friend: nameOf(host),
    denial: nearest?.code ?? 'no-space',
  });
}
