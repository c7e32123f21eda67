import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GB } from '../../shared/units.ts';
import { offer, pair, scratch, startHome, type TestHome } from '../fakes/homes.ts';
import { makePerson } from '../fakes/people.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';

/** Hanna gives space, Ana is her friend, and Nick is a friend of Ana's whom Hanna has never met. */
let place: Awaited<ReturnType<typeof scratch>>;
let hanna: TestHome;
let ana: TestHome;
let nick: TestHome;

beforeEach(async () => {
  place = await scratch();
  await mkdir(join(place.folder, 'spare'));
  const space = { read: async () => ({ freeBytes: 1000n * GB, totalBytes: 2000n * GB }) };
  hanna = await startHome('Hanna', place.folder, { ports: { space } });
  ana = await startHome('Ana', place.folder);
  nick = await startHome('Nick', place.folder);
  await pair(ana, hanna);
  await offer(hanna, join(place.folder, 'spare'), 50n * GB);
});
afterEach(async () => {
  await Promise.all([hanna.close(), ana.close(), nick.close()]);
  await place.remove();
});

const ownerOf = async (home: TestHome) => (await home.call('status.get')).owner;
const introduce = async (bytes = 20n * GB, more = {}) =>
  ana.call('vouchers.issue', {
    host: 'Hanna',
    newcomer: await ownerOf(nick),
    bytes: `${bytes}`,
    days: 90,
    ...more,
  });

describe('a guest', () => {
  test('comes in on his newest introduction, whatever he holds of old ones that count no longer', async () => {
    const given: { readonly voucher: { readonly id: string }; readonly text: string }[] = [];
    for (const days of [30, 40, 90]) given.push(await introduce(20n * GB, { days }));
    const [first, second, third] = given;
    for (const old of [first, second]) {
      await ana.call('vouchers.withdraw', { id: old!.voucher.id });
      expect(await nick.call('vouchers.take', { text: old!.text })).toMatchObject({
        type: 'denied',
      });
    }
    expect(await nick.call('vouchers.take', { text: third!.text })).toMatchObject({
      type: 'granted',
    });
  });

  test('reaches his plot with a new machine too, and nobody else’s machine does', async () => {
    const { text } = await introduce();
    const came = await nick.call('vouchers.take', { text, size: `${GB}` });
    if (came.type !== 'granted') throw new Error(came.type);
    const path = `/v1/plots/${came.plot}`;
    const phrase = ((await nick.call('phrase.show')).words ?? []).join(' ');
    const again = await startHome('Anew', place.folder, { phrase });
    const keys = await keysOf(again, 'Anew');
    expect((await send(hanna, keys, { path })).code).toBe('unknown-peer');
    // The text that he came with leads the new machine there; a second plot it does not bring.
    expect(await again.call('vouchers.take', { text, size: `${GB}` })).toMatchObject({
      type: 'denied',
      reasons: [{ code: 'too-many-plots' }],
    });
    expect((await send(hanna, keys, { path })).status).toBe(200);
    await again.close();
    const person = await makePerson();
    const strange = { key: person.device.keyPem, cert: person.device.certificatePem };
    const body = JSON.stringify({
      v: 1,
      name: 'X',
      kind: 'laptop',
      statement: person.device.signed,
    });
    expect((await send(hanna, strange, { path: '/v1/devices', body })).code).toBe('unknown-peer');
    expect((await send(hanna, strange, { path })).code).toBe('unknown-peer');
  });
});
