import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import {
  decision,
  friend,
  HOUR_MS,
  MINUTE_MS,
  NOW_MS,
  snapshot,
  world,
} from '../worlds/world-parts.ts';

const ana = friend('Ana');

/** The clock was a day ahead when the first sixty were written, and was put right afterwards. */
function clockWasAhead(count: number) {
  const decisions = Array.from({ length: count }, (_, place) => {
    const number = count - place;
    const atMs = NOW_MS - 30 * HOUR_MS + number * MINUTE_MS;
    return decision(number, ana, { atMs: number <= 60 ? atMs + 24 * HOUR_MS : atMs });
  });
  return world({ snapshot: snapshot({ friends: [ana] }), decisions });
}

describe.skipIf(!hasChromium)('Activity (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  test('shows all of the last seven days after the clock was put back, and then asks no more', async () => {
    const world = clockWasAhead(160);
    const { page, mock, close } = await browser.open(world, { path: 'activity' });
    await page.getByRole('button', { name: /When$/ }).click();
    await page.getByRole('option', { name: 'Last 7 days' }).click();
    const end = page.getByText('That is all: 160 decisions.');
    for (let i = 0; i < 40 && !(await end.isVisible()); i += 1) {
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
      await mock.settled();
    }
    await end.waitFor();
    const asked = mock.calls('decisions.list').length;
    // The rows near the end are those that were dated right.
    await page.locator('[data-row="61"]').waitFor();
    const newest = decision(161, ana, { atMs: NOW_MS - 30 * HOUR_MS + 100.5 * MINUTE_MS });
    await mock.push({ decisions: [newest, ...world.snapshot.decisions].slice(0, 50) });
    await page.evaluate(() => scrollTo(0, 0));
    await mock.settled();
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await page.getByText('That is all: 161 decisions.').waitFor();
    await mock.settled();
    expect(mock.calls('decisions.list')).toHaveLength(asked);
    // The first page without bounds; then four with them, of which the last is not full.
    expect(asked).toBeLessThanOrEqual(8);
    expect(mock.complaints).toEqual([]);
    await close();
  });
});
