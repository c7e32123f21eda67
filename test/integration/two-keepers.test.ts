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
  const folder = join(place.folder, 'spare of Ben');
  await mkdir(folder);
  await ben.call('offer.set', { folder, offerBytes: `${5n * GB}`, keepFreeBytes: '0' });
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

async function partBenFromKeepers(): Promise<void> {
  const port = ({ core }: TestHome) => ({ port: core.info().port });
  await Promise.all([ana.close(), ben.close(), cleo.close()]);
  await forgetWays('Ben', [ana, cleo]);
  await forgetWays('Ana', [ben]);
  await forgetWays('Cleo', [ben]);
  ben = await startHome('Ben', place.folder, port(ben));
  ana = await startHome('Ana', place.folder, port(ana));
  cleo = await startHome('Cleo', place.folder, port(cleo));
}

// One of the two is asked for a ticket first, and what she signs is nothing to whoever honours the other.
test.each(['Ana', 'Cleo'])(
  'a host who can’t reach %s gets a ticket of hers, whosever he got first',
  async (friend) => {
    await ben.call('keepers.honour', { friend, honoured: true });
    await partBenFromKeepers();
    const ask = { friend: 'Ben', size: `${GB}`, durationS: DAY_S };
    expect(await dora.call('allocations.ask', ask)).toMatchObject({ type: 'granted' });
  },
);
