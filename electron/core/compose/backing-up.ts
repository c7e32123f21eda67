import { join } from 'node:path';
import type { Async } from '../../../shared/async.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { createExporter, type Exporter } from '../backup/export/export.ts';
import type { CopyBook } from '../backup/copies/book.ts';
import { createLimits } from '../backup/limited-store.ts';
import type { Jobs } from '../backup/jobs.ts';
import { createProtecting, type Protecting } from '../backup/protecting.ts';
import type { BackupSet, SetBook } from '../backup/set-book.ts';
import { createDrill, type Drill } from '../backup/drill.ts';
import { type BackupReader, createBackupReader } from '../backup/reading.ts';
import { createSources } from '../backup/reading-source.ts';
import type { RecoveryBook } from '../backup/recovery/recovery-book.ts';
import type { RestoreBook } from '../backup/restore-book.ts';
import { createRestores, type Restores } from '../backup/restores.ts';
import { plotPapersAt } from '../backup/plot-papers.ts';
import { createPruning, type Pruning } from '../backup/pruning.ts';
import { createRunJob } from '../backup/run-job.ts';
import { type BackupRunner, createBackupRunner } from '../backup/runner.ts';
import type { Scheduler } from '../backup/scheduler.ts';
import { createTargets } from '../backup/targets.ts';
import type { Growth } from '../client/asking/growth.ts';
import type { Holding, HoldingsBook } from '../client/holdings/holdings-book.ts';
import type { Peers } from '../client/peers.ts';
import { createProtectionCalls, type ProtectionCalls } from '../client/holdings/protection.ts';
import type { Home } from '../config.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Identity } from '../identity/identity.ts';
import type { Settings } from '../../../shared/model/settings.ts';
import type { WishKeeper } from '../client/asking/wish-keeper.ts';
import type { PauseKeeper } from '../pause.ts';
import type { Replacement } from '../replaced.ts';
import { createPlanning, type Planning } from './planning.ts';
import type { Hosting } from '../plots/hosting.ts';
import { ownFolders } from '../plots/volume.ts';
import type { Ports } from '../core-options.ts';
import type { Logger } from '../ports.ts';

/** Composes what keeps my own files safe: the engine's jobs on the copies that friends keep. */
export type BackingUp = {
  readonly scheduler: AttendedScheduler;
  readonly runner: BackupRunner;
  readonly pruning: Pruning;
  readonly reader: BackupReader;
  readonly restores: Restores;
  readonly drill: Drill;
  readonly exporter: Exporter;
  readonly protection: ProtectionCalls;
  readonly protecting: Protecting;
} & Omit<Planning, 'scheduler'>;

/** With what copies need by themselves. */
export type AttendedScheduler = Omit<Scheduler, 'close'> & { readonly close: () => Promise<void> };

export function createBackingUp({
  identity,
  home,
  name,
  friends,
  holdings,
  peers,
  growth,
  hosting,
  look,
  otherHoldings,
  otherSet,
  addressBook,
  starts,
  copies,
  sets,
  restores: restoreBook,
  jobs,
  wishes,
  pause,
  replacement,
  settings,
  ports: { activity, clock, randomness },
  logger,
  onChange,
}: {
  readonly identity: Identity;
  readonly home: Home;
  readonly name: () => string;
  readonly friends: FriendRegistry;
  readonly holdings: Async<HoldingsBook>;
  readonly peers: Peers;
  readonly growth: Growth;
  readonly hosting: Pick<Hosting, 'offer'>;
  readonly look: (host: OwnerId) => Promise<void>;
  /** Where sets of this owner's other installations lie; they can be read here. */
  readonly otherHoldings: () => Promise<readonly Holding[]>;
  readonly otherSet: (name: string) => Promise<BackupSet | undefined>;
  /** This installation's address book, sealed. */
  readonly addressBook: () => Promise<Uint8Array>;
  /** Sets that began on a disk. */
  readonly starts: Async<RecoveryBook>;
  readonly copies: Async<CopyBook>;
  readonly sets: Async<SetBook>;
  readonly restores: Async<RestoreBook>;
  readonly jobs: Jobs;
  readonly wishes: Pick<WishKeeper, 'wishes'>;
  readonly pause: Pick<PauseKeeper, 'untilMs'>;
  readonly replacement: Pick<Replacement, 'isReplaced'>;
  readonly settings: () => Settings;
  readonly ports: Pick<Ports, 'activity' | 'clock' | 'randomness'>;
  readonly logger: Logger;
  /** When a set runs next, or what it waits for, is not what it was. */
  readonly onChange: () => void;
}): BackingUp {
  const password = identity.repositoryPassword;
  const readable = {
    holdings: async () => [...(await holdings.holdings()), ...(await otherHoldings())],
    assign: (call: Parameters<HoldingsBook['assign']>[0]) => holdings.assign(call),
  };
  const ending = new AbortController();
  const targets = createTargets({
    friends,
    holdings: readable,
    peers,
    growth,
    limits: createLimits({ settings, clock }),
    hurry: ending.signal,
  });
  const papersAt = plotPapersAt(peers);
  const run = createRunJob({ password, cache: home.cache });
  const leaveOut = () => ownFolders(home.folder, hosting.offer());
  const runner = createBackupRunner({
    password,
    writer: identity.instance,
    sets,
    copies,
    starts,
    mayBegin: ({ pause: own }) =>
      !replacement.isReplaced() &&
      Math.max(own?.untilMs ?? 0, pause.untilMs() ?? 0) <= clock.nowMs(),
    clock,
    randomness,
    logger,
    targets,
    run,
    holdings,
    peers,
    look,
    leaveOut,
    name,
  });
  const open = createSources({ targets, copies, reopen: runner.reopen, clock });
  const reader = createBackupReader({ open, run, password, cache: home.cache });
  const protection = createProtectionCalls({ peers, look });
  const waits = { holdings, wishes, pause, replacement, activity };
  const pruning = createPruning(runner);
  const protecting = createProtecting({ sets, holdings, friends, protection, clock });
  const planning = createPlanning({
    sets,
    jobs,
    runner: {
      // A plot that a run has begun is protected before anybody could delete anything in it.
      backup: async (set, control) => {
        const ended = await runner.backup(set, control);
        await protecting.tick();
        return ended;
      },
    },
    prune: pruning.prune,
    ...waits,
    clock,
    logger,
    onChange,
  });
  return {
    ...planning,
    pruning,
    scheduler: attended(planning.scheduler, { runner, reader, ending, logger }),
    protection,
    protecting,
    runner,
    exporter: createExporter({
      password,
      targets,
      run,
      sets,
      copies,
      starts,
      papersAt: ({ host, plot }) => papersAt(host, plot),
      addressBook,
      leaveOut,
      name,
    }),
    reader,
    restores: createRestores({
      book: restoreBook,
      jobs,
      reader,
      find: async (set) => (await sets.set(set)) ?? (await otherSet(set)),
      folder: join(home.folder, 'restores'),
      clock,
      randomness,
      onChange,
    }),
    drill: createDrill({ reader, sets, folder: join(home.cache, 'drills'), clock, randomness }),
  };
}

/** A tick waits for no copy: what is sent to a friend may take days. */
function attended(
  scheduler: Scheduler,
  {
    runner,
    reader,
    ending,
    logger,
  }: {
    readonly runner: Pick<BackupRunner, 'catchUpDue' | 'verifyDue' | 'news' | 'close'>;
    readonly reader: Pick<BackupReader, 'close'>;
    readonly ending: AbortController;
    readonly logger: Logger;
  },
): AttendedScheduler {
  return {
    ...scheduler,
    tick: async () => {
      runner
        .catchUpDue()
        .then(runner.verifyDue)
        .catch((error: unknown) =>
          logger.error('copies could not be looked after', { error: String(error) }),
        );
      await scheduler.tick();
    },
    news: (host) => {
      scheduler.news(host);
      runner.news(host);
    },
    close: async () => {
      scheduler.close();
      ending.abort();
      await Promise.all([runner.close(), reader.close()]);
    },
  };
}
