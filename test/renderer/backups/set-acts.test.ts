import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fault } from '../../../shared/fault.ts';
import { PLAN_AT_FIRST } from '../../../shared/model/plan-at-first.ts';
import { backedUp, setWith } from '../worlds/backup-worlds.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { gb, job, NOW_MS, restore, set } from '../worlds/world-parts.ts';

/** What can be done with a set: each wish as the core gets it, and what a person sees of its answer. */
describe.skipIf(!hasChromium)(
  'what is done with a set (skipped where Chromium is not installed)',
  () => {
    let browser: MockedBrowser;
    beforeAll(async () => {
      browser = await startMockedBrowser();
    });
    afterAll(() => browser.close());

    test('unsafe sets come first, each with its state in words and what to do', async () => {
      const { page, mock, close } = await browser.open(backedUp(), { path: 'backups' });
      const names = await page
        .getByRole('list', { name: 'Backups' })
        .locator('h2')
        .allTextContents();
      expect(names).toEqual(['Letters', 'Films', 'Music', 'Documents', 'Photos']);
      const letters = page.getByRole('listitem', { name: 'Letters' });
      await letters.getByText('Something in every copy can’t be read.').waitFor();
      await letters
        .getByText('From 30 Nov 2026 on, what is deleted stays for 7 days only.')
        .waitFor();
      const photos = page.getByRole('listitem', { name: 'Photos', exact: true });
      await photos.getByText('2 whole copies, verified 9 hours ago.').waitFor();
      await photos.getByRole('row', { name: /Ben whole 4 hours ago 9 hours ago, 7 %/ }).waitFor();
      await page
        .getByRole('listitem', { name: 'Music' })
        .getByText('It is time; it begins when nobody uses the computer')
        .waitFor();
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('a set is looked into, freed up and paused by one press each', async () => {
      const { page, mock, close } = await browser.open(setWith({}), { path: 'backups' });
      const begun = job({ id: 'job-5', state: 'running' });
      await page.getByRole('button', { name: 'More: Photos' }).click();
      for (const [label, channel] of [
        ['Verify now', 'sets.verify'],
        ['Check now', 'sets.check'],
        ['Free up room', 'sets.prune'],
        ['Try a restore of one file', 'sets.drill'],
      ] as const) {
        mock.answer(channel, begun);
        await page.getByRole('button', { name: `${label}: Photos` }).click();
        await mock.settled();
        expect(mock.calls(channel)).toEqual([{ name: 'Photos' }]);
      }
      await page.getByRole('button', { name: 'Check, reading every byte: Photos' }).click();
      await mock.settled();
      expect(mock.calls('sets.check').at(-1)).toEqual({ name: 'Photos', readData: true });
      mock.answer('sets.pause', []);
      await page.getByRole('button', { name: 'Pause until tomorrow: Photos' }).click();
      await mock.push({ sets: [set('Photos', { pausedUntilMs: NOW_MS + 10 * 3_600_000 })] });
      await page.getByText('Paused until 00:30').waitFor();
      await page.getByRole('button', { name: 'Go on now: Photos' }).click();
      await mock.settled();
      expect(mock.calls('sets.pause')).toEqual([
        { name: 'Photos', until: 'tomorrow' },
        { name: 'Photos', until: null },
      ]);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('what is changed is sent alone, and what makes no sense is said where it is', async () => {
      const { page, mock, close } = await browser.open(setWith({}), { path: 'backups' });
      await page.getByRole('button', { name: 'Change …: Photos' }).click();
      await page.getByText('When it runs').click();
      await page.getByText('Never in quiet hours').click();
      await page.getByRole('textbox', { name: 'Quiet until' }).fill('13:00');
      const save = page.getByRole('button', { name: 'Save', exact: true });
      mock.fail('sets.edit', fault('bad-plan', { problem: 'quiet-then' }));
      await save.click();
      await page
        .locator('.plan-part[open]')
        .getByText('The backup would begin in its own quiet hours')
        .waitFor();
      await page.getByRole('textbox', { name: 'From what time on' }).fill('14.30');
      mock.answer('sets.edit', ({ name }) => set(name));
      await save.click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(mock.calls('sets.edit').at(-1)).toEqual({
        name: 'Photos',
        plan: {
          schedule: {
            ...PLAN_AT_FIRST.schedule,
            atMin: 14 * 60 + 30,
            quietHours: { fromMin: 22 * 60, untilMin: 13 * 60 },
          },
        },
      });
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('a field that can’t be read opens its part of the form and takes the focus', async () => {
      const { page, mock, close } = await browser.open(setWith({}), { path: 'backups' });
      await page.getByRole('button', { name: 'Change …: Photos' }).click();
      const summary = page.getByText('How it is guarded');
      await summary.click();
      await page.getByRole('textbox', { name: /^Days that friends keep/ }).fill('4000'.slice(0, 3));
      await summary.click();
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('Write a number of days from 0 to 365.').waitFor();
      const focused = page.getByRole('textbox', { name: /^Days that friends keep/ });
      expect(await focused.evaluate((each) => each === document.activeElement)).toBe(true);
      expect(mock.calls('sets.edit')).toEqual([]);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('what a backup would take is counted before it begins', async () => {
      const { page, mock, close } = await browser.open(setWith({}), { path: 'backups' });
      await page.getByRole('button', { name: 'Change …: Photos' }).click();
      mock.answer('sets.estimate', job({ id: 'job-9', kind: 'estimate', set: '' }));
      mock.answer('sets.estimated', null);
      await page.getByRole('button', { name: 'Count it' }).click();
      await page.getByText('Counting …').waitFor();
      mock.answer('sets.estimated', {
        files: 12_345,
        bytes: gb(38.2),
        largest: [{ path: '/home/kim/Photos/film.mp4', bytes: gb(4.2) }],
        skipped: {
          excludedFiles: 0,
          excludedBytes: '0',
          cacheFolders: 0,
          tooLargeFiles: 0,
          cloudFiles: 12,
          unreadable: 0,
        },
        rules: PLAN_AT_FIRST.rules,
      });
      await page.getByText('12,345 files, 38.2 GB.').waitFor();
      await page.getByText('12 files lie in a cloud only.').waitFor();
      expect(mock.calls('sets.estimate')).toEqual([
        { folders: ['/home/kim/Photos'], rules: PLAN_AT_FIRST.rules },
      ]);
      await page.getByText('Also on battery').waitFor({ state: 'hidden' });
      await page.getByText('What is left out').click();
      await page.getByText('Leave out caches').click();
      await page.getByText('You have changed something since this was counted.').waitFor();
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('a set goes without its copies, or with them once its name was typed', async () => {
      const { page, mock, close } = await browser.open(setWith({}), { path: 'backups' });
      mock.answer('sets.drop', { dropped: true });
      const remove = async () => {
        await page.getByRole('button', { name: 'More: Photos' }).click();
        await page.getByRole('button', { name: 'Remove …: Photos' }).click();
      };
      await remove();
      await page.getByRole('button', { name: 'Remove it', exact: true }).click();
      await page.getByRole('alertdialog').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Remove …: Photos' }).click();
      await page.getByText('They are deleted too, 38.2 GB in all').click();
      const act = page.getByRole('button', { name: 'Remove it and delete 38.2 GB' });
      expect(await act.isDisabled()).toBe(true);
      await page.getByRole('textbox', { name: 'To be sure, type Photos' }).fill('Photos');
      await act.click();
      await page.getByRole('alertdialog').waitFor({ state: 'detached' });
      expect(mock.calls('sets.drop')).toEqual([
        { name: 'Photos', release: false },
        { name: 'Photos', release: true, confirm: 'Photos' },
      ]);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('a copy that is gone is given to somebody else', async () => {
      const { page, mock, close } = await browser.open(backedUp(), { path: 'backups' });
      await page
        .getByRole('button', { name: 'Let another friend keep Letters instead of Dev' })
        .click();
      mock.answer('sets.replace', ({ name }) => set(name));
      await page.getByRole('dialog').getByText('Ben', { exact: true }).click();
      await page.getByRole('button', { name: 'Let it be so' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      const [, ben, , dev] = mock.current().friends;
      expect(mock.calls('sets.replace')).toEqual([
        { name: 'Letters', from: dev?.owner, to: ben?.owner },
      ]);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('what was deleted is brought back since a day that one chooses', async () => {
      const { page, mock, close } = await browser.open(backedUp(), { path: 'backups' });
      await page.getByRole('button', { name: 'More: Photos' }).click();
      await page.getByRole('button', { name: 'What was deleted …: Photos' }).click();
      await page.getByRole('row', { name: /Ben 214 2.1.GB 28 Nov 2026/ }).waitFor();
      mock.answer('sets.untrash', { objects: 214 });
      mock.answer('sets.trash', []);
      await page.getByText('In the last three days').click();
      await page.getByRole('button', { name: 'Bring it back' }).click();
      await page.getByText('214 pieces are back.').waitFor();
      expect(mock.calls('sets.untrash')).toEqual([
        { name: 'Photos', sinceMs: NOW_MS - 3 * 86_400_000 },
      ]);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('friends of one name have a line each in the trash', async () => {
      const { page, mock, close } = await browser.open(backedUp(), { path: 'backups' });
      const trash = ['Cleo', 'Ben', 'Ben'].map((friend, index) => ({
        owner: `${index}`,
        plot: `${index}`,
        friend,
        objects: 7,
        bytes: '1000',
        firstGoesMs: null,
        lastGoesMs: null,
      }));
      mock.answer('sets.trash', trash.slice(1));
      mock.answer('sets.untrash', { objects: 7 });
      await page.getByRole('button', { name: 'More: Photos' }).click();
      await page.getByRole('button', { name: 'What was deleted …: Photos' }).click();
      const bens = page.getByRole('row', { name: /Ben 7/ });
      await bens.first().waitFor();
      expect(await bens.count()).toBe(2);
      mock.answer('sets.trash', trash);
      await page.getByRole('button', { name: 'Bring it back' }).click();
      await page.getByRole('row', { name: /Cleo 7/ }).waitFor();
      expect(await bens.count()).toBe(2);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('a set goes to a disk, and how far it is shows until it is there', async () => {
      const { page, mock, close } = await browser.open(setWith({}), { path: 'backups' });
      await page.getByRole('button', { name: 'More: Photos' }).click();
      await page.getByRole('button', { name: 'Export to a disk …: Photos' }).click();
      const folder = page.getByRole('textbox', { name: 'Into which folder on the disk' });
      await folder.fill('/media/usb/x');
      mock.fail('sets.export', fault('folder-not-empty', { folder: '/media/usb/x' }));
      await page.getByRole('button', { name: 'Copy it' }).click();
      await page.getByText('“/media/usb/x” is not empty.').waitFor();
      const copying = job({ id: 'job-8', kind: 'export', set: 'Photos' });
      mock.answer('sets.export', copying);
      await page.getByRole('button', { name: 'Copy it' }).click();
      await mock.push({ jobs: [copying] });
      const dialog = page.getByRole('dialog');
      await dialog.getByText('12.4 GB of 38.2 GB').waitFor();
      await mock.push({ jobs: [{ ...copying, state: 'done', result: {} }] });
      await dialog.getByText('Photos lies on the disk now.').waitFor();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('a restore is paused, goes on and is given up wherever it shows', async () => {
      const { page, mock, close } = await browser.open(backedUp(), { path: 'home' });
      mock.answer('restores.pause', restore({ state: 'paused' }));
      mock.answer('restores.resume', job({ kind: 'restore' }));
      mock.answer('restores.drop', { dropped: true });
      await page.getByRole('button', { name: 'Pause: Photos into /home/kim/Restored' }).click();
      await page.getByRole('button', { name: 'Go on: Documents, where it was' }).click();
      await page.getByRole('button', { name: 'Give up: Documents, where it was' }).click();
      await page.getByRole('button', { name: 'Give it up' }).click();
      await page.getByRole('alertdialog').waitFor({ state: 'detached' });
      expect(mock.calls('restores.pause')).toEqual([{ id: 'restore-1' }]);
      expect(mock.calls('restores.resume')).toEqual([{ id: 'restore-2' }]);
      expect(mock.calls('restores.drop')).toEqual([{ id: 'restore-2' }]);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('a plot is opened for restic once, and shut again', async () => {
      const { page, mock, close } = await browser.open(setWith({}), { path: 'backups' });
      const [plot] = mock.current().mine;
      mock.answer('gateway.open', {
        url: 'rest:http://x@127.0.0.1:4711/',
        plot: plot?.plot ?? '',
        readOnly: true,
        commands: [
          { what: 'snapshots', command: 'restic -r rest:http://x@127.0.0.1:4711/ snapshots' },
        ],
      });
      mock.answer('gateway.close', { closed: true });
      await page.getByRole('button', { name: /^Use with restic/ }).click();
      await page.getByText('restic -r rest:http://x@127.0.0.1:4711/ snapshots').waitFor();
      await page.getByText('restic can read it and not write to it').waitFor();
      await page.getByRole('button', { name: 'Close the address' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(mock.calls('gateway.open')).toEqual([{ plot: plot?.plot }]);
      expect(mock.calls('gateway.close')).toEqual([{ plot: plot?.plot }]);
      expect(mock.complaints).toEqual([]);
      await close();
    });
  },
);
