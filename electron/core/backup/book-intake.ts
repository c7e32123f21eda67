import type { Async } from '../../../shared/async.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Identity } from '../identity/identity.ts';
import type { Clock, Logger } from '../ports.ts';
import { type AddressBook, type BookProblem, openBook } from './address-book.ts';
import { befriendAgain } from './befriend-again.ts';
import type { RecoveryBook } from './recovery-book.ts';

/** Takes in address books, wherever they lay: what they say of friends and sets is so here too from then on. */
export type BookIntake = {
  /** `known`: this one, or a newer of the same installation, was read before. */
  readonly take: (content: Uint8Array) => Promise<Result<'own' | 'known' | 'new', BookProblem>>;
  /** An installation whose book is known is no more: what was its own is this one's. */
  readonly takeAll: (instance: string) => Promise<void>;
  /** What is being taken in is done. */
  readonly settled: () => Promise<unknown>;
};

export function createBookIntake({
  identity,
  friends,
  book,
  clock,
  logger,
  onChange,
}: {
  readonly identity: Pick<Identity, 'owner' | 'instance' | 'replaces' | 'addressBookKey'>;
  readonly friends: FriendRegistry;
  readonly book: Async<RecoveryBook>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Pick<Logger, 'info'>;
  readonly onChange: () => void;
}): BookIntake {
  let taking: Promise<unknown> = Promise.resolve();

  /** One after the other: the newest of an installation wins, whoever comes first. */
  function take(content: Uint8Array): ReturnType<BookIntake['take']> {
    const taken = taking.then(() => takeOne(content));
    taking = taken.catch(() => undefined);
    return taken;
  }

  async function takeOne(content: Uint8Array): ReturnType<BookIntake['take']> {
    const opened = openBook(identity.addressBookKey, content);
    if (!opened.ok) return opened;
    const found = opened.value;
    if (found.owner !== identity.owner) return failed('damaged');
    const known = (await book.books()).find(({ instance }) => instance === found.instance);
    if (known !== undefined && known.sequence >= found.sequence) return ok('known');
    const atMs = clock.nowMs();
    const isOwn = found.instance === identity.instance;
    // Applied before it is written down as known: after a crash in between it is applied again, which is harmless.
    if (!isOwn) await apply(found, atMs);
    await book.note({ book: found, atMs });
    if (!isOwn) logger.info('an address book of this owner was read', { at: found.sequence });
    onChange();
    return ok(isOwn ? 'own' : 'new');
  }

  async function apply(found: AddressBook, atMs: number): Promise<void> {
    await befriendAgain(friends, found, { self: identity.owner, atMs });
    if (found.instance === identity.replaces) await takeFrom(found, atMs);
  }

  async function takeFrom(found: AddressBook, atMs: number): Promise<void> {
    for (const set of found.sets) await book.takeOver({ from: found, set, atMs });
    await book.takePlots({ from: found, atMs });
  }

  return {
    take,
    takeAll: async (instance) => {
      const found = (await book.books()).find((each) => each.instance === instance);
      if (found !== undefined) await takeFrom(found, clock.nowMs());
    },
    settled: () => taking,
  };
}
