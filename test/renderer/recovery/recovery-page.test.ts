import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fault } from '../../../shared/fault.ts';
import { recovered, searching } from '../worlds/backup-worlds.ts';
import { homeNetwork, set } from '../worlds/world-parts.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';

import { worlds } from '../worlds/worlds.ts';

/** The worst day: a new computer, a sheet of paper, and everything back. */
const WORDS: readonly string[] = Array.from({ length: 24 }, (_, index) =>
  index === 4 ? 'absnt' : 'abandon',
);

describe.skipIf(!hasChromium)(
  'coming back with 24 words (skipped where Chromium is not installed)',
  () => {
    let browser: MockedBrowser;
    beforeAll(async () => {
      browser = await startMockedBrowser();
    });
    afterAll(() => browser.close());

    test('words are counted as they are typed, and a wrong one is shown at its place', async () => {
      const { page, mock, close } = await browser.open(worlds['first run']());
      await page.getByRole('button', { name: 'I have 24 words' }).click();
      const words = page.getByRole('textbox', { name: 'Your 24 words, in their order' });
      await words.fill('1. Abandon 2. ability');
      await page.getByText('2 of 24 words').waitFor();
      const act = page.getByRole('button', { name: 'Come back' });
      expect(await act.isDisabled()).toBe(true);
      await words.fill(`${WORDS.join(' ')} more`);
      await page.getByText('1 word too many').waitFor();
      await words.fill(WORDS.join('\n'));
      mock.fail('recovery.begin', fault('bad-phrase', { problem: 'word', position: '5' }));
      await act.click();
      await page.getByText('word 5 is not in the list').waitFor();
      await page.getByText('5 absnt is not in the list').waitFor();
      // What was said is of those words, not of what is typed next.
      await words.fill(WORDS.with(4, 'absent').join('\n'));
      await page.getByText('word 5 is not in the list').waitFor({ state: 'detached' });
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('back from the words the focus is at the first question', async () => {
      const { page, mock, close } = await browser.open(worlds['first run']());
      await page.getByRole('button', { name: 'I have 24 words' }).click();
      await page.getByRole('button', { name: 'Back', exact: true }).click();
      const title = page.getByRole('heading', { level: 1, name: 'Welcome to Allotment' });
      await title.waitFor();
      expect(await title.evaluate((it) => it === document.activeElement)).toBe(true);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('with the words go the address from the sheet and the computer that is no more', async () => {
      const { page, mock, close } = await browser.open(worlds['first run']());
      await page.getByRole('button', { name: 'I have 24 words' }).click();
      await page.getByRole('textbox', { name: /^Your 24 words/ }).fill(WORDS.join(' '));
      await page.getByText('More from the recovery sheet').click();
      await page.getByRole('textbox', { name: 'Address of a friend' }).fill('192.168.1.31:24816');
      await page.getByRole('textbox', { name: 'Key of that friend' }).fill('ABCD 2345');
      await page
        .getByRole('textbox', { name: 'Number of the computer that is gone' })
        .fill('94a4 2a3c ');
      const view = searching().snapshot.recovery;
      mock.answer('recovery.begin', view);
      mock.answer('recovery.call', view);
      await page.getByRole('button', { name: 'Come back' }).click();
      await mock.settled();
      expect(mock.calls('recovery.begin')).toEqual([
        { words: WORDS.join(' '), replaces: '94a4 2a3c' },
      ]);
      expect(mock.calls('recovery.call')).toEqual([]);
      await mock.push({ recovery: view });
      await page.getByText('Looking for your friends.').waitFor();
      await mock.settled();
      expect(mock.calls('recovery.call')).toEqual([
        { address: '192.168.1.31:24816', device: 'abcd2345' },
      ]);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('two friends of one name stay two, whoever is found before them', async () => {
      const { page, mock, close } = await browser.open(searching());
      const people = ['Ben', 'Ana', 'Ana'].map((name, index) => ({
        owner: `${index}`,
        name,
        online: false,
      }));
      const view = searching().snapshot.recovery;
      const names = page.getByRole('region', { name: 'Your friends' }).getByRole('listitem');
      await mock.push({ recovery: { ...view, friends: people.slice(1) } });
      expect(await names.count()).toBe(2);
      await mock.push({ recovery: { ...view, friends: people } });
      expect(await names.count()).toBe(3);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('what is wrong with a disk’s folder is said at the field in which it was typed', async () => {
      const { page, mock, close } = await browser.open(searching());
      const field = page.getByRole('textbox', { name: 'Address of a friend' });
      await field.fill('/media/usb/letter.txt');
      mock.fail('recovery.call', fault('not-a-folder', { folder: '/media/usb/letter.txt' }));
      await page.getByRole('button', { name: 'Look there' }).click();
      await page.getByText('There is a file where the folder').waitFor();
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('who stands only in address books that may be forged is asked about, and is no friend before', async () => {
      const doubtful = [
        { owner: 'm'.repeat(52), name: 'Mallory', sinceMs: Date.UTC(2026, 10, 20), host: 'Laptop' },
      ];
      const world = searching();
      const recovery = { ...world.snapshot.recovery, doubtful };
      const { page, mock, close } = await browser.open({
        ...world,
        snapshot: { ...world.snapshot, recovery },
      });
      await page.getByRole('heading', { name: 'Do you know these people?' }).waitFor();
      mock.answer('recovery.believe', { ...recovery, doubtful: [] });
      await page.getByRole('button', { name: 'That is my friend: Mallory' }).click();
      await mock.settled();
      expect(mock.calls('recovery.believe')).toEqual([{ friend: 'm'.repeat(52) }]);
      await mock.push({ recovery: { ...recovery, doubtful: [] } });
      await page.getByText('Do you know these people?').waitFor({ state: 'detached' });
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('the day since when it was stolen goes with the words, and what is no day is said', async () => {
      const { page, mock, close } = await browser.open(worlds['first run']());
      await page.getByRole('button', { name: 'I have 24 words' }).click();
      await page.getByRole('textbox', { name: /^Your 24 words/ }).fill(WORDS.join(' '));
      await page.getByText('More from the recovery sheet').click();
      const day = page.getByRole('textbox', { name: 'Day since when somebody else may have it' });
      await day.fill('2026-02-30');
      await page.getByText('That is no day.').waitFor();
      await page.getByRole('button', { name: 'Come back' }).click();
      await day.fill('2026-11-26');
      await page.getByText('That day is still to come.').waitFor();
      // What is wrong is not left folded away where nobody looks for it.
      await page.getByText('More from the recovery sheet').click();
      await page.getByRole('button', { name: 'Come back' }).click();
      await expect.poll(() => day.evaluate((it) => it === document.activeElement)).toBe(true);
      expect(mock.calls('recovery.begin')).toEqual([]);
      await day.fill('20.11.2026');
      mock.answer('recovery.begin', searching().snapshot.recovery);
      await page.getByRole('button', { name: 'Come back' }).click();
      await mock.settled();
      const stolenMs = Date.UTC(2026, 10, 19, 23);
      expect(mock.calls('recovery.begin')).toMatchObject([{ stolenMs }]);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('a computer that nobody knows is said at its field, though it was folded away', async () => {
      const { page, mock, close } = await browser.open(worlds['first run']());
      await page.getByRole('button', { name: 'I have 24 words' }).click();
      await page.getByRole('textbox', { name: /^Your 24 words/ }).fill(WORDS.join(' '));
      const sheet = page.getByText('More from the recovery sheet');
      await sheet.click();
      await page.getByRole('textbox', { name: /^Number of the computer/ }).fill('94a4');
      await sheet.click();
      mock.fail('recovery.begin', fault('bad-arguments'));
      await page.getByRole('button', { name: 'Come back' }).click();
      await page.getByText('No computer of yours has that number.').waitFor();
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('friends and backups appear, and the restore is one press away', async () => {
      const { page, mock, close } = await browser.open(searching());
      await page.getByText('Looking for your friends.').waitFor();
      mock.fail('recovery.call', fault('unreachable', { friend: '10.0.0.7:24816', detail: 'no' }));
      await page.getByRole('textbox', { name: 'Address of a friend' }).fill('10.0.0.7:24816');
      await page.getByRole('button', { name: 'Look there' }).click();
      await page.getByText('10.0.0.7:24816 can’t be reached').waitFor();
      await mock.push({ recovery: recovered().snapshot.recovery });
      await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
      await page.getByText('Made on Kim’s old laptop, kept by Ana and Ben').waitFor();
      // Taken over already, with the words.
      await mock.push({ sets: [set('Photos')] });
      const goOn = page.getByRole('button', { name: 'Back up here: Photos' });
      await goOn.waitFor({ state: 'detached' });
      mock.answer('settings.set', () => mock.current().settings);
      await page.getByRole('button', { name: 'Restore Photos' }).click();
      await page.getByRole('heading', { name: 'Restore Photos' }).waitFor();
      expect(mock.calls('settings.set')).toEqual([{ welcomed: true }]);
      await mock.settled();
      expect(mock.calls('sets.snapshots')).toEqual([{ name: 'Photos' }]);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('while searching a network is called home, why nobody was found is said, and other words can be typed', async () => {
      const world = searching();
      const { recovery } = world.snapshot;
      const network = homeNetwork({ home: null });
      const { page, mock, close } = await browser.open({
        ...world,
        snapshot: {
          ...world.snapshot,
          networks: { networks: [network], announces: false },
          recovery: {
            ...recovery,
            possible: true,
            fault: { key: 'recovery.unknown-there', params: { address: '10.0.0.7:24816' } },
          },
        },
      });
      await page.getByText('Somebody answers at 10.0.0.7:24816').waitFor();
      mock.answer('networks.set', mock.current().networks);
      await page.getByRole('button', { name: /^Yes/ }).click();
      await mock.settled();
      expect(mock.calls('networks.set')).toEqual([{ network: network.id, home: true }]);
      await page.getByRole('button', { name: 'Type other words' }).click();
      await page.getByRole('textbox', { name: /^Your 24 words/ }).fill(WORDS.join(' '));
      mock.answer('recovery.begin', recovery);
      await page.getByRole('button', { name: 'Come back' }).click();
      await page.getByText('Looking for your friends.').waitFor();
      expect(mock.calls('recovery.begin')).toEqual([{ words: WORDS.join(' ') }]);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('a set of the old computer is gone on with here', async () => {
      const { page, mock, close } = await browser.open(recovered(), { path: 'backups' });
      await page.getByRole('button', { name: 'Back up here: Documents' }).click();
      mock.fail('recovery.take-over', fault('set-unknown', { set: 'Documents' }));
      const act = page.getByRole('button', { name: 'Back it up here', exact: true });
      await act.click();
      await page.getByText('There is no backup set “Documents”.').waitFor();
      expect(mock.calls('recovery.take-over')).toEqual([{ name: 'Documents' }]);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('a computer that is lost later is struck off with the words, from the settings', async () => {
      const { page, mock, close } = await browser.open(worlds.garden(), { path: 'settings' });
      await page.getByRole('button', { name: 'A computer of mine is lost …' }).click();
      const act = page.getByRole('button', { name: 'Strike it off' });
      await page.getByRole('textbox', { name: /^Your 24 words/ }).fill(WORDS.join(' '));
      expect(await act.isDisabled()).toBe(true);
      await page.getByRole('textbox', { name: 'Which one' }).fill('Laptop');
      mock.fail('recovery.begin', fault('bad-phrase', { problem: 'word', position: '5' }));
      await act.press('Enter');
      await page.getByText('word 5 is not in the list').waitFor();
      await page.keyboard.press('Tab');
      mock.answer('recovery.begin', mock.current().recovery);
      await act.press('Enter');
      await page.getByText('Laptop is struck off.').waitFor();
      // The button that was pressed is gone; the focus is not.
      const dialog = page.getByRole('dialog');
      await expect
        .poll(() => dialog.evaluate((it) => it.contains(document.activeElement)))
        .toBe(true);
      const sent = { words: WORDS.join(' '), replaces: 'Laptop' };
      expect(mock.calls('recovery.begin')).toEqual([sent, sent]);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('an installation that is in use has no way back with words', async () => {
      const { page, mock, close } = await browser.open(worlds.garden(), { path: 'welcome' });
      await page.getByRole('heading', { name: 'Welcome to Allotment' }).waitFor();
      expect(await page.getByRole('button', { name: 'I have 24 words' }).count()).toBe(0);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('the sheet is printed without the words, when they are not shown any more', async () => {
      const { page, mock, close } = await browser.open(worlds['backed up'](), { path: 'backups' });
      await page.getByRole('button', { name: 'Recovery sheet …' }).click();
      await page.getByRole('dialog').getByText('Keeps Photos, Documents and Music.').waitFor();
      await page.emulateMedia({ media: 'print' });
      const shown = await page.evaluate(() => document.body.innerText);
      for (const wanted of ['Recovery sheet of Kim', 'The 24 words are on another paper', 'Ana'])
        expect(shown).toContain(wanted);
      for (const other of ['My backups', 'Back up now', 'For the day this computer is gone'])
        expect(shown).not.toContain(other);
      await page.emulateMedia({ media: 'screen' });
      expect(mock.complaints).toEqual([]);
      await close();
    });
  },
);
