import type { Async } from '../../../shared/async.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { createErrands } from '../barter/wallet/errands.ts';
import { createMint, type Mint } from '../barter/mint/mint.ts';
import type { MintBook } from '../barter/mint/mint-book.ts';
import { createTurns } from '../barter/turns.ts';
import { createWallet, type Wallet } from '../barter/wallet/wallet.ts';
import type { WalletBook } from '../barter/wallet/wallet-book.ts';
import type { HoldingsBook } from '../client/holdings/holdings-book.ts';
import { createMintCalls } from '../client/barter/mint-client.ts';
import { createNotePayments, type NotePayments } from '../client/asking/note-reason.ts';
import { newRequestId, type Peers } from '../client/peers.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Identity } from '../identity/identity.ts';
import type { DiskFacts } from '../ledger/ledger.ts';
import type { Clock, Logger } from '../ports.ts';

/** Notes put together (design §3.6): this device's mint, and its purse; a part of the composition root. */
export type Bartering = {
  readonly mint: Mint;
  readonly wallet: Wallet;
  readonly mintBook: Async<MintBook>;
  readonly walletBook: Async<WalletBook>;
  readonly payments: NotePayments;
  /** A friend says that there is something to fetch at his. */
  readonly heard: (friend: OwnerId) => void;
  /** Once a minute: what is open goes on, what is over ends. */
  readonly tick: () => Promise<void>;
};

export function createBartering({
  books,
  identity,
  friends,
  peers,
  holdings,
  isOn,
  isOnline,
  pendingSince,
  mayCheck,
  moment,
  disk,
  clock,
  logger,
  onChange,
  onCollected,
}: {
  readonly books: { readonly mint: Async<MintBook>; readonly wallet: Async<WalletBook> };
  readonly identity: Pick<Identity, 'owner' | 'device'>;
  readonly friends: FriendRegistry;
  readonly peers: Pick<Peers, 'call' | 'renew' | 'decider'>;
  readonly holdings: Async<HoldingsBook>;
  readonly isOn: () => boolean;
  readonly isOnline: Parameters<typeof createMintCalls>[0]['isOnline'];
  readonly pendingSince: Parameters<typeof createWallet>[0]['pendingSince'];
  readonly mayCheck: Parameters<typeof createMint>[0]['mayCheck'];
  readonly moment: () => Moment;
  readonly disk: () => Promise<DiskFacts>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
  /** What a friend owed is fetched: whatever waited for it goes on. */
  readonly onCollected: (friend: OwnerId) => void;
}): Bartering {
  const turns = createTurns();
  const issuer = { owner: identity.owner, device: identity.device };
  const calls = createMintCalls({ peers, friends, isOnline });
  const mint = createMint({
    issuer,
    book: books.mint,
    isOn,
    moment,
    disk,
    turns,
    mayCheck,
    call: calls.call,
    onChange,
    logger,
  });
  const book = books.wallet;
  const errands = createErrands({ book, calls, turns, clock, newRequestId, onChange });
  const wallet = createWallet({
    book,
    calls,
    errands,
    me: issuer,
    comeHome: mint.comeHome,
    isOn,
    pendingSince,
    clock,
    newRequestId,
    onChange,
    logger,
  });
  return {
    mint,
    wallet,
    mintBook: books.mint,
    walletBook: book,
    payments: createNotePayments({ wallet, peers, holdings, clock }),
    heard: (friend) => {
      if (!isOn()) return;
      wallet
        .collect(friend)
        .then(() => onCollected(friend))
        .catch((error: unknown) =>
          logger.warn('what a friend owes was not fetched', { error: String(error) }),
        );
    },
    tick: async () => {
      await mint.tick();
      await wallet.tick();
    },
  };
}
