import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppSnapshot } from '../../shared/contract/views.ts';
import { GB, offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';

/** Whatever a window shows is told when it changes: nobody has to ask again. */
describe('a change is told', () => {
  let place: Awaited<ReturnType<typeof scratch>>;
  let ana: TestHome;
  let ben: TestHome;
  /** What a window that only listens knows. */
  let known: Partial<AppSnapshot> = {};

  beforeAll(async () => {
    place = await scratch();
    ben = await startHome('Ben', place.folder);
    ana = await startHome('Ana', place.folder);
    await offer(ben, place.folder, 20n * GB);
    await pair(ana, ben);
    await ben.call('policy.set', {
      friend: 'Ana',
      policy: { guards: {}, grounds: [{ kind: 'always' }] },
    });
    ana.core.events.subscribe(({ changed }) => {
      known = { ...known, ...changed };
    });
  });
  afterAll(async () => {
    await Promise.all([ana.close(), ben.close()]);
    await place.remove();
  });

  test('when the recovery words were saved', async () => {
    const { words } = await ana.call('phrase.show');
    const three = [1, 2, 3].map((position) => ({ position, word: words?.[position - 1] }));
    await ana.call('phrase.check', { words: three });
    const status = await until(() =>
      known.status?.phraseSaved === true ? known.status : undefined,
    );
    expect(status.name).toBe('Ana');
  });

  test('when a friend has promised a plot, and when it was given back', async () => {
    await ana.call('allocations.ask', { friend: 'Ben', size: '1000000000', durationS: 86_400 });
    const [plot] = await until(() => (known.mine?.length === 1 ? known.mine : undefined));
    await ana.call('plots.release', { plot: plot?.plot });
    await until(() => (known.mine?.length === 0 ? true : undefined));
  });

  test('when a set was made', async () => {
    await ana.call('sets.create', { name: 'all', folders: [place.folder], to: ['Ben'] });
    const [set] = await until(() => (known.sets?.length === 1 ? known.sets : undefined));
    expect(set?.name).toBe('all');
  });
});
