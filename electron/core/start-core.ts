import { join } from 'node:path';
import type { LevelWithSilent } from 'pino';
import type { Api, EventSource } from '../../shared/contract/api.ts';
import { type Fault, fault } from '../../shared/fault.ts';
import type { DeviceId } from '../../shared/ids.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { createFileSecretStore } from './adapters/file-secret-store.ts';
import { nodeDiskSpace } from './adapters/node-disk-space.ts';
import { createPinoLogger } from './adapters/pino-logger.ts';
import { systemClock } from './adapters/system-clock.ts';
import { systemRandomness } from './adapters/system-randomness.ts';
import { type ChangeHub, createChangeHub, type Slice } from './api/change-hub.ts';
import type { CoreParts } from './api/core-parts.ts';
import { createApi } from './api/create-api.ts';
import { snapshotReaders } from './api/views.ts';
import { watched } from './api/watched-ledger.ts';
import { createJobs } from './backup/jobs.ts';
import { createBackupRunner } from './backup/runner.ts';
import type { Books, BooksStart } from './books-worker.ts';
import { createGateway } from './client/gateway.ts';
import { createGrowth } from './client/growth.ts';
import { createPairingCalls } from './client/pairing-call.ts';
import { createPeers } from './client/peers.ts';
import { startLeaseKeeper } from './client/lease-keeper.ts';
import { keepPort, openHome } from './config.ts';
import { lockHome } from './database/home-lock.ts';
import type { DatabaseFault } from './database/open-database.ts';
import { type BookThread, startBookThread } from './database/thread.ts';
import { openFriendRegistry } from './friends/friend-registry.ts';
import { createPairingTable } from './friends/pairing-table.ts';
import { verifyByDevice } from './identity/device-key.ts';
import { openIdentity } from './identity/identity.ts';
import { openHosting } from './plots/hosting.ts';
import { createRepositoryHandler } from './plots/repository-handler.ts';
import type { Clock, DiskSpace, Logger, Randomness, SecretStore } from './ports.ts';
import { SERVER_LIMITS, type ServerLimits } from './server/limits.ts';
import { createPeerServer } from './server/peer-server.ts';
import { startServiceClock } from './service-clock.ts';

/** The composition root: here, and only here, the parts meet the machine. */
export type CoreOptions = {
  readonly home: string;
  readonly version: string;
  readonly name?: string | undefined;
  /** 0: any free port, kept from then on. */
  readonly port?: number | undefined;
  /** Recovery words, for the first start on a new machine. */
  readonly phrase?: string | undefined;
  readonly logLevel?: LevelWithSilent | undefined;
  /** Where friends may come from; all networks unless tests say otherwise. */
  readonly host?: string | undefined;
  /** In place of the machine's own; Electron brings its secrets, tests their clocks. */
  readonly ports?: Partial<Ports> | undefined;
  readonly limits?: ServerLimits | undefined;
};

export type Ports = {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly secrets: SecretStore;
  readonly space: DiskSpace;
  readonly logger: Logger;
};

export type Core = {
  readonly api: Api;
  readonly events: EventSource;
  readonly info: () => { readonly device: DeviceId; readonly port: number };
  /** What a minute brings, at once: tests and power events call it. */
  readonly chores: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const CHORES_EVERY_MS = 60_000;

export async function startCore(options: CoreOptions): Promise<Result<Core, Fault>> {
  const opened = await openHome(options.home, options);
  if (!opened.ok) return opened;
  const locked = lockHome(join(options.home, 'lock.sqlite'));
  if (!locked.ok) return failed(fault('already-running', { home: options.home }));
  const started = await startLocked(options, opened.value);
  if (!started.ok) {
    locked.value.release();
    return started;
  }
  const core = started.value;
  let closing: Promise<void> | undefined;
  return ok({
    ...core,
    close: () => {
      closing ??= core.close().finally(locked.value.release);
      return closing;
    },
  });
}

type Opened = Extract<Awaited<ReturnType<typeof openHome>>, { ok: true }>['value'];

async function startLocked(
  options: CoreOptions,
  { home, config }: Opened,
): Promise<Result<Core, Fault>> {
  const ports: Ports = {
    clock: systemClock,
    randomness: systemRandomness,
    secrets: createFileSecretStore(home.secrets),
    space: nodeDiskSpace,
    logger: options.ports?.logger ?? createPinoLogger(options.logLevel ?? 'warn'),
    ...options.ports,
  };
  const { clock, randomness, logger } = ports;
  const known = await openIdentity({
    secrets: ports.secrets,
    randomness,
    phrase: options.phrase,
  });
  if (!known.ok) return known;
  const identity = known.value;
  const books = await openBooks({ file: home.database, keyPem: identity.keyPem });
  if (!books.ok) return books;
  const thread = books.value;

  // Reads what is put together below; nothing is told before somebody listens.
  const late: { hub?: ChangeHub } = {};
  const touch = (...slices: readonly Slice[]) => late.hub?.touch(...slices);
  const ledger = watched(thread.book<Books['ledger']>('ledger'), (slices) => touch(...slices));
  const holdings = thread.book<Books['holdings']>('holdings');
  const sets = thread.book<Books['sets']>('sets');
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
  });
  const name = () => config.name;
  const { moment } = serviceClock;
  const pairings = createPairingTable({ me: identity, clock, randomness });
  const server = createPeerServer({
    identity,
    name,
    friends,
    pairings,
    ledger,
    moment,
    disk: hosting.disk,
    onReleased: hosting.released,
    limits: options.limits ?? SERVER_LIMITS,
    repository: createRepositoryHandler(hosting.plots),
    clock,
    logger: logger.named('server'),
  });
  // Mended before anybody can ask: what a crash left half done is settled first.
  await hosting.chores();
  const listening = await server.listen({ host: options.host ?? '::', port: config.port });
  if (!listening.ok) {
    await thread.close();
    return listening;
  }
  if (config.port !== listening.value.port)
    await keepPort(home, { ...config, port: listening.value.port });

  const peers = createPeers({ identity, friends });
  const growth = createGrowth({ peers, holdings, clock });
  const gateway = createGateway(logger.named('gateway'));
  const pairingCalls = createPairingCalls({
    identity,
    name,
    port: server.port,
    friends,
    pairings,
    randomness,
  });
  const jobs = createJobs({
    clock,
    randomness,
    logger: logger.named('jobs'),
    onChange: () => touch('jobs', 'sets', 'mine'),
  });
  const parts: CoreParts = {
    version: options.version,
    home,
    name,
    port: server.port,
    clock,
    moment,
    identity,
    friends,
    pairings,
    pairingCalls,
    ledger,
    hosting,
    holdings,
    sets,
    peers,
    growth,
    gateway,
    jobs,
    runner: createBackupRunner({
      identity,
      friends,
      holdings,
      peers,
      growth,
      cache: home.cache,
      // Neither friends' plots nor our own books belong into a backup of ours.
      leaveOut: () => {
        const offer = hosting.offer();
        return [home.folder, ...(offer === undefined ? [] : [join(offer.folder, 'allotment')])];
      },
      name,
    }),
  };
  const hub = createChangeHub(snapshotReaders(parts), clock, (error) =>
    logger.error('a view could not be read', { error: String(error) }),
  );
  late.hub = hub;
  const stopWatching = [
    friends.subscribe(() => touch('friends', 'hosted', 'mine', 'sets', 'decisions')),
    pairings.subscribe((entry) => {
      touch('pairings');
      if (entry.state !== 'paired') return;
      const { name: friendName, statement, signed, address } = entry.other;
      const addresses = address === '' ? [] : [address];
      friends
        .add({ name: friendName, statement, signed, addresses, atMs: clock.nowMs() })
        .catch((error: unknown) => logger.error('a friend was not kept', { error: String(error) }));
    }),
  ];
  const keeper = startLeaseKeeper({ peers, friends, holdings, clock });
  const timer = setInterval(() => {
    Promise.all([hosting.chores(), keeper.renewDue()]).catch((error: unknown) =>
      logger.error('the chores of this minute failed', { error: String(error) }),
    );
  }, CHORES_EVERY_MS);
  return ok({
    api: createApi(parts, hub.snapshot),
    events: hub.events,
    info: () => ({ device: identity.device, port: listening.value.port }),
    chores: hosting.chores,
    close: async () => {
      clearInterval(timer);
      for (const stop of stopWatching) stop();
      hub.close();
      await jobs.close();
      pairingCalls.close();
      await Promise.all([server.close(), gateway.close()]);
      peers.close();
      serviceClock.tick(true);
      await ledger.sweep({ moment: moment() });
      await thread.close();
    },
  });
}

async function openBooks(start: BooksStart): Promise<Result<BookThread, Fault>> {
  const entry = new URL('./books-worker.ts', import.meta.url);
  const opened = await startBookThread(entry, start);
  if (opened.ok) return ok(opened.thread);
  // The worker is ours; only the type is lost on the way between threads.
  const problem = opened.fault as DatabaseFault;
  const params: Record<string, string> = { file: start.file };
  for (const [key, value] of Object.entries(problem))
    if (key !== 'code') params[key] = String(value);
  return failed(fault(problem.code, params));
}
