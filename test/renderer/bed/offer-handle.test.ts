import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fault } from '../../../shared/fault.ts';
import { hasChromium } from '../../standin/chromium.ts';
import { type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { gb } from '../worlds/world-parts.ts';
import { worlds } from '../worlds/worlds.ts';

describe.skipIf(!hasChromium)('the bed’s handle (SKIPPED where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  async function open() {
    const opened = await browser.open(worlds['twenty friends']());
    const { page, mock } = opened;
    mock.answer('offer.set', ({ offerBytes }) => ({ ...mock.current().offer!, offerBytes }));
    mock.answer('shares.preview', []);
    const handle = page.getByRole('slider');
    const sizes = () => mock.calls('offer.set').map(({ offerBytes }) => offerBytes);
    const wished = () => handle.getAttribute('aria-valuetext');
    return { ...opened, handle, sizes, wished };
  }

  test('a change that follows close behind another is not lost', async () => {
    const { page, handle, sizes, wished, mock, close } = await open();
    await handle.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect.poll(sizes).toEqual([gb(501)]);
    await page.keyboard.press('ArrowRight');
    // Longer than the first change waits to be told of.
    await page.waitForTimeout(3200);
    expect(await wished()).toMatch(/^502/);
    await expect.poll(sizes).toEqual([gb(501), gb(502)]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('dragged away and back it changes nothing; dragged away it changes by what it moved', async () => {
    const { page, handle, sizes, close } = await open();
    const box = (await handle.boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x - 3, y);
    await page.mouse.move(x, y);
    await page.mouse.up();
    expect(sizes()).toEqual([]);
    await page.mouse.down();
    await page.mouse.move(x - 200, y, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => sizes().length).toBe(1);
    expect(BigInt(sizes()[0]!)).toBeLessThan(BigInt(gb(480)));
    await close();
  });

  test('where nobody’s stretch has room for a name, the list that opens says that it has everybody', async () => {
    const { page, mock, close } = await browser.open(worlds['twenty friends'](), { width: 360 });
    await page.getByRole('button', { name: '20 friends and their shares' }).click();
    const list = page.getByRole('dialog', { name: 'Friends and their shares' });
    expect(await list.getByRole('listitem').count()).toBe(20);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a refused size is said and goes back', async () => {
    const { page, handle, wished, mock, close } = await open();
    mock.fail('offer.set', fault('volume-missing', { folder: '/srv/spare' }));
    await handle.focus();
    await page.keyboard.press('PageUp');
    await page.keyboard.press('Enter');
    await page.getByText('The drive with “/srv/spare” is not there.').waitFor();
    await expect.poll(wished).toMatch(/^500/);
    await close();
  });
});

describe.skipIf(!hasChromium)(
  'a page that can’t be drawn (SKIPPED where Chromium is not installed)',
  () => {
    test('leaves the navigation and the other pages', async () => {
      const browser = await startMockedBrowser();
      const { page, mock, close } = await browser.open(worlds.garden());
      // Nothing like it passes the core; whatever it may be one day, it must not blank the window.
      await mock.push({ offer: { ...mock.current().offer!, offerBytes: 'many' } });
      await page.getByRole('alert').getByRole('heading').waitFor();
      await page.getByRole('link', { name: 'Settings' }).click();
      await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
      await close();
      await browser.close();
    });
  },
);
