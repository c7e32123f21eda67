import { setTimeout as sleep } from 'node:timers/promises';
import type { NearbyView, PresenceView, TroubleView } from '../../../shared/contract/views.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { type FriendRegistry, nameOf } from '../friends/friend-registry.ts';
import type { Clock } from '../ports.ts';
import type { Probe } from './address-probe.ts';
import type { Discovery, DiscoveryFacts } from './discovery.ts';
import type { Presence } from './presence.ts';
import { judgeTroubles } from './troubles.ts';

/** What is known when somebody asks what is wrong: plain values, gathered before anything is judged. */
export type TroubleFacts = {
  readonly nowMs: number;
  /** How long it has been possible to hear anybody. */
  readonly runsMs: number;
  readonly port: number | undefined;
  readonly discovery: DiscoveryFacts;
  readonly nearby: readonly NearbyView[];
  readonly friends: readonly FriendFacts[];
  /** What came of calling an address; undefined: none was asked about. */
  readonly address: Probe | undefined;
};

export type FriendFacts = {
  readonly name: string;
  readonly presence: PresenceView;
  /** Seconds since this friend got through to here, as he says; undefined: he has not said. */
  readonly called: number | 'never' | undefined;
};

/** Own words come back within milliseconds; the rest is for a busy computer, and for others to answer. */
const HEAR_MS = 2500;
const POLL_MS = 50;
/** Whoever presses again and again does not make the network louder. */
const REFRESH_EVERY_MS = 5000;

/** Looks at everything, and at an address if one is given. */
export type TroubleLook = (address: string | undefined) => Promise<readonly TroubleView[]>;

export function createTroubleLook({
  friends,
  discovery,
  presence,
  port,
  probe,
  clock,
}: {
  readonly friends: Pick<FriendRegistry, 'friends'>;
  readonly discovery: Pick<Discovery, 'facts' | 'nearby' | 'refresh'>;
  readonly presence: Pick<Presence, 'of' | 'calledS'>;
  readonly port: () => number | undefined;
  readonly probe: (address: string) => Promise<Probe>;
  readonly clock: Clock;
}): TroubleLook {
  const beganMs = clock.monotonicMs();
  let refreshedMs = Number.NEGATIVE_INFINITY;

  /** What was heard an hour ago says nothing of now: everything is announced and asked once more. */
  async function listenAnew(): Promise<void> {
    const nowMs = clock.monotonicMs();
    if (nowMs - refreshedMs < REFRESH_EVERY_MS) return;
    refreshedMs = nowMs;
    const before = discovery.facts().heardSelfMs;
    discovery.refresh();
    for (let waitedMs = 0; waitedMs < HEAR_MS; waitedMs += POLL_MS) {
      const { networks, heardSelfMs } = discovery.facts();
      if (!networks.announces || heardSelfMs !== before) return;
      await sleep(POLL_MS);
    }
  }

  function friendFacts(): readonly FriendFacts[] {
    const calledS = presence.calledS();
    return friends
      .friends()
      .filter(({ departed, blocked }) => !departed && !blocked)
      .map((friend) => ({
        name: nameOf(friend),
        presence: presence.of(friend.owner),
        called: calledOf(calledS, friend.owner),
      }));
  }

  return async (address) => {
    const [probed] = await Promise.all([
      address === undefined ? undefined : probe(address),
      listenAnew(),
    ]);
    return judgeTroubles({
      nowMs: clock.nowMs(),
      runsMs: clock.monotonicMs() - beganMs,
      port: port(),
      discovery: discovery.facts(),
      nearby: discovery.nearby(),
      friends: friendFacts(),
      address: probed,
    });
  };
}

function calledOf(
  calledS: ReadonlyMap<OwnerId, number | undefined>,
  owner: OwnerId,
): FriendFacts['called'] {
  return calledS.has(owner) ? (calledS.get(owner) ?? 'never') : undefined;
}
