import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fault } from '../../../shared/fault.ts';
import { PLAN_AT_FIRST } from '../../../shared/model/plan-at-first.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { friend, gb, job, NOW_MS, set, snapshot, status } from '../worlds/world-parts.ts';
import { worlds } from '../worlds/worlds.ts';

/** My backups as a person uses it: from the recovery words to a folder that came back. */
describe.skipIf(!hasChromium)('My backups (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  test('before the first backup the words are shown, and three of them asked for', async () => {
    const { page, mock, close } = await browser.open(
      {
        snapshot: snapshot({ friends: [friend('Ana')], status: status({ phraseSaved: false }) }),
        decisions: [],
        history: [],
      },
      { path: 'backups' },
    );
    await page.getByRole('button', { name: 'New backup' }).click();
    await page.locator('.phrase-words').waitFor();
    const words = await page.locator('.phrase-words .strong').allTextContents();
    expect(words).toHaveLength(24);
    await page.getByRole('button', { name: 'I have written them down' }).click();
    const labels = await page.getByRole('dialog').locator('label').allTextContents();
    expect(labels).toHaveLength(3);
    const positions = labels.map((label) => Number(label.replace('Word ', '')));
    mock.fail('phrase.check', fault('bad-phrase', { problem: 'differs' }));
    await typeWords(page, positions, words.toReversed());
    await page.getByText('at least one differs from what was shown').waitFor();
    mock.answer('phrase.check', { saved: true });
    await typeWords(page, positions, words);
    // On it goes with what was wanted in the first place; the only friend is chosen already.
    await page.getByRole('heading', { name: 'A new backup' }).waitFor();
    expect(await page.getByRole('checkbox', { name: 'Ana' }).isChecked()).toBe(true);
    expect(mock.calls('phrase.check').at(-1)).toEqual({
      words: positions.map((position) => ({ position, word: words[position - 1] })),
    });
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('the words and what a new computer needs besides are printed, and nothing else', async () => {
    const { page, mock, close } = await browser.open(worlds.paused(), { path: 'backups' });
    await page.getByRole('button', { name: 'Show the words' }).click();
    await page.getByText('abandon').waitFor();
    await page.evaluate(() => {
      window.print = () => document.body.setAttribute('data-printed', 'yes');
    });
    await page.getByRole('button', { name: 'Print' }).click();
    expect(await page.locator('body').getAttribute('data-printed')).toBe('yes');
    await page.emulateMedia({ media: 'print' });
    const shown = await page.evaluate(() => document.body.innerText);
    expect(shown).toContain('Recovery sheet of Kim');
    expect(shown).toContain('192.168.1.20:24816');
    expect(shown).toContain('Keeps Photos and Notes.');
    expect(shown).toContain('actual');
    for (const other of ['My backups', 'I have written', 'Sharing is paused', 'Keep the paper'])
      expect(shown).not.toContain(other);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('where only the words can be printed, that is said before they are', async () => {
    const { page, mock, close } = await browser.open(worlds.paused(), {
      path: 'backups',
      prepare: (before) => before.fail('recovery.sheet', fault('internal')),
    });
    await page.getByRole('button', { name: 'Show the words' }).click();
    await page.getByText('abandon').waitFor();
    await page.getByText(/^Only the words can be printed now/).waitFor();
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('whole copies are no good news beside a run that failed, and nothing is listed where nothing lies', async () => {
    const full = { key: 'fault.plot-full', params: { friend: 'Ben' } };
    const sets = [set('Photos'), set('Films', { lastFault: full })];
    const { page, mock, close } = await browser.open(
      { snapshot: snapshot({ friends: [friend('Ben')], sets }), decisions: [], history: [] },
      { path: 'backups' },
    );
    const safety = (name: string) =>
      page.getByRole('listitem', { name, exact: true }).locator('.strong').first();
    expect(await safety('Photos').getAttribute('class')).toBe('strong good');
    expect(await safety('Films').getAttribute('class')).toBe('strong plain');
    expect(await page.getByText('Where it lies').count()).toBe(1);
    await mock.push({ sets: [], mine: [] });
    await page.getByText('No folder is backed up yet').waitFor();
    expect(await page.getByText('Where it lies').count()).toBe(0);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a set is made with its folders and friends, and begins to run', async () => {
    const { page, mock, close } = await browser.open(worlds.garden(), { path: 'backups' });
    await page.getByRole('button', { name: 'New backup' }).click();
    const act = page.getByRole('button', { name: 'Back up', exact: true });
    await act.click();
    for (const missing of ['at least one folder', 'Give it a name', 'at least one friend'])
      await page.getByText(missing).waitFor();
    mock.pick('/home/kim/Letters');
    await page.getByRole('button', { name: /^Choose …/ }).click();
    await page.getByRole('button', { name: 'Add another folder' }).click();
    await page.getByRole('textbox', { name: 'Folder 2' }).fill('/home/kim/Music');
    expect(await page.getByRole('textbox', { name: 'What to call it' }).inputValue()).toBe(
      'Letters',
    );
    for (const name of ['Ana', 'Cleo']) await page.getByText(name, { exact: true }).last().click();
    mock.fail('sets.create', fault('folder-missing', { folder: '/home/kim/Music' }));
    await act.click();
    await page.getByText('The folder “/home/kim/Music” is not there.').waitFor();
    mock.answer('sets.create', ({ name }) => set(name));
    mock.answer('sets.run', ({ name }) => job({ set: name }));
    await act.click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const [ana, , cleo] = mock.current().friends;
    expect(mock.calls('sets.create').at(-1)).toEqual({
      name: 'Letters',
      folders: ['/home/kim/Letters', '/home/kim/Music'],
      to: [ana?.owner, cleo?.owner],
      plan: { ...PLAN_AT_FIRST, copies: 2 },
    });
    expect(mock.calls('sets.run')).toEqual([{ name: 'Letters' }]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a run shows how far it is and can be stopped; its end is said', async () => {
    const { page, mock, close } = await browser.open(worlds.garden(), { path: 'backups' });
    const card = page.getByRole('listitem', { name: 'Photos' });
    await card.getByText('12.4 GB of 38.2 GB').waitFor();
    await card.getByText('24 MB a second').waitFor();
    await card.getByText('18 minutes left').waitFor();
    expect(
      await card.getByRole('progressbar').evaluate((bar: HTMLProgressElement) => bar.value),
    ).toBeCloseTo(0.324);
    mock.answer('jobs.cancel', job());
    await card.getByRole('button', { name: 'Stop backing up Photos' }).click();
    expect(mock.calls('jobs.cancel')).toEqual([{ id: 'job-1' }]);
    await mock.push({
      jobs: [job({ state: 'done', result: { files: 8000 } })],
      sets: [set('Photos', { lastRunMs: NOW_MS })],
    });
    await card.getByText('safe', { exact: true }).waitFor();
    await page.getByText('Photos is backed up.').waitFor({ state: 'attached' });
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a restore that makes sure of its last files says of how many, and its bar goes by them', async () => {
    const { page, mock, close } = await browser.open(worlds.garden(), { path: 'backups' });
    const restoring = job({ id: 'job-7', kind: 'restore', set: 'Documents' });
    const progress = {
      ...restoring.progress,
      phase: 'flushing',
      filesDone: 3000,
      filesTotal: 12_000,
      bytesDone: '0',
      bytesTotal: null,
      bytesPerS: 0,
      leftS: null,
    };
    await mock.push({ jobs: [{ ...restoring, progress }] });
    const card = page.getByRole('listitem', { name: 'Documents' });
    await card
      .getByText('Making sure that the disk has it · 3,000 of 12,000 files', { exact: true })
      .waitFor();
    const bar = card.getByRole('progressbar');
    expect(await bar.evaluate(({ value, max }: HTMLProgressElement) => value / max)).toBe(0.25);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('how a restore has ended is said on the card of its set', async () => {
    const { page, mock, close } = await browser.open(worlds.garden(), { path: 'backups' });
    const restoring = job({ id: 'job-7', kind: 'restore', set: 'Documents' });
    await mock.push({ jobs: [restoring] });
    const card = page.getByRole('listitem', { name: 'Documents' });
    await card.getByText('Restoring').waitFor();
    await mock.push({
      jobs: [{ ...restoring, state: 'done', result: { files: 4120, bytesTotal: gb(12.4) } }],
    });
    await card.getByText('Documents was restored. 4,120 files, 12.4 GB.').waitFor();
    const tried = job({ id: 'job-9', kind: 'drill', set: 'Documents', state: 'done' });
    const result = { file: '/home/kim/Documents/a.odt', bytes: '4000', same: 1 };
    await mock.push({ jobs: [{ ...tried, result }] });
    await card.getByText('just as it is on your disk. It was /home/kim/Documents/a.odt.').waitFor();
    await mock.push({ jobs: [{ ...tried, result: { ...result, same: 0 } }] });
    await card.getByText('It could not be compared').waitFor();
    // Room is looked for after every backup; that there was none is no news.
    const pruned = job({ id: 'job-8', kind: 'prune', set: 'Documents', state: 'done' });
    await mock.push({ jobs: [{ ...pruned, result: { bytesFreed: gb(1.5) } }] });
    await card.getByText('Room of Documents was freed up. 1.5 GB are free again.').waitFor();
    await mock.push({ jobs: [{ ...pruned, result: { bytesFreed: gb(1.5), keptDays: 30 } }] });
    await card
      .getByText('1.5 GB are deleted. They are protected, and free again after 30 days.')
      .waitFor();
    await mock.push({ jobs: [{ ...pruned, result: { bytesFreed: '0' } }] });
    await card.getByText('Room of Documents').waitFor({ state: 'detached' });
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('what is in the way of a copy is read as a whole in a narrow window', async () => {
    const { page, mock, close } = await browser.open(worlds['backed up'](), {
      path: 'backups',
      width: 360,
    });
    const notes = page.locator('.copies td[colspan] > *');
    expect(await notes.count()).toBeGreaterThan(3);
    const cut = await notes.evaluateAll((all) =>
      all.filter((each) => {
        const frame = each.closest('.table-frame')?.getBoundingClientRect();
        return each.getBoundingClientRect().right > (frame?.right ?? 0) + 1;
      }),
    );
    expect(cut).toHaveLength(0);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('giving space back says the bytes and the person, and what went wrong', async () => {
    const { page, mock, close } = await browser.open(worlds.garden(), { path: 'backups' });
    await page.getByRole('button', { name: 'Give back …' }).first().click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText('Give back 50 GB at Ana’s and delete 38.2 GB of yours there?').waitFor();
    mock.fail('plots.release', fault('unreachable', { friend: 'Ana', detail: 'EHOSTUNREACH' }));
    await dialog.getByRole('button', { name: 'Delete 38.2 GB at Ana’s' }).click();
    await dialog.getByText('Ana can’t be reached').waitFor();
    mock.answer('plots.release', { released: true });
    await dialog.getByRole('button', { name: 'Delete 38.2 GB at Ana’s' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(mock.complaints).toEqual([]);
    await close();
  });
});

async function typeWords(
  page: Page,
  positions: readonly number[],
  words: readonly string[],
): Promise<void> {
  for (const position of positions)
    await page
      .getByRole('textbox', { name: `Word ${position}`, exact: true })
      .fill(`${words[position - 1]?.toUpperCase()} `);
  await page.getByRole('button', { name: 'Check', exact: true }).click();
}
