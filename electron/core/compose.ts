import { networkInterfaces } from 'node:os';
import { type Fault, fault } from '../../shared/fault.ts';
import type { DeviceId } from '../../shared/ids.ts';
import { ok, type Result } from '../../shared/result.ts';
import { type ChangeHub, createChangeHub, type Slice } from './api/change-hub.ts';
import type { CoreParts } from './api/core-parts.ts';
import { createApi } from './api/create-api.ts';
import { noticeFacts } from './api/notice-facts.ts';
import { snapshotReaders } from './api/views.ts';
import {
  accountChanges,
  friendChanges,
  identityChanges,
  watched,
  watchedBooks,
} from './api/watched-books.ts';
import { createJobs } from './backup/jobs.ts';
import { type AttendedScheduler, createBackingUp } from './compose/backing-up.ts';
import type { Books } from './books-worker.ts';
import { createGateway } from './client/gateway/gateway.ts';
import { type Asking, createAsking } from './client/asking/asking.ts';
import { createGrowth } from './client/asking/growth.ts';
import { collectReasons } from './client/asking/reasons.ts';
import { createWitnesses } from './ledger/witnesses.ts';
import { createPairingCalls } from './client/pairing/pairing-call.ts';
import { createLookIn } from './client/holdings/look-in.ts';
import { createPeers } from './client/peers.ts';
import { createUpkeepCalls } from './client/holdings/upkeep-calls.ts';
import { createWishKeeper } from './client/asking/wish-keeper.ts';
import { startLeaseKeeper } from './client/holdings/lease-keeper.ts';
import { type Home } from './config.ts';
import type { ConfigFile } from './config-file.ts';
import type { Core } from './core.ts';
import { type CoreOptions, type Ports } from './core-options.ts';
import { headlessShell } from './headless-shell.ts';
import { createBarter } from './compose/barter.ts';
import { createChores } from './compose/chores.ts';
import { createHousehold, type Household } from './compose/household.ts';
import { openIntroducing } from './compose/introducing.ts';
import { createListening } from './listening.ts';
import type { BookThread } from './database/thread.ts';
import { befriendPaired } from './friends/befriend.ts';
import { openFriendRegistry } from './friends/friend-registry.ts';
import { createPairingTable } from './friends/pairing-table.ts';
import { watchPairings } from './friends/pairing-watch.ts';
import { verifyByDevice } from './identity/device-key.ts';
import { createAddressProbe } from './discovery/address-probe.ts';
import type { Presence } from './discovery/presence.ts';
import { createTroubleLook } from './discovery/trouble-facts.ts';
import { type Identity } from './identity/identity.ts';
import { type NoticeKeeper, openNoticeKeeper } from './notices/notice-keeper.ts';
import { openNearness } from './compose/nearness.ts';
import { openHosting } from './plots/hosting.ts';
import { createReaders } from './plots/readers.ts';
import { createRepositoryHandler } from './plots/repository-handler.ts';
import { ownAddresses } from './own-addresses.ts';
import { createParting } from './parting.ts';
import { createRecovering, type Recovering } from './compose/recovering.ts';
import { openPauseKeeper } from './pause.ts';
import { SERVER_LIMITS } from './server/limits.ts';
import { createPeerServer } from './server/peer-server.ts';
import { startServiceClock } from './service-clock.ts';
import { createVoucherWitness } from './vouchers/voucher-witness.ts';

/** What these show is also what friends are told. */
const TOLD_TO_FRIENDS: ReadonlySet<Slice> = new Set(['offer', 'friends', 'hosted', 'status']);
const CHORES_EVERY_MS = 60_000;
const EPOCH_BYTES = 16;

/** The composition root: here, and only here, the parts meet the machine. */
export async function compose({
  options,
  ports,
  home,
  config,
  identity,
  thread,
}: {
  readonly options: CoreOptions;
  readonly ports: Ports;
  readonly home: Home;
  readonly config: ConfigFile;
  readonly identity: Identity;
  readonly thread: BookThread;
}): Promise<Result<Core, Fault>> {
  const { clock, randomness, logger } = ports;
  // Reads what is put together below; nothing is told before somebody listens.
  const late: {
    hub?: ChangeHub;
    notices?: NoticeKeeper;
    presence?: Presence;
    household?: Household;
    recovering?: Recovering;
    scheduler?: AttendedScheduler;
  } = {};
  const touch = (...slices: readonly Slice[]) => {
    late.hub?.touch(...slices);
    late.notices?.touch();
    if (slices.some((slice) => TOLD_TO_FRIENDS.has(slice))) late.presence?.touch();
    // Something was decided, maybe on an account.
    if (slices.includes('decisions')) late.household?.outbox.kick();
  };
  const touchAll = (slices: readonly Slice[]) => touch(...slices);
  const { ledger, holdings, sets, copyBook, vouchers, guests } = watchedBooks(thread, touchAll);
  const usage = thread.book<Books['usage']>('usage');
  const friends = await openFriendRegistry(thread.book<Books['friends']>('friends'), clock.nowMs);
  const serviceClock = startServiceClock(clock, await ledger.serviceS());
  const hosting = await openHosting({
    ledger,
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
  const aside = await config.putAside();
  if (aside !== undefined)
    logger.warn('settings that could not be read lie aside', { file: aside });
  const shell = options.shell ?? headlessShell(process.platform);
  const { moment } = serviceClock;
  const pairings = createPairingTable({ me: identity, clock, randomness });
  const befriending = befriendPaired({
    pairings,
    friends,
    clock,
    logger: logger.named('friends'),
  });
  const isOnline = (device: DeviceId) => late.presence?.isOnline(device) === true;
  const me = () => ({ name: name(), kind: kind() });
  const peers = createPeers({ identity, me, friends, isOnline });
  const household = createHousehold({
    books: {
      accounts: watched(thread.book<Books['accounts']>('accounts'), accountChanges, touchAll),
      hosted: thread.book<Books['hosted']>('hosted'),
      memberships: thread.book<Books['memberships']>('memberships'),
    },
    identity,
    friends,
    peers,
    isOnline,
    moment,
    clock,
    randomness,
    logger: logger.named('accounts'),
    onChange: () => touch('household'),
  });
  const { bartering, trading } = createBarter({
    thread,
    identity,
    friends,
    ledger,
    holdings,
    peers,
    isOn: () => config.get().settings.barter,
    isOnline,
    isThere: (owner) => late.presence?.of(owner).state === 'online',
    moment,
    disk: hosting.disk,
    clock,
    randomness,
    logger,
    onChange: () => touch('barter'),
  });
  const vouched = createVoucherWitness({ host: identity.owner, clock });
  const witnesses = createWitnesses([household.witness, vouched, bartering.mint.witness], ledger);
  const readers = createReaders(() => touch('friends'));
  const server = createPeerServer({
    identity,
    name,
    kind,
    friends,
    pairings,
    kept: befriending.kept,
    ledger,
    guests,
    vouchers,
    witnesses,
    accounts: household.desk,
    barter: bartering,
    orders: trading.orders.door,
    moment,
    disk: hosting.disk,
    onReleased: hosting.released,
    examine: hosting.examine,
    limits: options.limits ?? SERVER_LIMITS,
    repository: createRepositoryHandler(hosting.plots, readers),
    onNews: (device, news, address) => {
      // Between the first moment of listening and the last line here.
      if (late.presence === undefined) return Promise.resolve('shutting-down');
      return late.presence.heard(device, news, address);
    },
    clock,
    logger: logger.named('server'),
  });
  const pause = await openPauseKeeper({ ledger, clock, logger: logger.named('pause') });
  // Mended before anybody can ask: what a crash left half done is settled first.
  await hosting.chores();
  const listening = createListening({
    server,
    config,
    host: options.host ?? '::',
    before: options.beforeListening ?? (async () => undefined),
    onBegun: () => touch('status'),
  });
  const networkBook = thread.book<Books['networks']>('networks');
  const isWanted =
    options.listen !== 'when-wanted' ||
    hosting.offer() !== undefined ||
    friends.friends().some(({ departed }) => !departed) ||
    (await networkBook.networks()).some(({ home: isHome }) => isHome === true);
  if (isWanted) {
    const begun = await listening.begin();
    if (!begun.ok) return begun;
  }

  late.household = household;
  const wishes = createWishKeeper({
    book: thread.book<Books['wishes']>('wishes'),
    peers,
    friends,
    holdings,
    clock,
    onChange: () => touch('wishes', 'mine'),
  });
  const introducing = openIntroducing({
    identity,
    name,
    thread,
    vouchers,
    guests,
    ledger,
    holdings,
    friends,
    peers,
    asking: () => asking,
    wishes,
    serviceClock,
    clock,
    randomness,
  });
  const asking: Asking = createAsking({
    peers,
    reasons: collectReasons([household.source, ...introducing.reasons, bartering.payments.source]),
  });
  const growth = createGrowth({ asking, holdings, wishes, clock });
  const gateway = createGateway({ folder: home.folder, clock, logger });
  const pairingCalls = createPairingCalls({
    identity,
    name,
    kind,
    port: server.port,
    friends,
    pairings,
    clock,
    randomness,
  });
  const jobs = createJobs({
    clock,
    randomness,
    logger: logger.named('jobs'),
    onChange: () => touch('jobs', 'sets', 'mine', 'restores'),
  });
  const lookIn = createLookIn({
    peers,
    friends,
    holdings,
    clock,
    onChange: () => touch('mine'),
  });
  const upkeep = createUpkeepCalls(peers);
  const keeper = startLeaseKeeper({
    upkeep,
    friends,
    holdings,
    pays: bartering.payments,
    clock,
  });
  const notices = await openNoticeKeeper({
    book: thread.book<Books['notices']>('notices'),
    gather: (since) => noticeFacts(parts, since),
    clock,
    logger: logger.named('notices'),
    onChange: () => late.hub?.touch('notices'),
  });
  const addresses = () =>
    ownAddresses({ host: options.host, port: server.port(), interfaces: networkInterfaces() });
  const { discovery, presence, tell } = await openNearness({
    ports,
    identity,
    friends,
    book: networkBook,
    peers,
    ledger,
    moment,
    disk: hosting.disk,
    told: () => {
      const { visible, outsideAddress } = config.get().settings;
      const outside = outsideAddress === '' ? [] : [outsideAddress];
      return {
        name: name(),
        kind: kind(),
        port: server.port(),
        visible,
        addresses: [...addresses(), ...outside],
      };
    },
    onNews: ({ owner }, news) => {
      if (news.errands !== undefined) keeper.errandsAt(owner);
      lookIn.news(owner);
      wishes.news(owner);
      late.scheduler?.news(owner);
      household.news(owner);
      trading.news(owner);
      late.recovering?.look(owner);
    },
    onChange: (what) => {
      late.recovering?.look();
      if (what === 'nearby') late.hub?.touch('nearby', 'networks');
      else if (what === 'friends') late.hub?.touch('friends', 'recovery');
      // Where this device is reached is not what it was, and friends are to know.
      else touch('status');
    },
  });
  late.presence = presence;
  const parting = createParting({
    friends,
    ledger,
    holdings,
    sets,
    peers,
    presence,
    tell,
    released: hosting.released,
    service: serviceClock,
    clock,
    logger: logger.named('parting'),
  });
  const known: Omit<CoreParts, 'recovering'> = {
    version: options.version,
    shell: shell.read,
    home,
    config,
    pause,
    name,
    port: server.port,
    listening,
    addresses,
    discovery,
    presence,
    parting,
    troubles: createTroubleLook({
      friends,
      discovery,
      presence,
      port: server.port,
      probe: createAddressProbe({
        identity,
        friends,
        links: ports.networks.read,
        platform: process.platform,
      }),
      clock,
    }),
    clock,
    moment,
    identity: watched(identity, identityChanges, touchAll),
    friends,
    pairings,
    kept: befriending.kept,
    pairingCalls,
    ledger,
    witnesses,
    hosting,
    household,
    readers,
    holdings,
    sets,
    copyBook,
    usage,
    peers,
    asking,
    vouchers,
    introductions: introducing.introductions,
    lookIn,
    wishes,
    growth,
    bartering,
    trading,
    upkeep,
    upkeepNotes: thread.book<Books['upkeep']>('upkeep'),
    gateway,
    jobs,
    notices,
    ...createBackingUp({
      identity,
      home,
      name,
      friends,
      holdings,
      peers,
      growth,
      hosting,
      look: lookIn.ask,
      copies: copyBook,
      starts: thread.book<Books['recovery']>('recovery'),
      addressBook: async () => (await late.recovering?.addresses.sealed()) ?? new Uint8Array(),
      otherHoldings: async () => (await late.recovering?.recovery.otherHoldings()) ?? [],
      otherSet: async (name) => late.recovering?.recovery.otherSet(name),
      sets,
      restores: thread.book<Books['restores']>('restores'),
      jobs,
      wishes,
      pause,
      settings: () => config.get().settings,
      ports,
      logger: logger.named('backup'),
      onChange: () => touch('sets', 'restores'),
    }),
  };
  const { scheduler, protecting } = known;
  late.scheduler = scheduler;
  const again = Promise.withResolvers<undefined>();
  const recovering = createRecovering({
    parts: known,
    ports,
    thread,
    onChange: () => touch('recovery', 'sets', 'mine'),
    startAgain: () => again.resolve(undefined),
  });
  const parts: CoreParts = { ...known, recovering };
  late.recovering = recovering;
  const hub = createChangeHub(snapshotReaders(parts), {
    clock,
    epoch: Buffer.from(randomness.bytes(EPOCH_BYTES)).toString('hex'),
    onError: (error) => logger.error('a change could not be told', { error: String(error) }),
  });
  late.hub = hub;
  late.notices = notices;
  notices.touch();
  const stopWatching = [
    config.subscribe(() => touch('settings', 'status', 'barter')),
    shell.subscribe(() => touch('status')),
    friends.subscribe(() => touch(...friendChanges)),
    pairings.subscribe(() => touch('pairings')),
    watchPairings(pairings),
    befriending.stop,
  ];
  const chores = createChores({ pause, hosting, parting, usage, notices, moment }, [
    introducing.tick,
    recovering.tick,
    scheduler.tick,
    known.restores.tick,
    protecting.tick,
    wishes.askDue,
    household.chores,
    bartering.tick,
    trading.tick,
  ]);
  Promise.all([parting.tick(), household.chores(), known.restores.tick()]).catch((error: unknown) =>
    // The first minute tries again.
    logger.warn('what a crash left is not settled yet', { error: String(error) }),
  );
  const timer = setInterval(() => {
    Promise.all([chores(), keeper.renewDue(), lookIn.lookDue()]).catch((error: unknown) =>
      logger.error('the chores of this minute failed', { error: String(error) }),
    );
  }, CHORES_EVERY_MS);
  return ok({
    api: createApi(parts, hub.snapshot),
    events: hub.events,
    info: () => ({ device: identity.device, port: config.get().port }),
    chores,
    renewDue: keeper.renewDue,
    // Networks are read again, and whoever watches them looks for friends (`nearness.ts`).
    woke: () => {
      discovery.refresh();
      scheduler.woke();
    },
    isInUse: gateway.isInUse,
    again: again.promise,
    failed: thread.lost.then((error) => {
      logger.error('the books are gone', { error: error.stack ?? String(error) });
      return fault('internal');
    }),
    close: async () => {
      clearInterval(timer);
      for (const stop of stopWatching) stop();
      const traded = trading.close();
      pause.close();
      await scheduler.close();
      await notices.close();
      hub.close();
      await jobs.close();
      pairingCalls.close();
      await parting.close();
      await Promise.all([presence.close(), discovery.close(), recovering.recovery.close()]);
      await Promise.all([server.close(), gateway.close()]);
      readers.close();
      peers.close();
      await traded;
      serviceClock.tick(true);
      // Without the books, that minute of service time is not written down, and nothing else is lost.
      await ledger
        .sweep({ moment: moment() })
        .catch((error: unknown) => logger.warn('not written down', { error: String(error) }));
      await thread.close();
    },
  });
}
