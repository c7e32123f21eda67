import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NoticeView } from '../../../shared/contract/views.ts';
import { fault } from '../../../shared/fault.ts';
import { household, overShare, space } from '../worlds/household-worlds.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { axeFindings } from '../page-checks.ts';
import { DAY_MS, friend, gb, NOW_MS, offer, snapshot, world } from '../worlds/world-parts.ts';

const ana = friend('Ana');
const TITLE = /^Ana holds 48\sGB, more than the share of 33\sGB$/;

function tooMuch(over: Parameters<typeof overShare>[1] = {}) {
  return world({ snapshot: snapshot({ friends: [ana], overShare: [overShare(ana, over)] }) });
}

describe.skipIf(!hasChromium)(
  'plots beyond a share (skipped where Chromium is not installed)',
  () => {
    let browser: MockedBrowser;
    beforeAll(async () => {
      browser = await startMockedBrowser();
    });
    afterAll(() => browser.close());

    test('what is left as it is stays away from Home, also after the next start, until it gets worse', async () => {
      const { page, mock, close } = await browser.open(tooMuch());
      const card = page.getByRole('article', { name: /more than the share/ });
      await card.getByText(/^Somebody joined, or there is less to share than before/).waitFor();
      await card.getByRole('button', { name: 'Leave it: Ana' }).focus();
      await page.keyboard.press('Enter');
      await card.waitFor({ state: 'detached' });
      await page.reload();
      await page.locator('h1').first().waitFor();
      await mock.settled();
      expect(await card.count()).toBe(0);
      // On the friend's page it is told all the same, and can be decided anew.
      await mock.go(`friends/${ana.owner}`);
      await page
        .getByRole('article', { name: TITLE })
        .getByText('You leave it as it is.')
        .waitFor();
      await page.getByRole('button', { name: 'Ask to use less: Ana' }).waitFor();
      await mock.go('home');
      await mock.push({ overShare: [overShare(ana, { shareBytes: gb(40) })] });
      await mock.settled();
      expect(await card.count()).toBe(0);
      await mock.push({ overShare: [overShare(ana, { shareBytes: gb(20) })] });
      await card.waitFor();
      expect(mock.calls('shares.ask-less')).toEqual([]);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('a friend is asked to make do with less; then it no longer waits for me on Home', async () => {
      const { page, mock, close } = await browser.open(tooMuch());
      mock.answer('shares.ask-less', []);
      await page.getByRole('button', { name: 'Ask to use less: Ana' }).click();
      await mock.settled();
      expect(mock.calls('shares.ask-less')).toEqual([{ friend: ana.owner }]);
      await mock.push({ overShare: [overShare(ana, { askedMs: NOW_MS })] });
      await page.getByRole('article', { name: TITLE }).waitFor({ state: 'detached' });
      await mock.go(`friends/${ana.owner}`);
      const card = page.getByRole('article', { name: TITLE });
      await card.getByText('You asked Ana on 25 Nov 2026 to make do with less.').waitFor();
      await card.getByRole('button', { name: 'Ask again: Ana' }).waitFor();
      await close();
    });

    test('it is ended with notice, with the date and the bytes before, and that can be taken back', async () => {
      const { page, mock, close } = await browser.open(tooMuch(), { path: `friends/${ana.owner}` });
      mock.fail('shares.end', fault('friend-unknown', { friend: 'Ana' }));
      await page.getByRole('button', { name: 'End it with notice: Ana' }).click();
      const dialog = page.getByRole('alertdialog', {
        name: 'End what Ana holds beyond the share?',
      });
      await dialog.getByText(/^That is 15\sGB\. As many of the newest plots/).waitFor();
      await dialog.getByText('In 90 days').click();
      await dialog.getByText('On 23 Feb 2027.').waitFor();
      await dialog.getByRole('button', { name: 'End it on 23 Feb 2027' }).click();
      await dialog.getByRole('alert').waitFor();
      mock.answer('shares.end', []);
      await dialog.getByRole('button', { name: 'End it on 23 Feb 2027' }).click();
      await dialog.waitFor({ state: 'detached' });
      await mock.push({ overShare: [overShare(ana, { endsMs: NOW_MS + 90 * DAY_MS })] });
      const card = page.getByRole('article', { name: TITLE });
      await card.getByText(/^What is beyond the share ends on 23 Feb 2027/).waitFor();
      expect(await card.getByRole('button').allInnerTexts()).toEqual(['Let it go on after all']);
      await card.getByRole('button').click();
      await mock.settled();
      expect(mock.calls('shares.end').at(-1)).toEqual({ friend: ana.owner, days: null });
      expect(mock.calls('shares.end').at(-2)).toEqual({ friend: ana.owner, days: 90 });
      await mock.push({ overShare: [] });
      await card.waitFor({ state: 'detached' });
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('only what was not decided yet needs the owner on Home', async () => {
      const { page, close } = await browser.open(household());
      expect(await page.getByRole('article', { name: /more than the share/ }).count()).toBe(1);
      await close();
    });

    test('the notice about it is not shown besides', async () => {
      const notice: NoticeView = {
        id: `over-share:${ana.owner}`,
        kind: 'over-share',
        level: 'info',
        atMs: NOW_MS,
        params: { friend: 'Ana', shareBytes: gb(33), promisedBytes: gb(48) },
        path: `friends/${ana.owner}`,
        dismissed: false,
      };
      const over = [overShare(ana)];
      const told = snapshot({ friends: [ana], overShare: over, notices: [notice] });
      const { page, mock, close } = await browser.open(world({ snapshot: told }));
      await page.getByRole('article', { name: TITLE }).waitFor();
      expect(await page.getByRole('article').count()).toBe(1);
      // Who leaves it as it is has answered the notice, too.
      await page.getByRole('button', { name: 'Leave it: Ana' }).click();
      await page.getByRole('article').waitFor({ state: 'detached' });
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('where the space went is counted when somebody asks, adds up, and is counted anew', async () => {
      const shared = world({ snapshot: snapshot({ offer: offer(), friends: [ana] }) });
      const { page, mock, close } = await browser.open(shared);
      expect(mock.calls('space.get')).toEqual([]);
      await page.getByText('Where did my space go?').focus();
      await page.keyboard.press('Enter');
      const table = page.getByRole('table', { name: 'Where did my space go?' });
      await table.waitFor();
      const cells = await table.getByRole('row').allInnerTexts();
      expect(cells.map((line) => line.replaceAll(/\s+/g, ' '))).toEqual([
        'What it is Size',
        'What friends keep here 231 GB',
        'Being written just now 300 MB',
        'Let go of, not yet off the disk 2 GB',
        'Folders, papers and unused ends of blocks 1.7 GB',
        'On the disk now The same figure as “du” says of the folder. 235 GB',
        'Promised to friends, not written yet 81 GB',
        'Kept free for your notes 8 GB',
        'Promised to nobody 180 GB',
        expect.stringMatching(/^Lies beside the offer .* − 4 GB$/),
        'What you offer 500 GB',
      ]);
      await page.getByText('Counted on 25 Nov 2026, 14:29.').waitFor();
      expect(await axeFindings(page, 'the space')).toEqual([]);
      mock.fail('space.get', fault('internal'));
      await page.getByRole('button', { name: 'Count again' }).click();
      await page.getByRole('alert').waitFor();
      // What was counted stays.
      expect(await table.count()).toBe(1);
      mock.answer('space.get', space({ dataBytes: gb(230), asOfMs: NOW_MS }));
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByText('Counted on 25 Nov 2026, 14:30.').waitFor();
      await table.getByText(/^230\sGB$/).waitFor();
      expect(mock.calls('space.get').length).toBe(3);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('without an offer there is no space to ask about', async () => {
      const { page, close } = await browser.open(tooMuch());
      expect(await page.getByText('Where did my space go?').count()).toBe(0);
      await close();
    });
  },
);
