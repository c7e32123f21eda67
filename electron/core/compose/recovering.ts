import type { Fault } from '../../../shared/fault.ts';
import { fault } from '../../../shared/fault.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { failed, type Result } from '../../../shared/result.ts';
import type { CoreParts } from '../api/core-parts.ts';
import { type AddressKeeper, createAddressKeeper } from '../backup/recovery/address-keeper.ts';
import { plotPapersAt } from '../backup/plot-papers.ts';
import { createRecovery, type Recovery } from '../backup/recovery/recovery.ts';
import type { Books } from '../books-worker.ts';
import type { Ports } from '../core-options.ts';
import type { BookThread } from '../database/thread.ts';
import { replaceIdentity, takePlaceOf } from '../identity/identity.ts';

/** Coming back from 24 words put together: what is left for that day, and what finds it again. */
export type Recovering = {
  readonly recovery: Recovery;
  readonly addresses: AddressKeeper;
  /** Nothing was done with this installation yet, so it can become another owner's. */
  readonly isFresh: () => Promise<boolean>;
  /**
   * Makes it a device of the owner of these words; one that is his already takes the place of another one (`replaces`, by id
   * or name). Counts from the next start on.
   */
  readonly begin: (
    words: string,
    replaces: string | undefined,
    /** Since then that one is in somebody else's hands. */
    stolenMs?: number,
  ) => Promise<Result<undefined, Fault>>;
  /** The core is closed and composed anew, as soon as whoever calls this has got an answer. */
  readonly startAgain: () => void;
  /** Somebody was heard nearby, or a friend came or has news. */
  readonly look: (owner?: OwnerId) => void;
  /** Once a minute. */
  readonly tick: () => Promise<void>;
};

type Needs = Pick<
  CoreParts,
  | 'identity'
  | 'name'
  | 'friends'
  | 'holdings'
  | 'sets'
  | 'hosting'
  | 'config'
  | 'pairings'
  | 'peers'
  | 'presence'
  | 'discovery'
  | 'lookIn'
>;

export function createRecovering({
  parts,
  ports,
  thread,
  onChange,
  startAgain,
}: {
  readonly parts: Needs;
  readonly ports: Ports;
  readonly thread: BookThread;
  readonly onChange: () => void;
  readonly startAgain: () => void;
}): Recovering {
  const { identity, name, friends, holdings, sets, peers, pairings, presence, discovery, lookIn } =
    parts;
  const { clock, secrets, randomness } = ports;
  const book = thread.book<Books['recovery']>('recovery');
  const logger = ports.logger.named('recovery');

  const papersAt = plotPapersAt(peers);
  const recovery = createRecovery({
    identity,
    friends,
    holdings,
    sets,
    book,
    peers,
    pairings,
    papersAt,
    isOnline: (owner) => presence.of(owner).state === 'online',
    nearby: () =>
      discovery.nearby().map(({ id }) => ({ id, addresses: discovery.addressesOf(id) ?? [] })),
    ask: lookIn.ask,
    clock,
    logger,
    onChange,
  });
  const addresses = createAddressKeeper({
    identity,
    name,
    friends,
    holdings,
    sets,
    book,
    papersAt,
    take: recovery.takeAt,
    clock,
    logger,
  });

  async function isFresh(): Promise<boolean> {
    const { hosting, config } = parts;
    if (hosting.offer() !== undefined || config.get().settings.barter) return false;
    if (friends.friends().length > 0 || friends.others().length > 0) return false;
    const [held, own] = await Promise.all([holdings.holdings(), sets.sets()]);
    return held.length === 0 && own.length === 0;
  }

  return {
    recovery,
    addresses,
    isFresh,
    begin: async (words, replaces, stolenMs) => {
      const instance = replaces === undefined ? undefined : await recovery.instanceOf(replaces);
      if (replaces !== undefined && instance === undefined)
        return failed(fault('bad-arguments', { field: 'replaces', problem: NO_INSTANCE }));
      const begin = async (): Promise<Result<undefined, Fault>> => {
        if (await isFresh())
          return replaceIdentity({ secrets, randomness, words, replaces: instance });
        if (instance === undefined) return failed(fault('not-fresh'));
        // First, because whoever is struck off is not looked at again: cut off in between, it would have taken its sets along.
        const prepare = () => recovery.takeAll(instance);
        return takePlaceOf({ secrets, words, replaces: instance, prepare });
      };
      if (stolenMs === undefined) return begin();
      // Before anything is begun, or what was forged might be believed after a crash; what was refused says nothing.
      const saidBefore = (await book.doubts()).stolenMs;
      await recovery.suspect(stolenMs);
      const begun = await begin();
      if (!begun.ok) await recovery.suspect(saidBefore);
      return begun;
    },
    startAgain,
    look: (owner) => {
      if (owner !== undefined) addresses.back(owner);
      recovery.look();
    },
    tick: async () => {
      await Promise.all([recovery.tick(), addresses.tick()]);
    },
  };
}

const NO_INSTANCE = 'no such computer of yours is known';
