import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fault } from '../../../shared/fault.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { DAY_MS, gb, NOW_MS } from '../worlds/world-parts.ts';
import { worlds } from '../worlds/worlds.ts';

/** The chart as it is seen, and as it is read by those who don't see it. */
describe.skipIf(!hasChromium)('use over time (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  const friendPath = `friends/${worlds.garden().snapshot.friends[0]?.owner}`;

  test('a sentence names the friend and the bytes, and the table has at most sixty rows', async () => {
    const { page, mock, close } = await browser.open(worlds.garden(), { path: friendPath });
    const chart = page.getByRole('img', {
      name: 'Ana wrote 9.2 GB more in the last 30 days: from 45.2 GB to 54.4 GB of 100 GB.',
    });
    await chart.scrollIntoViewIfNeeded();
    await chart.locator('canvas').waitFor();
    await page.getByRole('button', { name: 'Show as a table' }).click();
    const table = page.getByRole('group', { name: 'Use over time, in figures' });
    expect(await table.locator('tbody tr').count()).toBe(60);
    const range = page.getByRole('radiogroup', { name: 'Which time' });
    await range.getByText('a week', { exact: true }).click();
    await page.getByText(/in the last 7 days/).waitFor();
    expect(mock.calls('usage.history').at(-1)).toEqual({
      friend: friendPath.split('/')[1],
      sinceMs: NOW_MS - 7 * DAY_MS,
    });
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('without samples it says when there will be some; a reading that fails can be repeated', async () => {
    const { page, mock, close } = await browser.open(worlds.garden(), {
      path: friendPath,
      prepare: (before) => before.fail('usage.history', fault('internal')),
    });
    await page.getByText('Something in Allotment itself went wrong').waitFor();
    mock.answer('usage.history', []);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Nothing to draw yet').waitFor();
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('it takes its colours from the tokens, again when they change, and follows its width', async () => {
    const { page, mock, close } = await browser.open(worlds.garden(), {
      path: 'home',
      theme: 'light',
    });
    const canvas = page.locator('.history-box canvas');
    await page.locator('.history-box').scrollIntoViewIfNeeded();
    await canvas.waitFor();
    // A point of the written area, read off a copy: reading makes a canvas slow.
    const colour = () =>
      canvas.evaluate((drawn: HTMLCanvasElement) => {
        const copy = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
        copy?.drawImage(drawn, -drawn.width * 0.6, -drawn.height * 0.8);
        return [...(copy?.getImageData(0, 0, 1, 1).data.slice(0, 3) ?? [])];
      });
    await expect.poll(colour).toEqual([0x4a, 0x76, 0x48]);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(colour).toEqual([0x6c, 0x96, 0x69]);
    await page.emulateMedia({ forcedColors: 'active' });
    await expect.poll(colour).toEqual([255, 255, 255]);
    await page.setViewportSize({ width: 500, height: 700 });
    await expect
      .poll(() => canvas.evaluate((drawn: HTMLCanvasElement) => drawn.clientWidth))
      .toBeLessThanOrEqual(470);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('the figures below it are of the moment that the pointer is at, also after a clock was set back', async () => {
    const garden = worlds.garden();
    const days = [5, 4, 1, 3, 2, 0];
    const history = days.map((ago, index) => ({
      atMs: NOW_MS - ago * DAY_MS,
      writtenBytes: gb(10 * (index + 1)),
      promisedBytes: gb(90),
      limitBytes: gb(100),
    }));
    const { page, mock, close } = await browser.open({ ...garden, history }, { path: 'home' });
    const chart = page.locator('.history-box');
    await chart.scrollIntoViewIfNeeded();
    await chart.locator('canvas').waitFor();
    // Again until it is there: what is loaded above moves the chart, and a pointer that stands still tells it nothing.
    await expect
      .poll(async () => {
        const box = await chart.locator('.u-over').boundingBox();
        if (box === null) return 0;
        await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
        await page.mouse.move(box.x + box.width - 2, box.y + box.height / 2);
        return page.getByText(/60\sGB written, 90\sGB promised$/).count();
      })
      .toBe(1);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('where the chart can’t be loaded any more, the figures still can be read', async () => {
    const { page, mock, close } = await browser.open(worlds.garden(), {
      path: 'home',
      prepare: (_, before) => before.route(/draw-chart.*js$/, (route) => route.abort()),
    });
    await page.getByRole('heading', { name: 'Use over time' }).scrollIntoViewIfNeeded();
    await page.getByText('The chart can’t be drawn just now.').waitFor();
    await page.getByRole('button', { name: 'Show as a table' }).last().click();
    await page.getByRole('group', { name: 'Use over time, in figures' }).waitFor();
    expect(mock.complaints.filter((each) => each.startsWith('nobody has'))).toEqual([]);
    await close();
  });

  test('changes read it again at most once a minute', async () => {
    const { mock, close } = await browser.open(worlds.garden(), { path: 'home' });
    const before = mock.calls('usage.history').length;
    for (let i = 0; i < 20; i += 1) await mock.push({ hosted: [...mock.current().hosted] });
    await mock.settled();
    expect(mock.calls('usage.history')).toHaveLength(before);
    expect(mock.complaints).toEqual([]);
    await close();
  });
});
