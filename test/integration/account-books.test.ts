import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../electron/core/ports.ts';
import type { AccountView } from '../../shared/contract/household-views.ts';
import type { Plain } from '../../shared/contract/views.ts';
import type { Answer } from '../../shared/model/allocate.ts';
import { promisedBytes } from '../../shared/model/plot.ts';
import { DAY_S, GB } from '../../shared/units.ts';
import { pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';

/** Ana keeps the family's account and gives room herself; Ben honours it; Dora is its member. */
const MONTH_S = 31 * DAY_S;
const PLAN = 10n * GB;

let place: Awaited<ReturnType<typeof scratch>>;
let ana: TestHome;
let ben: TestHome;
let dora: TestHome;
let aheadMs: number;
const clock: Clock = {
  nowMs: () => Date.now() + aheadMs,
  monotonicMs: () => performance.now() + aheadMs,
};
const space = { read: async () => ({ freeBytes: 1000n * GB, totalBytes: 2000n * GB }) };
const ports = { clock, space };

beforeEach(async () => {
  aheadMs = 0;
  place = await scratch();
  [ana, ben, dora] = await Promise.all([
    startHome('Ana', place.folder, { ports }),
    startHome('Ben', place.folder, { ports }),
    startHome('Dora', place.folder, { ports }),
  ]);
  for (const other of [ben, dora]) await pair(other, ana);
  await pair(dora, ben);
  for (const [name, host] of [
    ['Ana', ana],
    ['Ben', ben],
  ] as const) {
    const folder = join(place.folder, `spare of ${name}`);
    await mkdir(folder);
    await host.call('offer.set', { folder, offerBytes: `${100n * GB}`, keepFreeBytes: '0' });
  }
  await ana.call('accounts.set', {
    account: 'family',
    planBytes: `${PLAN}`,
    members: ['Dora'],
    hosts: ['self', 'Ben'],
  });
  await ben.call('keepers.honour', { friend: 'Ana', honoured: true });
  await dora.call('memberships.look');
});
afterEach(async () => {
  await Promise.all([ana.close(), ben.close(), dora.close()]);
  await place.remove();
});

const ask = (friend: string, size: bigint) =>
  dora.call('allocations.ask', { friend, size: `${size}`, durationS: MONTH_S });
const chargeOf = (size: bigint) => promisedBytes(size);
const family = async (): Promise<AccountView> => {
  const found = (await ana.call('household.get')).kept.find(({ account }) => account === 'family');
  if (found === undefined) throw new Error('the family’s account is gone');
  return found;
};
const charged = async () => BigInt((await family()).chargedBytes);
const settledAs = (bytes: bigint) =>
  until(async () => {
    const { chargedBytes, openBytes } = await family();
    return BigInt(chargedBytes) === bytes && openBytes === '0' ? true : undefined;
  });

function codeOf(answer: Plain<Answer>): string {
  return 'reasons' in answer ? (answer.reasons[0]?.code ?? 'none') : answer.type;
}

describe('a member', () => {
  test('is tried by a host as he would ask: on the accounts that are known there, at their keepers', async () => {
    const attempt = (host: TestHome, size: bigint) =>
      host.call('policy.try', { friend: 'Dora', size: `${size}`, durationS: MONTH_S });
    const unknown = await attempt(ben, GB);
    expect(unknown.assumed).toMatchObject([{ key: 'tried.assumed-no-account' }]);
    expect(await attempt(ana, GB)).toMatchObject({
      answer: { type: 'granted' },
      assumed: [{ key: 'tried.assumed-account', params: { account: 'family', friend: 'Ana' } }],
    });
    await ask('Ben', 2n * GB);
    await settledAs(chargeOf(2n * GB));
    expect(await attempt(ben, GB)).toMatchObject({
      answer: { type: 'granted' },
      assumed: [{ key: 'tried.assumed-account', params: { account: 'family', name: 'Dora' } }],
    });
    const much = await attempt(ben, 2n * PLAN);
    expect(codeOf(much.answer)).toBe('account-over-plan');
    // Nothing was set aside for any of it.
    expect(await charged()).toBe(chargeOf(2n * GB));
  });

  test('who has not heard of an account yet asks its keeper when he is refused without it', async () => {
    await ana.call('accounts.set', {
      account: 'summer',
      planBytes: `${50n * GB}`,
      members: ['Dora'],
      hosts: ['Ben'],
    });
    await ana.call('accounts.set', { account: 'family', closed: true });
    // Only a keeper who is there is asked, and that shows a moment after two have become friends.
    await until(async () => {
      const friends = await dora.call('friends.list');
      return friends.find(({ name }) => name === 'Ana')?.presence.state === 'online'
        ? true
        : undefined;
    });
    aheadMs += 20_000;
    expect(await ask('Ben', 2n * GB)).toMatchObject({ type: 'granted' });
  });

  test('hears by itself that the account has changed', async () => {
    await ana.call('accounts.set', { account: 'family', planBytes: `${2n * PLAN}` });
    await until(async () => {
      aheadMs += 61_000;
      await dora.core.chores();
      const [first] = (await dora.call('household.get')).memberships;
      return first?.planBytes === `${2n * PLAN}` ? true : undefined;
    });
  });
});

describe('a keeper', () => {
  test('takes back what was promised at somebody who is a friend no longer, by his name', async () => {
    await ask('Ben', 2n * GB);
    await settledAs(chargeOf(2n * GB));
    await ana.call('friends.leave', { friend: 'Ben', days: 0, name: 'Ben' });
    expect(await charged()).toBe(chargeOf(2n * GB));
    const struck = await ana.call('accounts.strike', { account: 'family', host: 'Ben' });
    expect(struck).toMatchObject({ chargedBytes: '0', struck: [{ name: 'Ben' }] });
  });

  test('whose home comes from an older copy finds his accounts closed, and learns from hosts what lies there', async () => {
    const home = join(place.folder, 'home of Ana');
    const port = ana.core.info().port;
    await ana.close();
    await copyFile(join(home, 'allotment.sqlite'), join(place.folder, 'older.sqlite'));
    ana = await startHome('Ana', place.folder, { ports, port });
    await ask('Ben', 2n * GB);
    await settledAs(chargeOf(2n * GB));
    await ana.call('accounts.set', { account: 'family', planBytes: `${5n * GB}` });
    await ana.close();
    for (const each of ['-wal', '-shm'])
      await rm(join(home, `allotment.sqlite${each}`), { force: true });
    await copyFile(join(place.folder, 'older.sqlite'), join(home, 'allotment.sqlite'));
    ana = await startHome('Ana', place.folder, { ports, port });
    expect(await family()).toMatchObject({ closed: true, restored: true, chargedBytes: '0' });
    expect(codeOf(await ask('Ben', GB))).not.toBe('granted');
    aheadMs += 2 * DAY_S * 1000;
    await until(async () => {
      await ben.core.chores();
      return (await charged()) === chargeOf(2n * GB) ? true : undefined;
    });
    const opened = await ana.call('accounts.set', { account: 'family', closed: false });
    expect(opened).toMatchObject({ closed: false });
    expect(opened.restored).toBeUndefined();
  });
});
