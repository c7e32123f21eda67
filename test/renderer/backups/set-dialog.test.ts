import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fault } from '../../../shared/fault.ts';
import { setWith } from '../worlds/backup-worlds.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { copy, friend, gb, job, ownerId, set } from '../worlds/world-parts.ts';

/** The form of a set: that what it does not show is not undone by it, and that it is not lost. */
describe.skipIf(!hasChromium)('a set’s form (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  test('whoever keeps the set without being a friend to choose keeps it until somebody says otherwise', async () => {
    const [ana, ben, dora] = [friend('Ana'), friend('Ben', {}, { blocked: true }), friend('Dora')];
    // A host whose guest this owner is, and one who is gone.
    const [host, gone] = [friend('Gus'), friend('Olga')];
    const copies = [copy(ana), copy(ben), copy(host), copy(gone, { state: 'gone' })];
    const world = setWith({ copies, to: ['Ana', 'Ben', 'Gus', 'Olga'] });
    const friends = [ana, ben, dora];
    const { page, mock, close } = await browser.open(
      { ...world, snapshot: { ...world.snapshot, friends } },
      { path: 'backups' },
    );
    mock.answer('sets.edit', ({ name }) => set(name));
    await page.getByRole('button', { name: 'Change …: Photos' }).click();
    const dialog = page.getByRole('dialog');
    for (const name of ['Ana', 'Ben', 'Gus'])
      expect(await dialog.getByRole('checkbox', { name }).isChecked()).toBe(true);
    expect(await dialog.getByRole('checkbox', { name: 'Olga' }).count()).toBe(0);
    await dialog.getByText('Dora', { exact: true }).click();
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(mock.calls('sets.edit').at(-1)?.to).toEqual(
      ['Ana', 'Ben', 'Gus', 'Dora'].map((name) => ownerId(name)),
    );
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a click beside it closes it only as long as nothing was filled in', async () => {
    const { page, mock, close } = await browser.open(setWith({}), { path: 'backups' });
    const begin = page.getByRole('button', { name: 'New backup' });
    const dialog = page.getByRole('dialog', { name: 'A new backup' });
    await begin.click();
    await dialog.waitFor();
    await page.mouse.click(8, 400);
    await dialog.waitFor({ state: 'detached' });
    await begin.click();
    const folder = dialog.getByRole('textbox', { name: 'Which folder' });
    await folder.fill('/home/kim/Letters');
    await page.mouse.click(8, 400);
    await mock.settled();
    expect(await folder.inputValue()).toBe('/home/kim/Letters');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('what is chosen by keyboard may change the fields, and the focus stays where it was chosen', async () => {
    const { page, mock, close } = await browser.open(setWith({}), { path: 'backups' });
    await page.getByRole('button', { name: 'Change …: Photos' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('When it runs').click();
    const often = dialog.getByRole('button', { name: /How often$/ });
    const weekday = dialog.getByRole('button', { name: /On which day$/ });
    await often.focus();
    for (const [key, name, days] of [
      ['ArrowDown', 'Every week', 1],
      ['Home', 'Only when I say so', 0],
    ] as const) {
      await page.keyboard.press('Enter');
      await page.getByRole('listbox').waitFor();
      await page.keyboard.press(key);
      await page.keyboard.press('Enter');
      await page.getByRole('listbox').waitFor({ state: 'detached' });
      await expect.poll(() => often.evaluate((it) => it === document.activeElement)).toBe(true);
      expect(await often.innerText()).toBe(name);
      expect(await weekday.count()).toBe(days);
    }
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a count that could not begin leaves the one before with the word that it is older', async () => {
    const { page, mock, close } = await browser.open(setWith({}), { path: 'backups' });
    const skipped = {
      excludedFiles: 0,
      excludedBytes: '0',
      cacheFolders: 0,
      tooLargeFiles: 0,
      cloudFiles: 0,
      unreadable: 0,
    };
    const rules = { exclude: [], caches: true, maxFileBytes: null };
    mock.answer('sets.estimate', job({ id: 'job-9', kind: 'estimate', set: '' }));
    mock.answer('sets.estimated', { files: 7, bytes: gb(2), largest: [], skipped, rules });
    await page.getByRole('button', { name: 'Change …: Photos' }).click();
    await page.getByRole('button', { name: 'Count it' }).click();
    await page.getByText(/^7 files, 2\sGB/).waitFor();
    await page.getByRole('textbox', { name: 'Which folder' }).fill('/home/kim/gone');
    mock.fail('sets.estimate', fault('folder-missing', { folder: '/home/kim/gone' }));
    await page.getByRole('button', { name: 'Count again' }).click();
    await page.getByRole('alert').waitFor();
    await mock.settled();
    await page.getByText('You have changed something since this was counted.').waitFor();
    expect(mock.complaints).toEqual([]);
    await close();
  });
});
