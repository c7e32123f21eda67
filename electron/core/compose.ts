import { networkInterfaces } from 'node:os';
import type { Fault } from '../../shared/fault.ts';
import { ok, type Result } from '../../shared/result.ts';
import { createChangeHub } from './api/change-hub.ts';
import type { CoreParts } from './api/core-parts.ts';
import { noticeFacts } from './api/notice-facts.ts';
import { snapshotReaders } from './api/views.ts';
import { identityChanges, watched } from './api/watched-books.ts';
import { ENGINE_THREAD } from './backup/engine/engine.ts';
import { ESTIMATE_THREAD } from './backup/engine/estimate.ts';
import { READER_THREAD } from './backup/engine/readers.ts';
import { createJobs } from './backup/jobs.ts';
import { createBackingUp } from './compose/backing-up.ts';
import { createElsewhere } from './compose/elsewhere.ts';
import type { Books } from './books-worker.ts';
import { createGateway } from './client/gateway/gateway.ts';
import { createPairingCalls } from './client/pairing/pairing-call.ts';
import type { Core } from './core.ts';
import { headlessShell } from './headless-shell.ts';
import { createAddressProbe } from './discovery/address-probe.ts';
import { createTroubleLook } from './discovery/trouble-facts.ts';
import { openNoticeKeeper } from './notices/notice-keeper.ts';
import { BOOKS_THREAD } from './open-books.ts';
import { createReplacement } from './replaced.ts';
import { openNearness } from './compose/nearness.ts';
import { ownAddresses } from './own-addresses.ts';
import { createParting } from './parting.ts';
import { createRecovering } from './compose/recovering.ts';
import { type Base, type Given, openBase } from './compose/base.ts';
import { startRunning } from './compose/running.ts';
import { createServing, type Serving } from './compose/serving.ts';
import { openPauseKeeper } from './pause.ts';

const EPOCH_BYTES = 16;

/** The composition root: here, and in `compose/`, and nowhere else, the parts meet the machine. */
export async function compose(given: Given): Promise<Result<Core, Fault>> {
  const base = await openBase(given);
  const serving = createServing(base);
  try {
    return await putTogether(base, serving);
  } catch (error) {
    // It may listen already; whoever starts again wants the same port.
    serving.listening.close();
    await serving.server.close();
    throw error;
  }
}

async function putTogether(base: Base, serving: Serving): Promise<Result<Core, Fault>> {
  const { options, ports, home, config, identity, thread } = base;
  const { clock, randomness, logger } = ports;
  const { late, touch, touchAll, name, kind, friends, peers, hosting, serviceClock } = base;
  const { ledger, holdings, sets, copyBook, vouchers } = base;
  const { moment } = serviceClock;
  const usage = thread.book<Books['usage']>('usage');
  const aside = await config.putAside();
  if (aside !== undefined)
    logger.warn('settings that could not be read lie aside', { file: aside });
  const shell = options.shell ?? headlessShell(process.platform);
  const { pairings, befriending, household, bartering, trading, witnesses } = serving;
  const { readers, server, listening } = serving;
  const pause = await openPauseKeeper({ ledger, clock, logger: logger.named('pause') });
  // Mended before anybody can ask: what a crash left half done is settled first.
  await hosting.begin();
  const networkBook = thread.book<Books['networks']>('networks');
  const isWanted =
    options.listen !== 'when-wanted' ||
    hosting.offer() !== undefined ||
    friends.friends().some(({ departed }) => !departed) ||
    (await networkBook.networks()).some(({ home: isHome }) => isHome === true);
  if (isWanted) {
    const begun = await listening.beginAtStart();
    if (begun?.ok === false) return begun;
  }

  late.household = household;
  const { wishes, introducing, asking, growth, lookIn, upkeep, keeper } = createElsewhere(
    base,
    serving,
  );
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
      else if (what === 'friends') late.hub?.touch('friends', 'recovery', 'status');
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
  const replacement = createReplacement(
    [BOOKS_THREAD, ENGINE_THREAD, READER_THREAD, ESTIMATE_THREAD],
    () => touch('status'),
  );
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
    replacement,
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
      replacement,
      settings: () => config.get().settings,
      ports,
      logger: logger.named('backup'),
      onChange: () => touch('sets', 'restores'),
    }),
  };
  late.scheduler = known.scheduler;
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
  return ok(
    startRunning(base, serving, { parts, hub, shell, introducing, keeper, again: again.promise }),
  );
}
