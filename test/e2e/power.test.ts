import { rename } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../fakes/homes.ts';
import { canLaunch } from '../standin/launch-app.ts';
import { power, recorded } from '../standin/surfaces.ts';
import { type Desk, holdUpload, setUpDesk, TIME, untilToolTip } from './desk.ts';

describe.skipIf(!canLaunch)('power (skipped where the app can’t run)', TIME, () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await setUpDesk();
  });
  afterEach(() => desk.clear());

  test('keeps the computer awake while a friend uploads, on mains, if Ben likes', async () => {
    const app = await desk.launch({ pretence: { onBattery: false } });
    await desk.offer();
    const anna = await desk.friend('Anna');
    const untilBlockers = (count: number) =>
      until(async () => ((await recorded(app)).blockers.length === count ? true : undefined));
    const upload = await holdUpload(desk, anna, 'Anna');
    await untilToolTip(app, 'Anna is uploading');
    expect((await recorded(app)).blockers).toEqual([]);
    await desk.call('settings.set', { keepAwake: true });
    await untilBlockers(1);
    expect((await recorded(app)).blockers).toEqual(['prevent-app-suspension']);
    await power(app, 'on-battery');
    await untilBlockers(0);
    await power(app, 'on-ac');
    await untilBlockers(1);
    expect(await upload.finish()).toBe(200);
    // Some seconds later: this might not have been her last.
    await untilBlockers(0);
  });

  // In less than the minute after which it would have been done anyway.
  test('after a sleep everything that was due is done at once', { timeout: 50_000 }, async () => {
    const app = await desk.launch();
    const spare = await desk.offer();
    await untilToolTip(app, 'All is well');
    await rename(spare, `${spare}-unplugged`);
    await power(app, 'suspend');
    await power(app, 'resume');
    await until(async () =>
      (await desk.call('state.snapshot', {})).notices.find(({ kind }) => kind === 'volume-missing'),
    );
  });
});
