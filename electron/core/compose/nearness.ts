import { createHash } from 'node:crypto';
import type { Async } from '../../../shared/async.ts';
import type { MachineKind } from '../../../shared/model/machine.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { type News, PROTOCOL_VERSION } from '../../../shared/wire/messages.ts';
import type { Errand } from '../../../shared/wire/upkeep.ts';
import { greet } from '../client/pairing/pairing-call.ts';
import type { Peers } from '../client/peers.ts';
import { recognise } from '../client/pairing/recognise.ts';
import { createDiscovery, type Discovery } from '../discovery/discovery.ts';
import type { NetworkBook } from '../discovery/network-book.ts';
import { createPresence, type Presence } from '../discovery/presence.ts';
import type { Friend } from '../friends/friend-book.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Identity } from '../identity/identity.ts';
import type { DiskFacts, Ledger, PlotRow, WaitingRow } from '../ledger/ledger.ts';
import type { Ports } from '../core-options.ts';

/** Puts together what finds friends and tells them news; a part of the composition root. */
export async function openNearness({
  ports,
  identity,
  friends,
  book,
  peers,
  ledger,
  moment,
  disk,
  told,
  onNews,
  onChange,
}: {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly friends: FriendRegistry;
  readonly book: Async<NetworkBook>;
  readonly peers: Peers;
  readonly ledger: Async<Ledger>;
  readonly moment: () => Moment;
  readonly disk: () => Promise<DiskFacts>;
  /** What this device says of itself. */
  readonly told: () => {
    readonly name: string;
    readonly kind: MachineKind;
    readonly port: number | undefined;
    readonly visible: boolean;
    readonly addresses: readonly string[];
  };
  readonly onNews: (friend: Friend, news: News) => void;
  readonly onChange: (what: 'nearby' | 'friends' | 'networks') => void;
}): Promise<{
  readonly discovery: Discovery;
  readonly presence: Presence;
  /** The same news as ever, at once and whatever is being told already; true: a device of his has heard it. */
  readonly tell: (friend: Friend, signal: AbortSignal) => Promise<boolean>;
}> {
  const { clock, randomness } = ports;

  async function newsFor(friend: Friend): Promise<News> {
    const { owner } = friend;
    // Asked before the books: were they closed meanwhile, nobody would be waiting yet for what they say to the other questions.
    const facts = await disk();
    const [offer, share, plots, waiting, errands] = await Promise.all([
      ledger.offer(),
      ledger.share({ owner, disk: facts, moment: moment() }),
      ledger.plots({ owner, moment: moment() }),
      ledger.waiting(),
      ledger.errands({ owner, moment: moment() }),
    ]);
    const pending = waiting.filter((each) => each.owner === owner);
    const { name, kind, addresses } = told();
    const leaving = friend.leavingServiceS;
    return {
      v: PROTOCOL_VERSION,
      name,
      kind,
      addresses: [...addresses],
      // A device that never offered anything says nothing of it: another one of this owner's may.
      ...(offer === undefined ? {} : { share }),
      plots: digestOf(plots, { pending, errands, mayAskBytes: share.mayAskBytes }),
      ...(errands.length === 0 ? {} : { errands: errands.length }),
      ...(leaving === undefined ? {} : { leavesInS: Math.max(0, leaving - moment().serviceS) }),
    };
  }

  const presence = createPresence({
    friends,
    call: (_friend, device, news, how) => peers.news(device, news, how),
    introduce: async (_friend, device) => {
      const introduced = await peers.introduce(device);
      return introduced.ok || introduced.fault;
    },
    recognise: (friend, addresses) => recognise({ identity, friends, clock }, friend, addresses),
    newsFor,
    onNews,
    clock,
    randomness,
    logger: ports.logger.named('presence'),
    onChange: () => onChange('friends'),
  });
  const discovery = await createDiscovery({
    networks: ports.networks,
    multicast: ports.multicast,
    book,
    device: identity.device,
    announced: told,
    friends,
    hello: (addresses) => greet(identity, addresses),
    clock,
    randomness,
    logger: ports.logger.named('discovery'),
    onChange: () => onChange('nearby'),
  });
  discovery.onSighting(presence.sighted);
  discovery.onNetworks(() => {
    // What is kept open may lead through a network that is gone.
    peers.closeIdle();
    presence.lookAgain();
    onChange('networks');
  });
  return {
    discovery,
    presence,
    tell: async (friend, signal) => {
      const news = await newsFor(friend);
      const told = await Promise.all(
        friend.devices
          .filter(({ revoked }) => !revoked)
          .map(({ device }) => peers.news(device, news, { sighted: [], signal })),
      );
      return told.some(({ ok }) => ok);
    },
  };
}

/**
 * The same for the same plots and for requests whose answer is no nearer; leases that only run on change
 * nothing. Whoever waits asks again as soon as there is an answer, and not ten minutes later.
 */
function digestOf(
  plots: readonly PlotRow[],
  {
    pending,
    errands,
    mayAskBytes,
  }: {
    readonly pending: readonly WaitingRow[];
    readonly errands: readonly Errand[];
    readonly mayAskBytes: bigint;
  },
): string {
  const hash = createHash('sha256');
  for (const { ticket, why, approved, requestedBytes } of pending) {
    const hasCome = why === 'queue' ? mayAskBytes >= requestedBytes : approved !== undefined;
    hash.update(`${ticket} ${hasCome}\n`);
  }
  for (const {
    plot,
    state,
    sizeBytes,
    renewals,
    leavesInS,
    protectDays,
    falls,
    shrinks,
  } of plots) {
    const goes = leavesInS === undefined ? '' : ' goes';
    // Whoever took one of the guest's devices can't keep it from the others.
    const less = falls === undefined ? '' : ` falls to ${falls.toDays}`;
    const smaller = shrinks === undefined ? '' : ` shrinks to ${shrinks.toBytes}`;
    const kept = protectDays === 0 ? '' : ` for ${protectDays}`;
    hash.update(`${plot} ${state} ${sizeBytes} ${renewals}${goes}${kept}${less}${smaller}\n`);
  }
  for (const { plot } of errands) hash.update(`${plot} errand\n`);
  return hash.digest('base64url').slice(0, 22);
}
