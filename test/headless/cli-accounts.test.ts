import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliHome, startCliHome } from '../fakes/cli-home.ts';
import type { TestHome } from '../fakes/homes.ts';

let homes: CliHome;
let ana: TestHome;
const at: CliHome['at'] = (...args) => homes.at(...args);

beforeAll(async () => {
  homes = await startCliHome();
  ({ ana } = homes);
});
afterAll(() => homes.close());

test('an account is made, changed, seen, and dropped', async () => {
  expect((await at('accounts')).out).toContain('No accounts are kept here');
  for (const wrong of [
    ['--plan', 'much'],
    ['--host', 'self', '--any-host'],
    ['--close', '--open'],
  ])
    expect((await at('accounts', 'set', 'family', ...wrong)).code, wrong.join(' ')).toBe(2);
  const slip = await at('accounts', 'set', 'famly', '--close');
  expect([slip.code, slip.err]).toEqual([2, expect.stringContaining('--plan 200GB')]);
  const members = ['--member', 'Ana', '--member', 'self'];
  const made = await at(
    'accounts',
    'set',
    'family',
    '--plan',
    '200GB',
    ...members,
    '--host',
    'self',
  );
  expect([made.code, made.out]).toEqual([0, expect.stringContaining('0 B of 200 GB used')]);
  expect(made.out).toContain('members: Ana, Ben');
  expect(made.out).not.toContain('Each host');
  const all = await at('accounts');
  expect(all.out).toContain('hosts: Ben');
  expect(all.out).toContain('Members of your own accounts get room here');
  const anywhere = await at('accounts', 'set', 'family', '--any-host');
  expect(anywhere.out).toContain('Each host says once');
  const closed = await at('accounts', 'set', 'family', '--close', '--json');
  expect(JSON.parse(closed.out)).toMatchObject({
    closed: true,
    hosts: [],
    planBytes: '200000000000',
  });
  expect((await at('accounts', 'strike', 'family', 'Cleo')).code).toBe(3);
  expect((await at('accounts', 'strike', 'family', 'Ana')).code).toBe(0);
  expect((await at('accounts')).out).toContain('struck off: Ana');
  expect((await at('accounts', 'drop', 'family')).out).toContain('no account any more');
  expect((await at('accounts', 'drop', 'family')).code).toBe(3);
});

test('a policy of a single friend names the keeper, who may have no account yet', async () => {
  const set = await at('policy', 'set', 'Ana', 'account=Ana');
  expect(set.out).toContain('  an account kept by Ana\n');
  expect((await at('policy', 'set', 'Ana', 'inherit')).code).toBe(0);
});

test('a keeper is honoured, and a membership is seen with what is left', async () => {
  const { owner } = await ana.call('status.get');
  expect((await at('memberships')).out).toContain('member of no account');
  await ana.call('accounts.set', { account: 'house', planBytes: '50000000000', members: ['Ben'] });
  const seen = await at('memberships');
  expect(seen.out).toMatch(/house +Ana +50 GB +50 GB +– +all who honour it/);
  expect((await at('accounts')).out).toContain('Ana keeps accounts that are not honoured here');
  expect((await at('accounts', 'honour', 'Ana')).out).toContain('get room here');
  expect((await at('policy', 'show', 'default', '--json')).out).toContain(owner);
  await at('accounts', 'honour', 'Ana', '--no');
  expect((await at('policy', 'show', 'default', '--json')).out).not.toContain(owner);
});
