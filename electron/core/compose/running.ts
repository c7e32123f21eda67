import type { ChangeHub } from '../api/change-hub.ts';
import type { CoreParts } from '../api/core-parts.ts';
import { createApi } from '../api/create-api.ts';
import { friendChanges } from '../api/watched-books.ts';
import type { LeaseKeeper } from '../client/holdings/lease-keeper.ts';
import type { Core } from '../core.ts';
import { watchPairings } from '../friends/pairing-watch.ts';
import type { ShellFacts } from '../core-options.ts';
import { fault } from '../../../shared/fault.ts';
import type { Base } from './base.ts';
import { createChores } from './chores.ts';
import type { Introducing } from './introducing.ts';
import type { Serving } from './serving.ts';

const CHORES_EVERY_MS = 60_000;

/** The core at work: what it watches, what each minute brings, and how all of it ends; a part of the composition root. */
export function startRunning(
  { config, identity, thread, serviceClock, ports, touch, peers }: Base,
  { pairings, befriending, server, listening, readers }: Serving,
  {
    parts,
    hub,
    shell,
    introducing,
    keeper,
    again,
  }: {
    readonly parts: CoreParts;
    readonly hub: ChangeHub;
    readonly shell: ShellFacts;
    readonly introducing: Pick<Introducing, 'tick'>;
    readonly keeper: LeaseKeeper;
    readonly again: Promise<undefined>;
  },
): Core {
  const { logger } = ports;
  const { moment } = serviceClock;
  const { pause, hosting, parting, usage, notices, ledger, household, bartering, trading } = parts;
  const { discovery, presence, recovering, scheduler, restores, protecting, wishes } = parts;
  const { lookIn, gateway, jobs, pairingCalls, friends } = parts;
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
    restores.tick,
    protecting.tick,
    wishes.askDue,
    household.chores,
    bartering.tick,
    trading.tick,
    parts.replacement.look,
  ]);
  Promise.all([parting.tick(), household.chores(), restores.tick()]).catch((error: unknown) =>
    // The first minute tries again.
    logger.warn('what a crash left is not settled yet', { error: String(error) }),
  );
  const timer = setInterval(() => {
    Promise.all([chores(), keeper.renewDue(), lookIn.lookDue()]).catch((error: unknown) =>
      logger.error('the chores of this minute failed', { error: String(error) }),
    );
  }, CHORES_EVERY_MS);

  /** What can't be closed keeps nothing else open: neither the port nor the books, which the next start needs. */
  async function closed(...all: readonly (() => unknown)[]): Promise<void> {
    for (const each of await Promise.allSettled(all.map(async (close) => close())))
      if (each.status === 'rejected')
        logger.error('not closed in order', { error: String(each.reason) });
  }

  async function close(): Promise<void> {
    clearInterval(timer);
    await closed(listening.close, ...stopWatching);
    const traded = closed(trading.close);
    await closed(pause.close, scheduler.close);
    await closed(notices.close);
    await closed(hub.close, jobs.close);
    await closed(pairingCalls.close, parting.close);
    await closed(presence.close, discovery.close, recovering.recovery.close);
    await closed(server.close, gateway.close);
    await closed(readers.close, peers.close);
    await traded;
    serviceClock.tick(true);
    // Without the books, that minute of service time is not written down, and nothing else is lost.
    await ledger
      .sweep({ moment: moment() })
      .catch((error: unknown) => logger.warn('not written down', { error: String(error) }));
    await thread.close();
  }

  return {
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
    again,
    failed: thread.lost.then((error) => {
      logger.error('the books are gone', { error: error.stack ?? String(error) });
      return fault('internal');
    }),
    close,
  };
}
