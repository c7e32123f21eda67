import { expect, test } from 'vitest';
import type { CoreParts } from '../../../electron/core/api/core-parts.ts';
import { householdApi } from '../../../electron/core/api/household-api.ts';
import { KEEPERS_MAX } from '../../../shared/policy/grounds/account.ts';
import { failed, ok } from '../../../shared/result.ts';
import { testOwnerId } from '../../fakes/test-ledger.ts';

/** Words about accounts that no book refuses, and a default policy that has no place for one more keeper. */
const ME = testOwnerId(1);
const FULL = Array.from({ length: KEEPERS_MAX }, (_each, index) => testOwnerId(100 + index));

function apiWhere(keepers: readonly string[], setAccount: () => unknown = () => ok(undefined)) {
  const account = { account: 'Home', planBytes: 1n, openBytes: 0n, heldBytes: 0n, closed: false };
  const parts = {
    identity: { owner: ME },
    name: () => 'Me',
    clock: { nowMs: () => 0 },
    friends: {
      find: (friend: string) => failed({ code: 'friend-unknown', params: { friend } }),
      friend: () => undefined,
    },
    ledger: {
      policy: async () => ({ policy: { guards: {}, grounds: [{ kind: 'account', keepers }] } }),
      setPolicy: async () => ok(undefined),
    },
    household: {
      sure: async () => undefined,
      accounts: {
        setAccount: async () => setAccount(),
        usage: async () => [],
        account: async () => ({ ...account, members: [], hosts: [ME], struck: [] }),
      },
    },
  };
  return householdApi(parts as unknown as CoreParts);
}

const wish = { account: 'Home', planBytes: 1n, hosts: ['self'] };

test('whoever names this device as a host hears that it can’t give room for one more keeper', async () => {
  const answered = await apiWhere(FULL)['accounts.set'](wish);
  expect(answered).toEqual(failed({ code: 'too-many-keepers', params: {} }));
});

test('whoever names this device as a host has the account where there is a place', async () => {
  const answered = await apiWhere(FULL.slice(1))['accounts.set'](wish);
  expect(answered).toMatchObject({ ok: true, value: { account: 'Home' } });
});

test('that there are too many accounts is said as such', async () => {
  const answered = await apiWhere([], () => failed('too-many-accounts'))['accounts.set'](wish);
  expect(answered).toEqual(failed({ code: 'too-many-accounts', params: {} }));
});
