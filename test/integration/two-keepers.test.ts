import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY_S, GB } from '../../shared/units.ts';
import { openDatabase } from '../../electron/core/database/open-database.ts';
import { pair, scratch, startHome, type TestHome } from '../fakes/homes.ts';

/** Dora is a member of Ana’s family and of Cleo’s club; Ben, who gives room, reaches neither of them. */
let place: Awaited<ReturnType<typeof scratch>>;
let ana: TestHome;
let ben: TestHome;
let cleo: TestHome;
let dora: TestHome;

beforeEach(async () => {
  place = await scratch();
  [ana, ben, cleo, dora] = await Promise.all([
    startHome('Ana', place.folder),
    startHome('Ben', place.folder),
    startHome('Cleo', place.folder),
    startHome('Dora', place.folder),
  ]);
  for (const keeper of [ana, cleo]) {
    await pair(ben, keeper);
    await pair(dora, keeper);
  }
  await pair(dora, ben);
  const account = { planBytes: `${9n * GB}`, members: ['Dora'] };
  await ana.call('accounts.set', { account: 'the family', ...account });
  await cleo.call('accounts.set', { account: 'a club', ...account });
  await dora.call('memberships.look');
});
afterEach(async () => {
  await Promise.all([ana.close(), ben.close(), cleo.close(), dora.close()]);
  await place.remove();
});

/** As if there were no way from one to the others, nor back. */
async function forgetWays(name: string, others: readonly TestHome[]): Promise<void> {
  const opened = openDatabase(join(place.folder, `home of ${name}`, 'allotment.sqlite'));
  if (!opened.ok) throw new Error(opened.fault.code);
  for (const { core } of others)
    opened.value
      .prepare("UPDATE devices SET addresses = '[]' WHERE device = ?")
      .run(core.info().device);
  opened.value.close();
}

async function givesRoom(home: TestHome): Promise<void> {
  const folder = join(place.folder, 'spare');
  await mkdir(folder);
  await home.call('offer.set', { folder, offerBytes: `${5n * GB}`, keepFreeBytes: '0' });
}

/** None of these hosts reaches a keeper any more, and Dora reaches all of them. */
async function part(hosts: Readonly<Record<string, TestHome>>) {
  const homes = Object.entries({ ...hosts, Ana: ana, Cleo: cleo });
  await Promise.all(homes.map(([, home]) => home.close()));
  for (const name of Object.keys(hosts)) await forgetWays(name, [ana, cleo]);
  for (const name of ['Ana', 'Cleo']) await forgetWays(name, Object.values(hosts));
  const begin = async ([name, { core }]: readonly [string, TestHome]) =>
    [name, await startHome(name, place.folder, { port: core.info().port })] as const;
  const again = new Map(await Promise.all(homes.map(begin)));
  ana = again.get('Ana') ?? ana;
  ben = again.get('Ben') ?? ben;
  cleo = again.get('Cleo') ?? cleo;
  return again;
}

const ask = () => dora.call('allocations.ask', { friend: 'Ben', size: `${GB}`, durationS: DAY_S });

// One of the two is asked for a ticket first, and what she signs is nothing to whoever honours the other.
test.each(['Ana', 'Cleo'])(
  'a host who can’t reach %s gets a ticket of hers, whosever he got first',
  async (friend) => {
    await givesRoom(ben);
    await ben.call('keepers.honour', { friend, honoured: true });
    await part({ Ben: ben });
    expect(await ask()).toMatchObject({ type: 'granted' });
  },
);

test.each(['Ben', 'NAS'])(
  'of a host’s two devices, a ticket is for %s where that is the one that gives room',
  async (name) => {
    const phrase = ((await ben.call('phrase.show')).words ?? []).join(' ');
    let nas = await startHome('NAS', place.folder, { phrase, machine: 'server' });
    try {
      for (const friend of [ana, cleo, dora]) await pair(nas, friend);
      const host = name === 'Ben' ? ben : nas;
      await givesRoom(host);
      await host.call('keepers.honour', { friend: 'Ana', honoured: true });
      nas = (await part({ Ben: ben, NAS: nas })).get('NAS') ?? nas;
      expect(await ask()).toMatchObject({ type: 'granted' });
    } finally {
      await nas.close();
    }
  },
);
