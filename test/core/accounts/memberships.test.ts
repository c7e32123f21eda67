import { describe, expect, it } from 'vitest';
import {
  type Membership,
  openMembershipBook,
} from '../../../electron/core/accounts/membership-book.ts';
import type { KeeperCalls } from '../../../electron/core/accounts/keeper-calls.ts';
import { createMemberships } from '../../../electron/core/accounts/memberships.ts';
import { type Ticket, writeTicket } from '../../../electron/core/accounts/ticket.ts';
import {
  createDeviceKey,
  deviceSigner,
  keyIn,
} from '../../../electron/core/identity/device-key.ts';
import type { Friend } from '../../../electron/core/friends/friend-book.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { failed, ok } from '../../../shared/result.ts';
import type { MemberAccounts } from '../../../shared/wire/accounts.ts';
import { GB } from '../../../shared/units.ts';
import { testOwnerId, testRequest } from '../../fakes/test-ledger.ts';
import { ANA, deviceOfOwner, DORA, EVE, NOW_MS, openKeeper, testPromise } from './world.ts';

const BEN = { owner: testOwnerId(2), devices: [] } as unknown as Friend;

type Around = {
  readonly ticket?: KeeperCalls['ticket'];
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
  {
    friends = [],
    look = async () => failed({ code: 'unreachable' }),
    ticket = async () => failed({ code: 'unreachable' }),
  }: Around = {},
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
    calls: { look, ticket },
    deviceOf: async () => deviceOfOwner(BEN.owner),
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

describe('a ticket for a host who can’t reach the keeper', () => {
  const request = testRequest(GB);

  async function keyed() {
    const { device, keyPem, certificatePem } = await createDeviceKey();
    return { device, key: { spki: keyIn(certificatePem), sign: deviceSigner(keyPem) } };
  }

  it.each<[string, Partial<Ticket> | undefined]>([
    ['that is none', undefined],
    ['for somebody else', { member: EVE }],
    ['for another host', { device: deviceOfOwner(EVE) }],
    ['for another account', { account: 'another' }],
    ['for another request', { requestHash: 'h'.repeat(43) }],
    ['for less', { bytes: GB }],
    ['for a shorter time', { durationS: 1 }],
  ])('%s does not stand in the way of the next keeper’s', async (_what, flaw) => {
    const [liar, honest] = [await keyed(), await keyed()];
    const memberships = dora(
      [
        [liar.device as string as OwnerId, ['a first']],
        [honest.device as string as OwnerId, ['family']],
      ],
      {
        ticket: async (keeper, { account, device, bytes, durationS, requestHash }) => {
          const { key } = keeper === liar.device ? liar : honest;
          const common = { jti: testPromise('jti'), untilMs: NOW_MS, requestHash };
          const right = { ...common, keeper, account, member: DORA, device, bytes, durationS };
          if (keeper === honest.device) return ok(writeTicket(right, key));
          return ok(flaw === undefined ? 'nonsense' : writeTicket({ ...right, ...flaw }, key));
        },
      },
    );
    const reasons = await memberships.withTicket(BEN, request);
    expect(reasons).toMatchObject([{ account: 'family' }, { account: 'a first' }]);
    expect(reasons?.map((reason) => 'ticket' in reason)).toEqual([true, false]);
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
