import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fault } from '../../../shared/fault.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { friend, gb, NOW_MS, refused } from '../worlds/world-parts.ts';
import { worlds } from '../worlds/worlds.ts';

/** How the window keeps up with a core that changes, misses a step, goes away and comes back. */
describe.skipIf(!hasChromium)(
  'the window and its core (skipped where Chromium is not installed)',
  () => {
    let browser: MockedBrowser;
    beforeAll(async () => {
      browser = await startMockedBrowser();
    });
    afterAll(() => browser.close());

    const named = (name: string) => friend(name, { promisedBytes: gb(10) });

    test('an event is shown without anything being asked', async () => {
      const { page, mock, close } = await browser.open(worlds.garden(), { path: 'friends' });
      await mock.push({ friends: [named('Zoe')] });
      await page.getByRole('link', { name: 'Zoe' }).waitFor();
      expect(mock.calls('state.snapshot')).toHaveLength(1);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test.each([
      ['after a gap in the revisions', { epoch: undefined, steps: 3 }],
      ['when another core speaks', { epoch: 'another run of the core', steps: 1 }],
    ])('the snapshot is read again %s', async (_, { epoch, steps }) => {
      const { page, mock, close } = await browser.open(worlds.garden(), { path: 'friends' });
      mock.answer('state.snapshot', () => ({
        ...mock.current(),
        epoch: epoch ?? mock.current().epoch,
        revision: mock.current().revision + steps,
        friends: [named('Zoe')],
      }));
      await mock.pushEvent({
        epoch: epoch ?? mock.current().epoch,
        revision: mock.current().revision + steps,
        asOfMs: NOW_MS,
        changed: { friends: [named('Wrong')] },
      });
      await page.getByRole('link', { name: 'Zoe' }).waitFor();
      expect(await page.getByRole('link', { name: 'Wrong' }).count()).toBe(0);
      expect(mock.calls('state.snapshot')).toHaveLength(2);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('a core that is gone is said, what was known stays, and the window recovers by itself', async () => {
      const { page, mock, close } = await browser.open(worlds.garden(), { path: 'friends' });
      await mock.lost();
      await page.getByText('No connection to Allotment on this computer.').waitFor();
      await page.getByRole('link', { name: 'Ana' }).waitFor();
      mock.back({ friends: [named('Zoe')] });
      await page.getByRole('link', { name: 'Zoe' }).waitFor();
      expect(await page.getByText('No connection to Allotment').count()).toBe(0);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('what is asked of a core that is gone is refused in words', async () => {
      const { page, mock, close } = await browser.open(worlds.paused(), { path: 'home' });
      await mock.lost();
      await page.getByRole('button', { name: 'Resume now' }).click();
      await page.getByText('this may have been done, or not').waitFor();
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('the last state is shown at once at the next start, with its time', async () => {
      const { page, mock, close } = await browser.open(worlds.garden(), { path: 'friends' });
      // The next answer never comes.
      mock.answer('state.snapshot', () => new Promise(() => undefined));
      await page.reload();
      await page.getByRole('link', { name: 'Ana' }).waitFor();
      await page.getByText('Shown as of').waitFor();
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('a click in the tray opens its page, and whatever else it names opens Home', async () => {
      const world = worlds.garden();
      const { page, mock, close } = await browser.open(world);
      await mock.open(`friends/${world.snapshot.friends[0]?.owner}`);
      await page.getByRole('heading', { name: 'Ana', level: 1 }).waitFor();
      await mock.open('javascript:alert(1)');
      await page.getByRole('heading', { name: 'Ida wants to be your friend', level: 1 }).waitFor();
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('units, language and appearance follow the settings while the window is open', async () => {
      const { page, mock, close } = await browser.open(worlds.garden(), { path: 'backups' });
      await page.getByText('38.2 GB').first().waitFor();
      await mock.push({ settings: { ...mock.current().settings, units: 'binary', theme: 'dark' } });
      await page.getByText('35.5 GiB').first().waitFor();
      const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(await ground()).toBe('rgb(21, 26, 22)');
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('of ten thousand decisions at most two hundred are mounted, however one scrolls', async () => {
      const { page, mock, close } = await browser.open(worlds['ten thousand decisions'](), {
        path: 'activity',
      });
      const rows = page.locator('[role=feed] [role=article], [role=feed] article');
      let most = 0;
      for (let i = 0; i < 12; i += 1) {
        await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
        await mock.settled();
        most = Math.max(most, await rows.count());
      }
      expect(mock.calls('decisions.list').length).toBeGreaterThan(4);
      await page.evaluate(() => scrollTo(0, 0));
      await mock.settled();
      most = Math.max(most, await rows.count());
      expect(most).toBeLessThanOrEqual(200);
      expect(most).toBeGreaterThan(20);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('new decisions wait behind a button while one reads further down', async () => {
      const { page, mock, close } = await browser.open(worlds['ten thousand decisions'](), {
        path: 'activity',
      });
      await page.mouse.wheel(0, 3000);
      await mock.settled();
      const [first] = mock.current().friends;
      if (first === undefined) throw new Error('nobody is there');
      const newest = { ...refused(10_001, first), atMs: NOW_MS };
      await mock.push({ decisions: [newest, ...mock.current().decisions].slice(0, 50) });
      await page.getByRole('button', { name: /1 new/ }).click();
      await page
        .locator('[aria-posinset="1"]')
        .getByText('3.9 GB can still be asked for')
        .waitFor();
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('a folder that can’t be used is said at its field', async () => {
      const { page, mock, close } = await browser.open(worlds.empty(), { path: 'home' });
      mock.fail('offer.set', fault('folder-missing', { folder: '/nowhere' }));
      await page.getByRole('button', { name: 'Offer space' }).click();
      const folder = page.getByRole('textbox', { name: 'Folder for friends’ data' });
      await folder.fill('/nowhere');
      await page.getByRole('textbox', { name: 'Space for friends' }).fill('50 GB');
      await page.getByRole('button', { name: 'Share 50 GB' }).click();
      await page.getByText('The folder “/nowhere” is not there.').waitFor();
      expect(await folder.getAttribute('aria-invalid')).toBe('true');
      expect(mock.calls('offer.set')).toMatchObject([
        { folder: '/nowhere', offerBytes: '50000000000' },
      ]);
      expect(mock.complaints).toEqual([]);
      await close();
    });
  },
);
