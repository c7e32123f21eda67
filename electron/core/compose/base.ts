import { type ChangeHub, type Slice } from '../api/change-hub.ts';
import { type WatchedBooks, watchedBooks } from '../api/watched-books.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import type { MachineKind } from '../../../shared/model/machine.ts';
import type { Books } from '../books-worker.ts';
import { createPeers, type Peers } from '../client/peers.ts';
import type { Home } from '../config.ts';
import type { ConfigFile } from '../config-file.ts';
import type { CoreOptions, Ports } from '../core-options.ts';
import type { BookThread } from '../database/thread.ts';
import type { Presence } from '../discovery/presence.ts';
import { type FriendRegistry, openFriendRegistry } from '../friends/friend-registry.ts';
import { verifyByDevice } from '../identity/device-key.ts';
import type { Identity } from '../identity/identity.ts';
import type { NoticeKeeper } from '../notices/notice-keeper.ts';
import { type Hosting, openHosting } from '../plots/hosting.ts';
import { type ServiceClock, startServiceClock } from '../service-clock.ts';
import type { AttendedScheduler } from './backing-up.ts';
import type { Household } from './household.ts';
import type { Recovering } from './recovering.ts';

/** What `compose` is given: opened, and nothing of it at work yet. */
export type Given = {
  readonly options: CoreOptions;
  readonly ports: Ports;
  readonly home: Home;
  readonly config: ConfigFile;
  readonly identity: Identity;
  readonly thread: BookThread;
};

/** What is put together after those who need it; until then nobody is told, and nobody is there. */
export type Late = {
  hub?: ChangeHub;
  notices?: NoticeKeeper;
  presence?: Presence;
  household?: Household;
  recovering?: Recovering;
  scheduler?: AttendedScheduler;
};

/** What all else stands on: the books, whose changes are told; friends and the way to them; this device as a host. */
export type Base = Given &
  WatchedBooks & {
    readonly late: Late;
    /** Something of these is not what it was: doors, friends, notices and keepers hear of it. */
    readonly touch: (...slices: readonly Slice[]) => void;
    readonly touchAll: (slices: readonly Slice[]) => void;
    /** What this device calls itself, and what sort of computer it is. */
    readonly name: () => string;
    readonly kind: () => MachineKind;
    readonly friends: FriendRegistry;
    readonly peers: Peers;
    /** Whether this device of a friend's can be reached now; whether any of this friend's can. */
    readonly isOnline: (device: DeviceId) => boolean;
    readonly isThere: (owner: OwnerId) => boolean;
    readonly serviceClock: ServiceClock;
    readonly hosting: Hosting;
  };

/** What these show is also what friends are told. */
const TOLD_TO_FRIENDS: ReadonlySet<Slice> = new Set(['offer', 'friends', 'hosted', 'status']);

export async function openBase(given: Given): Promise<Base> {
  const { options, ports, config, identity, thread } = given;
  const { clock, logger } = ports;
  const late: Late = {};
  const touch = (...slices: readonly Slice[]) => {
    late.hub?.touch(...slices);
    late.notices?.touch();
    if (slices.some((slice) => TOLD_TO_FRIENDS.has(slice))) late.presence?.touch();
    // Something was decided, maybe on an account.
    if (slices.includes('decisions')) late.household?.outbox.kick();
  };
  const touchAll = (slices: readonly Slice[]) => touch(...slices);
  const books = watchedBooks(thread, touchAll);
  const friends = await openFriendRegistry(thread.book<Books['friends']>('friends'), clock.nowMs);
  const serviceClock = startServiceClock(clock, await books.ledger.serviceS());
  const hosting = await openHosting({
    ledger: books.ledger,
    serviceClock,
    space: ports.space,
    seal: {
      sign: identity.sign,
      verify: (bytes, signature) => verifyByDevice(identity.certificatePem, { bytes, signature }),
    },
    logger: logger.named('plots'),
    onDiskFull: (owner) => late.notices?.diskWasFull(owner),
    onOlderBooks: () => friends.refresh(),
  });
  const name = () => config.get().name;
  const kind = () => options.machine ?? 'desktop';
  const isOnline = (device: DeviceId) => late.presence?.isOnline(device) === true;
  const me = () => ({ name: name(), kind: kind() });
  return {
    ...given,
    ...books,
    late,
    touch,
    touchAll,
    name,
    kind,
    friends,
    peers: createPeers({ identity, me, friends, isOnline }),
    isOnline,
    isThere: (owner) => late.presence?.of(owner).state === 'online',
    serviceClock,
    hosting,
  };
}
