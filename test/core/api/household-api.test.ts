import { expect, test } from 'vitest';
import { openAccountBook } from '../../../electron/core/accounts/account-book.ts';
import type { CoreParts } from '../../../electron/core/api/core-parts.ts';
import { householdApi } from '../../../electron/core/api/household-api.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { KEEPERS_MAX } from '../../../shared/policy/grounds/account.ts';
import { failed, ok } from '../../../shared/result.ts';
import { ACCOUNTS_MAX } from '../../../shared/wire/accounts.ts';
import { openTestLedger, testOwnerId } from '../../fakes/test-ledger.ts';

const ME = testOwnerId(1);
const BEN = testOwnerId(2);
const FULL = Array.from({ length: KEEPERS_MAX }, (_each, index) => testOwnerId(100 + index));

/** The commands over real books, whose default policy lets these keepers' accounts count. */
function home(keepers: readonly OwnerId[] = []) {
  const { sql, ledger } = openTestLedger();
  const accounts = openAccountBook(sql, {
    mark: { read: () => undefined, write: () => undefined },
    ledger,
  });
  for (const keeper of keepers) ledger.honour({ keeper, honoured: true });
  const parts = {
    identity: { owner: ME },
    name: () => 'Me',
    clock: { nowMs: () => 0 },
    friends: {
      find: (friend: string) =>
        friend === 'Ben'
          ? ok({ owner: BEN })
          : failed({ code: 'friend-unknown', params: { friend } }),
      friend: () => undefined,
    },
    ledger: asAsync(ledger),
    household: { sure: async () => undefined, accounts: asAsync(accounts) },
  };
  const policy = () => ledger.policy({ owner: undefined }).policy;
  return { api: householdApi(parts as unknown as CoreParts), accounts, policy };
}

function asAsync<B extends object>(book: B): B {
  return new Proxy(book, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      return async (...args: unknown[]) =>
        typeof method === 'function' ? Reflect.apply(method, target, args) : undefined;
    },
  });
}

const wish = { account: 'Home', planBytes: 1n, hosts: ['self'] };

test('whoever names this device as a host has the account, and it counts here, where there is a place', async () => {
  const { api, policy } = home(FULL.slice(1));
  const answered = await api['accounts.set'](wish);
  expect(answered).toMatchObject({ ok: true, value: { account: 'Home' } });
  expect(policy().grounds[0]).toMatchObject({ keepers: [...FULL.slice(1), ME] });
});

test('an account is neither made nor changed where its keeper has no place among those who count here', async () => {
  const { api, accounts, policy } = home(FULL);
  const before = policy();
  const refused = failed({ code: 'too-many-keepers', params: {} });
  expect(await api['accounts.set'](wish)).toEqual(refused);
  expect(accounts.accounts()).toEqual([]);

  accounts.setAccount({ account: 'Home', planBytes: 7n });
  const unchanged = accounts.account('Home');
  expect(await api['accounts.set']({ ...wish, closed: true })).toEqual(refused);
  expect(accounts.account('Home')).toEqual(unchanged);
  expect(policy()).toEqual(before);
});

test('accounts do not begin to count here by an account that was not made', async () => {
  const { api, accounts, policy } = home();
  const before = policy();
  const unknown = failed({ code: 'account-unknown', params: { account: 'Home' } });
  expect(await api['accounts.set']({ account: 'Home', hosts: ['self'] })).toEqual(unknown);
  for (let each = 0; each < ACCOUNTS_MAX; each += 1)
    accounts.setAccount({ account: `account ${each}`, planBytes: 1n });
  const tooMany = failed({ code: 'too-many-accounts', params: {} });
  expect(await api['accounts.set'](wish)).toEqual(tooMany);
  expect(policy()).toEqual(before);
});

test('two keepers who are let in at once both count', async () => {
  const { api, policy } = home();
  await Promise.all([
    api['accounts.set'](wish),
    api['keepers.honour']({ friend: 'Ben', honoured: true }),
  ]);
  const [ground] = policy().grounds;
  expect(ground?.kind === 'account' && ground.keepers.toSorted()).toEqual([ME, BEN].toSorted());
});
