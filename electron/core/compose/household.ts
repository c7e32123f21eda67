import type { Async } from '../../../shared/async.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import type { AccountBook } from '../accounts/account-book.ts';
import { type AccountDesk, createAccountDesk } from '../accounts/desk.ts';
import type { HostedBook } from '../accounts/hosted-book.ts';
import { createKeeperCalls } from '../accounts/keeper-calls.ts';
import type { MembershipBook } from '../accounts/membership-book.ts';
import { createMemberships, type Memberships } from '../accounts/memberships.ts';
import { createOutbox, type Outbox } from '../accounts/outbox.ts';
import { createAccountWitness } from '../accounts/witness.ts';
import type { Peers } from '../client/peers.ts';
import type { ReasonSource } from '../client/asking/reasons.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Identity } from '../identity/identity.ts';
import type { Witness } from '../ledger/witnesses.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';

/** Accounts put together (design §3.5): keeper, host and member in one home; a part of the composition root. */
export type Household = {
  readonly accounts: Async<AccountBook>;
  readonly hosted: Async<HostedBook>;
  readonly known: Async<MembershipBook>;
  readonly memberships: Memberships;
  readonly outbox: Outbox;
  readonly desk: AccountDesk;
  readonly witness: Witness;
  readonly source: ReasonSource;
  /** What was changed in the accounts is surely on the disk: from here on an older copy of them is known as one. */
  readonly sure: () => Promise<void>;
  /** Once a minute. */
  readonly chores: () => Promise<void>;
  /** A friend was heard of. */
  readonly news: (owner: OwnerId) => void;
};

const ID_BYTES = 16;

export function createHousehold({
  books,
  identity,
  friends,
  peers,
  isOnline,
  moment,
  clock,
  randomness,
  logger,
  onChange,
}: {
  readonly books: {
    readonly accounts: Async<AccountBook>;
    readonly hosted: Async<HostedBook>;
    readonly memberships: Async<MembershipBook>;
  };
  readonly identity: Identity;
  readonly friends: FriendRegistry;
  readonly peers: Pick<Peers, 'call' | 'decider'>;
  readonly isOnline: (device: DeviceId) => boolean;
  readonly moment: () => Moment;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly onChange: () => void;
}): Household {
  const { accounts, hosted, memberships: known } = books;
  const me = { owner: identity.owner, device: identity.device };
  const newId = () => Buffer.from(randomness.bytes(ID_BYTES)).toString('base64url');
  const calls = createKeeperCalls({
    me,
    book: accounts,
    call: peers.call,
    clock,
  });
  const outbox = createOutbox({
    me,
    hosted,
    counting: () => known.keepers(),
    calls,
    friends,
    moment,
    clock,
    onChange,
    logger,
  });
  const memberships = createMemberships({
    me,
    own: accounts,
    book: known,
    friends,
    calls,
    deviceOf: peers.decider,
    isOnline,
    clock,
    onChange,
  });
  const sure = async () => {
    // What was counted was on the disk before it was answered.
    const count = await accounts.count();
    await accounts.confirm({ count });
  };
  const desk = createAccountDesk({ identity, book: accounts, friends, newId, clock, onChange });
  return {
    accounts,
    sure,
    hosted,
    known,
    memberships,
    outbox,
    desk: {
      ...desk,
      ticket: async (member, ask) => {
        const issued = await desk.ticket(member, ask);
        await sure();
        return issued;
      },
    },
    witness: createAccountWitness({
      me,
      friends,
      hosted,
      calls: {
        reserve: async (keeper, ...rest) => {
          const reserved = await calls.reserve(keeper, ...rest);
          if (reserved.ok) outbox.answers(keeper);
          return reserved;
        },
      },
      newId,
      clock,
    }),
    source: {
      cost: 'free',
      reasons: memberships.reasons,
      after: async (host, wish, answer, tried) => {
        if (answer.type !== 'denied') return undefined;
        const isMissed = answer.reasons.some(({ code }) => code === 'account-server-unreachable');
        const ticket = isMissed ? await memberships.withTicket(host, wish, tried) : undefined;
        if (ticket !== undefined) return ticket;
        // An account may have been made, or made larger, since its keeper was last asked.
        const fresher = await memberships.fresher(host);
        if (fresher === undefined || !isMissed) return fresher;
        return (await memberships.withTicket(host, wish, tried)) ?? fresher;
      },
    },
    chores: async () => {
      await Promise.all([outbox.chores(), memberships.lookDue(), sure()]);
    },
    news: (owner) => {
      memberships.news(owner);
      outbox.sighted(owner);
    },
  };
}
