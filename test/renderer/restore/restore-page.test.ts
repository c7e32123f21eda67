import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SnapshotView } from '../../../shared/contract/backup-views.ts';
import { fault } from '../../../shared/fault.ts';
import { setWith } from '../worlds/backup-worlds.ts';
import type { Mock } from '../mock-door.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { axeFindings } from '../page-checks.ts';
import { HOUR_MS, job, NOW_MS, restore } from '../worlds/world-parts.ts';

/** From a day and a folder to what is brought back, by mouse and by keyboard alone. */
const YESTERDAY = '1'.padStart(64, 'a');
const LAST_WEEK = '9'.padStart(64, 'a');

describe.skipIf(!hasChromium)('what was kept (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  const open = () => browser.open(setWith({}), { path: 'restore/Photos' });

  test('arrows, Enter, Space and Backspace go through it', async () => {
    const { page, mock, close } = await open();
    await page.getByRole('row', { name: /^Photos, folder/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('grid', { name: 'What is in Photos' }).waitFor();
    await mock.settled();
    expect(await focusedRow(page)).toContain('2025');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await focusedRow(page)).toContain('cover.jpg');
    await page.keyboard.press('Space');
    await page.getByText('1 chosen').waitFor();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('grid', { name: 'What is in Holiday' }).waitFor();
    await mock.settled();
    await page.keyboard.press('Backspace');
    await page.getByRole('grid', { name: 'What is in Photos' }).waitFor();
    // What was chosen elsewhere stays chosen, and the total follows.
    const cover = page.getByRole('row', { name: /^cover.jpg/ });
    expect(await cover.getAttribute('aria-selected')).toBe('true');
    await page.getByText('40 files, 200 MB').waitFor();
    expect(mock.calls('sets.measure').at(-1)).toEqual({
      name: 'Photos',
      snapshot: YESTERDAY,
      paths: ['/home/kim/Photos/cover.jpg'],
    });
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a chosen folder stands for what is in it, until one chooses in it', async () => {
    const { page, mock, close } = await open();
    await page.getByRole('row', { name: /^Photos, folder/ }).focus();
    await page.keyboard.press('Space');
    await page.getByText('1 chosen').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('All of “Photos” is chosen.').waitFor();
    await page.getByRole('button', { name: 'Choose single files instead' }).click();
    await page.getByText('Nothing chosen: all of it').waitFor();
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a large folder comes page by page, never more than 200 rows at once', async () => {
    const hourly = Array.from({ length: 3000 }, (_, index) => ({
      id: `${index}`.padStart(64, 'b'),
      atMs: NOW_MS - index * HOUR_MS,
      paths: ['/home/kim/Photos'],
      host: 'Kim',
      tags: [],
      files: null,
      bytes: null,
    }));
    const { page, mock, close } = await browser.open(setWith({}), {
      path: 'restore/Photos',
      prepare: (mocked) => mocked.answer('sets.snapshots', hourly),
    });
    for (const name of ['Photos', '2026']) {
      await page.getByRole('row', { name: new RegExp(`^${name}, folder`) }).focus();
      await page.keyboard.press('Enter');
      await mock.settled();
    }
    await page.getByRole('row', { name: /^IMG_0100/ }).waitFor();
    const mounted = () => page.locator('[role=row], [role=option]').count();
    expect(await mounted()).toBeLessThanOrEqual(200);
    await page.getByRole('button', { name: 'Next', exact: true }).click();
    await page.getByRole('row', { name: /^IMG_0130/ }).waitFor();
    await page.getByText('101 to 130').waitFor();
    await page.getByRole('button', { name: 'Previous', exact: true }).click();
    await page.getByRole('row', { name: /^IMG_0001/ }).waitFor();
    await page.getByRole('button', { name: 'Older', exact: true }).click();
    expect(await mounted()).toBeLessThanOrEqual(200);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('another day is another state, of which nothing is chosen yet', async () => {
    const { page, mock, close } = await open();
    await page.getByRole('row', { name: /^Photos, folder/ }).focus();
    await page.keyboard.press('Space');
    await page.getByText('1 chosen').waitFor();
    await page.getByRole('option', { name: /16 Nov 2026/ }).click();
    await page.getByText('Nothing chosen: all of it').waitFor();
    await mock.settled();
    expect(mock.calls('sets.browse').at(-1)).toMatchObject({ snapshot: LAST_WEEK, path: '' });
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('what is found by its name is shown where it lies, chosen already', async () => {
    const { page, mock, close } = await open();
    await page.getByRole('textbox', { name: /^Find by name/ }).fill('letter');
    await page.keyboard.press('Enter');
    await page.getByText('2 versions found for “letter”.').waitFor();
    expect(await axeFindings(page, 'found')).toEqual([]);
    await page.getByRole('option', { name: /letter.odt .* as of 16 Nov 2026/ }).click();
    const row = page.getByRole('row', { name: /^letter.odt/ });
    await row.waitFor();
    expect(await row.getAttribute('aria-selected')).toBe('true');
    expect(mock.calls('sets.browse').at(-1)).toMatchObject({
      snapshot: LAST_WEEK,
      path: '/home/kim/Photos',
    });
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('what is chosen goes into a folder; one that is not empty asks what happens there', async () => {
    const { page, mock, close } = await open();
    await page.getByRole('row', { name: /^Photos, folder/ }).focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Restore these …' }).click();
    const act = page.getByRole('button', { name: 'Restore', exact: true });
    await act.click();
    await page.getByText('Choose a folder.').waitFor();
    await page.getByRole('textbox', { name: 'Into which folder' }).fill('/home/kim/full');
    mock.fail('sets.restore', fault('folder-not-empty', { folder: '/home/kim/full' }));
    await act.click();
    await page.getByText('“/home/kim/full” is not empty.').waitFor();
    await page.getByText('Whichever is newer stays').click();
    mock.answer('sets.restore', job({ id: 'job-7', kind: 'restore' }));
    await act.click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(mock.calls('sets.restore').at(-1)).toEqual({
      name: 'Photos',
      snapshot: YESTERDAY,
      paths: ['/home/kim/Photos'],
      to: '/home/kim/full',
      conflict: 'newer',
    });
    await mock.push({ restores: [restore({ to: '/home/kim/full', job: 'job-7' })] });
    await page.getByText('Photos into /home/kim/full').waitFor();
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('everything goes where it was with a choice on conflicts, or into an archive', async () => {
    const { page, mock, close } = await open();
    mock.answer('sets.restore', job({ kind: 'restore' }));
    const act = page.getByRole('button', { name: 'Restore', exact: true });
    await page.getByRole('button', { name: 'Restore everything …' }).click();
    await page.getByText(/^Where it was/).click();
    await page.getByText('The one that is there stays').click();
    await act.click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(mock.calls('sets.restore').at(-1)).toEqual({
      name: 'Photos',
      snapshot: YESTERDAY,
      conflict: 'skip',
    });
    await page.getByRole('button', { name: 'Restore everything …' }).click();
    await page.getByText(/^Into one file/).click();
    await page.getByRole('textbox', { name: 'Into which folder' }).fill('/home/kim');
    await act.click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(mock.calls('sets.restore').at(-1)).toEqual({
      name: 'Photos',
      snapshot: YESTERDAY,
      to: '/home/kim/Photos 2026-11-24.zip',
      archive: true,
    });
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a disk is looked into before anything is shown of it', async () => {
    const { page, mock, close } = await browser.open(setWith({}), { path: 'backups' });
    await page.getByRole('link', { name: 'Restore from a disk …' }).click();
    await page.getByRole('button', { name: 'Look into it' }).click();
    await page.getByText('Choose the folder on the disk.').waitFor();
    await page
      .getByRole('textbox', { name: 'The folder that holds the backup' })
      .fill('/media/usb');
    mock.fail('sets.snapshots', fault('no-repository', { folder: '/media/usb' }));
    await page.getByRole('button', { name: 'Look into it' }).click();
    await page.getByText('There is no backup in /media/usb.').waitFor();
    mock.answer('sets.snapshots', [
      {
        id: YESTERDAY,
        atMs: NOW_MS,
        paths: ['/home/kim/Photos'],
        host: 'Kim',
        tags: [],
        files: null,
        bytes: null,
      },
    ]);
    await page.getByRole('button', { name: 'Look into it' }).click();
    await page.getByRole('row', { name: /^Photos, folder/ }).waitFor();
    expect(mock.calls('sets.browse').at(-1)).toMatchObject({ from: '/media/usb', path: '' });
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a state is deleted once the name of its set was typed', async () => {
    const { page, mock, close } = await open();
    await page.getByRole('button', { name: 'Delete this state …' }).click();
    const act = page.getByRole('button', { name: 'Delete the state of 24 Nov 2026, 14:30' });
    expect(await act.isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: 'To be sure, type Photos' }).fill('Photos');
    mock.answer('sets.forget', { forgotten: 1 });
    mock.answer('sets.snapshots', []);
    await act.click();
    await page.getByText('There is nothing to restore yet.').waitFor();
    expect(mock.calls('sets.forget')).toEqual([
      { name: 'Photos', snapshots: [YESTERDAY], confirm: 'Photos' },
    ]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('what was chosen of a state that is deleted is not chosen of the one that follows', async () => {
    const { page, mock, close } = await open();
    await page.getByRole('row', { name: /^Photos, folder/ }).focus();
    await page.keyboard.press('Space');
    await page.getByText('1 chosen').waitFor();
    await deleteState(page, mock, [stateOf(LAST_WEEK, 9 * 24)]);
    await page.getByText('Nothing chosen: all of it').waitFor();
    expect(mock.calls('sets.browse').at(-1)).toMatchObject({ snapshot: LAST_WEEK });
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a deletion whose answer was lost is tried again with the same state, which is gone, and not with the newest', async () => {
    const { page, mock, close } = await open();
    await page.getByRole('button', { name: 'Delete this state …' }).click();
    await page.getByRole('textbox', { name: 'To be sure, type Photos' }).fill('Photos');
    await mock.lost();
    const act = page.getByRole('button', { name: /^Delete the state of/ });
    await act.click();
    await page.getByRole('alertdialog').getByRole('alert').waitFor();
    // It was done all the same.
    mock.answer('sets.snapshots', [stateOf(LAST_WEEK, 9 * 24)]);
    mock.fail('sets.forget', fault('snapshot-unknown', { set: 'Photos', snapshot: 'aaaa' }));
    mock.back();
    await expect.poll(() => mock.calls('sets.browse').at(-1)?.snapshot).toBe(LAST_WEEK);
    await act.click();
    await page.getByText(/^The set “Photos” has no snapshot/).waitFor();
    expect(mock.calls('sets.forget').map(({ snapshots }) => snapshots)).toEqual([[YESTERDAY]]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('the last state of a page takes its page along, and no list without a way out stays', async () => {
    const states = Array.from({ length: 61 }, (_, index) =>
      stateOf(`${index}`.padStart(64, 'b'), index),
    );
    const { page, mock, close } = await browser.open(setWith({}), {
      path: 'restore/Photos',
      prepare: (mocked) => mocked.answer('sets.snapshots', states),
    });
    await page.getByRole('button', { name: 'Older', exact: true }).click();
    await page.getByRole('option').click();
    await mock.settled();
    await deleteState(page, mock, states.slice(0, 60));
    await expect.poll(() => page.getByRole('option').count()).toBe(60);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a file whose time is none is shown with the others', async () => {
    const entry = { kind: 'file', bytes: '3', mtimeMs: 9e15 } as const;
    const { page, mock, close } = await browser.open(setWith({}), {
      path: 'restore/Photos',
      prepare: (mocked) =>
        mocked.answer('sets.browse', {
          entries: [{ ...entry, path: '/home/kim/odd', name: 'odd' }],
          next: null,
        }),
    });
    await page.getByRole('row', { name: /^odd/ }).waitFor();
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a set that is not there says so', async () => {
    const { page, mock, close } = await browser.open(setWith({}), { path: 'restore/Nothing' });
    await page.getByText('There is no backup of that name here.').waitFor();
    expect(mock.complaints).toEqual([]);
    await close();
  });
});

function stateOf(id: string, hoursAgo: number): SnapshotView {
  const rest = { host: 'Kim', tags: [], files: null, bytes: null };
  return { id, atMs: NOW_MS - hoursAgo * HOUR_MS, paths: ['/home/kim/Photos'], ...rest };
}

async function deleteState(page: Page, mock: Mock, left: SnapshotView[]): Promise<void> {
  await page.getByRole('button', { name: 'Delete this state …' }).click();
  await page.getByRole('textbox', { name: 'To be sure, type Photos' }).fill('Photos');
  mock.answer('sets.forget', { forgotten: 1 });
  mock.answer('sets.snapshots', left);
  await page.getByRole('button', { name: /^Delete the state of/ }).click();
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
}

async function focusedRow(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.closest('[role=row]')?.textContent ?? '');
}
