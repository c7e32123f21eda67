import { describe, expect, it } from 'vitest';
import {
  type Membership,
  openMembershipBook,
} from '../../../electron/core/accounts/membership-book.ts';
import type { KeeperCalls } from '../../../electron/core/accounts/keeper-calls.ts';
import { createMemberships } from '../../../electron/core/accounts/memberships.ts';
import type { Friend } from '../../../electron/core/friends/friend-book.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { failed, ok } from '../../../shared/result.ts';
import type { MemberAccounts } from '../../../shared/wire/accounts.ts';
import { GB } from '../../../shared/units.ts';
import { testOwnerId } from '../../fakes/test-ledger.ts';
import { ANA, deviceOfOwner, DORA, EVE, NOW_MS, openKeeper } from './world.ts';

const BEN = { owner: testOwnerId(2), devices: [] } as unknown as Friend;

type Around = {
  readonly friends?: readonly Friend[];
  readonly look?: KeeperCalls['look'];
};

function saying(accounts: readonly string[]): MemberAccounts {
  return {
    accounts: accounts.map((account) => ({
      account,
      plan: GB,
      charged: 0n,
      left: GB,
      closed: false,
      hosts: [],
    })),
    countsHere: false,
  };
}

/** Dora, to whom friends have said that she is in accounts of theirs. */
function dora(
  said: readonly (readonly [OwnerId, readonly string[]])[],
  { friends = [], look = async () => failed({ code: 'unreachable' }) }: Around = {},
) {
  const { sql, book: own } = openKeeper();
  const book = openMembershipBook(sql);
  for (const [keeper, accounts] of said)
    book.heard({
      keeper,
      device: deviceOfOwner(keeper),
      said: saying(accounts),
      atMs: NOW_MS,
    });
  return createMemberships({
    me: { owner: DORA, device: deviceOfOwner(DORA) },
    own: { ofMember: async (owner) => own.ofMember(owner) },
    book: {
      memberships: async (): Promise<readonly Membership[]> => book.memberships(),
      keepers: async () => book.keepers(),
      heard: async (call) => book.heard(call),
      forget: async (device) => book.forget(device),
    },
    friends: {
      friends: () => friends,
      friend: (owner) => friends.find((each) => each.owner === owner),
      byDevice: (device) => ({ owner: device as string as OwnerId }) as Friend,
    },
    calls: {
      look,
      ticket: async () => failed({ code: 'unreachable' }),
    },
    deviceOf: () => undefined,
    isOnline: () => true,
    clock: { nowMs: () => NOW_MS, monotonicMs: () => 0 },
    onChange: () => undefined,
  });
}

describe('what a member says to a host', () => {
  it('names an account of every keeper, however many one of them says there are', async () => {
    const many = Array.from({ length: 100 }, (_, each) => `a${each}`);
    const memberships = dora([
      [EVE, many],
      [ANA, ['family']],
    ]);
    const reasons = await memberships.reasons(BEN);
    expect(reasons).toHaveLength(4);
    expect(reasons).toContainEqual(expect.objectContaining({ kind: 'account', account: 'family' }));
  });
});

describe('after a no', () => {
  const ana = {
    owner: ANA,
    departed: false,
    devices: [{ device: deviceOfOwner(ANA), revoked: false, addresses: ['10.0.0.1:7'] }],
  } as unknown as Friend;

  it('a keeper who is there is asked for what is new, and not again for every no', async () => {
    let asked = 0;
    const look: KeeperCalls['look'] = async () => {
      asked += 1;
      return ok(saying(['family', 'summer']));
    };
    const memberships = dora([[ANA, ['family']]], { friends: [ana], look });
    expect(await memberships.fresher(BEN)).toHaveLength(2);
    expect(await memberships.fresher(BEN)).toBeUndefined();
    expect(asked).toBe(1);
  });

  it('a keeper who is being asked just now is waited for', async () => {
    const answer = Promise.withResolvers<Awaited<ReturnType<KeeperCalls['look']>>>();
    const memberships = dora([[ANA, ['family']]], {
      friends: [ana],
      look: () => answer.promise,
    });
    memberships.news(ANA);
    const fresher = memberships.fresher(BEN);
    // Whatever does not wait for the answer has ended by then.
    await new Promise(setImmediate);
    answer.resolve(ok(saying(['family', 'summer'])));
    expect(await fresher).toContainEqual(expect.objectContaining({ account: 'summer' }));
  });
});
