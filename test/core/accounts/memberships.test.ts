import { describe, expect, it } from 'vitest';
import {
  type Membership,
  openMembershipBook,
} from '../../../electron/core/accounts/membership-book.ts';
import { createMemberships } from '../../../electron/core/accounts/memberships.ts';
import type { Friend } from '../../../electron/core/friends/friend-book.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { failed } from '../../../shared/result.ts';
import { GB } from '../../../shared/units.ts';
import { testOwnerId } from '../../fakes/test-ledger.ts';
import { ANA, deviceOfOwner, DORA, EVE, NOW_MS, openKeeper } from './world.ts';

const BEN = { owner: testOwnerId(2), devices: [] } as unknown as Friend;

/** Dora, to whom friends have said that she is in accounts of theirs. */
function dora(said: readonly (readonly [OwnerId, readonly string[]])[]) {
  const { sql, book: own } = openKeeper();
  const book = openMembershipBook(sql);
  for (const [keeper, accounts] of said)
    book.heard({
      keeper,
      device: deviceOfOwner(keeper),
      said: {
        accounts: accounts.map((account) => ({
          account,
          plan: GB,
          charged: 0n,
          left: GB,
          closed: false,
          hosts: [],
        })),
        countsHere: false,
      },
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
      friends: () => [],
      friend: () => undefined,
      byDevice: (device) => ({ owner: device as string as OwnerId }) as Friend,
    },
    calls: {
      look: async () => failed({ code: 'unreachable' }),
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
