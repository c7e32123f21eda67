import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { offer, until } from '../fakes/homes.ts';
import { canLaunch } from '../standin/launch-app.ts';
import { type Desk, setUpDesk, TIME } from './desk.ts';

describe.skipIf(!canLaunch)('my own jobs (skipped where the app can’t run)', TIME, () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await setUpDesk();
  });
  afterEach(() => desk.clear());

  test('show in the task bar how far they are, and leave nothing there', async () => {
    const app = await desk.launch();
    await desk.window();
    const anna = await desk.friend('Anna');
    await mkdir(join(desk.folder, 'spare of Anna'));
    await offer(anna, join(desk.folder, 'spare of Anna'));
    const files = join(desk.folder, 'photos');
    await mkdir(files);
    for (let i = 0; i < 12; i += 1) await writeFile(join(files, `${i}`), randomBytes(10_000_000));
    // What stood there is over before a test could ask for it.
    await app.evaluate(({ BrowserWindow }) => {
      const seen: number[] = [];
      const set = BrowserWindow.prototype.setProgressBar;
      BrowserWindow.prototype.setProgressBar = function noted(value, options) {
        seen.push(value);
        return set.call(this, value, options);
      };
      Object.assign(globalThis, { seenProgress: seen });
    });
    const seen = () =>
      app.evaluate(() => (globalThis as unknown as { seenProgress: number[] }).seenProgress);
    await desk.call('sets.create', { name: 'Photos', folders: [files], to: ['Anna'] });
    const { id } = await desk.call('sets.run', { name: 'Photos' });
    await until(async () =>
      (await desk.call('jobs.get', { id })).state === 'running' ? undefined : true,
    );
    await until(async () => ((await seen()).at(-1) === -1 ? true : undefined));
    const bars = await seen();
    expect(bars.length).toBeGreaterThan(1);
    // A share of the whole, or 2 while nobody knows how much there is.
    for (const bar of bars.slice(0, -1)) expect(bar === 2 || (bar >= 0 && bar <= 1)).toBe(true);
  });
});
