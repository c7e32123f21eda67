import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import commonEn from '../../../shared/i18n/messages/en/common.json' with { type: 'json' };
import { fault } from '../../../shared/fault.ts';
import { account, household, named } from '../worlds/household-worlds.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { friend, gb, ownerId, snapshot, world } from '../worlds/world-parts.ts';

const path = 'household';

/** A home with friends that has nothing to do with accounts yet. */
function fresh(names: readonly string[] = ['Ben', 'Mum']) {
  return world({ snapshot: snapshot({ friends: names.map((name) => friend(name)) }) });
}

describe.skipIf(!hasChromium)('Household (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  test('stands among the pages when a switch in Settings says so, or when there is something on it', async () => {
    const { page, mock, close } = await browser.open(fresh(), { path: 'settings' });
    const line = page.getByRole('navigation').getByRole('link', { name: 'Household' });
    expect(await line.count()).toBe(0);
    mock.answer('settings.set', () => ({ ...mock.current().settings, household: true }));
    await page.getByRole('switch', { name: 'Household accounts' }).focus();
    await page.keyboard.press('Space');
    await mock.settled();
    expect(mock.calls('settings.set')).toEqual([{ household: true }]);
    await mock.push({ settings: { ...mock.current().settings, household: true } });
    await line.click();
    await page.getByRole('heading', { level: 1, name: 'Household' }).waitFor();
    await mock.push({ settings: { ...mock.current().settings, household: false } });
    await line.waitFor({ state: 'detached' });
    const { household: known } = mock.current();
    await mock.push({ household: { ...known, kept: [account('Mum')] } });
    await line.waitFor();
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('an account is made by keyboard: what is missing is said at its field, and nothing is sent before', async () => {
    const { page, mock, close } = await browser.open(fresh(), { path });
    mock.answer('accounts.set', () => account('The kids'));
    await page.getByRole('button', { name: 'New account' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'New account' });
    await page.keyboard.press('Enter');
    await dialog.getByText('Give it a name.').waitFor();
    await dialog.getByText(commonEn.fault['bad-size']).waitFor();
    expect(mock.calls('accounts.set')).toEqual([]);
    const name = dialog.getByRole('textbox', { name: 'Name' });
    // The first field that is wrong has the focus.
    expect(await name.evaluate((field) => field === document.activeElement)).toBe(true);
    await page.keyboard.type('The kids');
    await dialog.getByRole('textbox', { name: 'Plan' }).fill('100 GB');
    await dialog.getByRole('checkbox', { name: 'Ben' }).focus();
    await page.keyboard.press('Space');
    await dialog.getByRole('radio', { name: 'Only where I say' }).focus();
    await page.keyboard.press('Space');
    await dialog.getByRole('button', { name: 'Make the account' }).click();
    await dialog.getByText(/Choose at least one, or let it count everywhere/).waitFor();
    await dialog.getByText('Myself, this computer').click();
    await dialog.getByRole('button', { name: 'Make the account' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(mock.calls('accounts.set')).toEqual([
      {
        account: 'The kids',
        planBytes: gb(100),
        members: [ownerId('Ben')],
        hosts: ['self'],
      },
    ]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a refusal of the core stays in the dialog with what was typed', async () => {
    const { page, mock, close } = await browser.open(fresh(), { path });
    mock.fail('accounts.set', fault('friend-unknown', { friend: 'Ben' }));
    await page.getByRole('button', { name: 'New account' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Mum');
    await dialog.getByRole('textbox', { name: 'Plan' }).fill('100');
    await dialog.getByRole('button', { name: 'Make the account' }).click();
    await dialog.getByRole('alert').waitFor();
    expect(await dialog.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Mum');
    await close();
  });

  test('changing one sends what changed, and says before what a smaller plan and leaving somebody out mean', async () => {
    const { page, mock, close } = await browser.open(household(), { path });
    mock.answer('accounts.set', () => account('Mum'));
    await page.getByRole('button', { name: 'Change: Mum' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change Mum' });
    expect(await dialog.getByRole('textbox', { name: 'Name' }).count()).toBe(0);
    await dialog.getByRole('textbox', { name: 'Plan' }).fill('50 GB');
    await dialog.getByText(/^85\sGB are in use, which is more\./).waitFor();
    await dialog.getByText('Mum', { exact: true }).click();
    await dialog.getByText(/^Whoever is left out gets nothing new on it/).waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(mock.calls('accounts.set')).toEqual([
      { account: 'Mum', planBytes: gb(50), members: [] },
    ]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('the keeper sees who holds what where, what is set aside, and by how much a plan is over', async () => {
    const { page, mock, close } = await browser.open(household(), { path });
    const kids = page.getByRole('article', { name: 'The kids' });
    await kids.getByText(/^112\sGB of 100\sGB in use$/).waitFor();
    await kids.getByText(/^12\sGB more than the plan\. What is kept stays/).waitFor();
    await kids.getByText(/^20\sGB of it are set aside for requests under way/).waitFor();
    await kids.getByText('Members: Cleo and Ben. Counts at: Ana and this computer.').waitFor();
    expect(await kids.getByRole('row').allInnerTexts()).toEqual([
      expect.stringMatching(/^Member\s+Charged\s+Where\s+Plots\s+Compared$/),
      expect.stringMatching(/^Cleo\s+62\sGB\s+At Ana’s\s+2\s+5 hours ago$/),
      expect.stringMatching(/^Ben\s+30\sGB\s+On this computer\s+1\s+this minute$/),
      expect.stringMatching(/^Ben\s+20\sGB\s+At Ana’s\s+1\s+never$/),
    ]);
    await mock.push({ household: { ...mock.current().household, kept: [] } });
    await page.getByText(/^You keep none\. Make one if this computer shall say/).waitFor();
    await close();
  });

  test('an account is closed and opened with one press; only one on which nothing is charged can be deleted', async () => {
    const { page, mock, close } = await browser.open(household(), { path });
    mock.answer('accounts.set', () => account('Mum'));
    mock.fail('accounts.drop', fault('account-in-use', { account: 'The flat below' }));
    await page.getByRole('button', { name: 'Close: Mum' }).click();
    await page.getByRole('button', { name: 'Open again: The flat below' }).click();
    await mock.settled();
    expect(mock.calls('accounts.set')).toEqual([
      { account: 'Mum', closed: true },
      { account: 'The flat below', closed: false },
    ]);
    expect(await page.getByRole('button', { name: 'Delete: Mum' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Delete: The flat below' }).click();
    const dialog = page.getByRole('alertdialog', { name: 'Delete the account The flat below?' });
    await dialog.getByRole('button', { name: 'Delete The flat below' }).click();
    // Something was charged on it in the meantime.
    await dialog.getByText(/Something is still kept on the account/).waitFor();
    mock.answer('accounts.drop', { dropped: true });
    await dialog.getByRole('button', { name: 'Delete The flat below' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(mock.calls('accounts.drop').at(-1)).toEqual({ account: 'The flat below' });
    await close();
  });

  test('striking a host off says how much that gives back, and never offers this computer', async () => {
    const { page, mock, close } = await browser.open(household(), { path });
    mock.answer('accounts.strike', () => account('The kids'));
    const kids = page.getByRole('article', { name: 'The kids' });
    await kids.getByText('If a computer is gone for good').click();
    expect(await kids.getByRole('button', { name: /^Strike off/ }).allInnerTexts()).toEqual([
      'Strike off Ana …',
    ]);
    await kids.getByRole('button', { name: 'Strike off Ana …' }).click();
    const dialog = page.getByRole('alertdialog', { name: 'Strike Ana off the account The kids?' });
    await dialog.getByText(/^82\sGB are charged there\. They are given back/).waitFor();
    await dialog.getByText(/Do it only if Ana’s computer won’t come back/).waitFor();
    await dialog.getByRole('button', { name: 'Strike off Ana' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(mock.calls('accounts.strike')).toEqual([{ account: 'The kids', host: ownerId('Ana') }]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a member sees plan, use and what is left, and as of when while the keeper is away', async () => {
    const { page, mock, close } = await browser.open(household(), { path });
    const family = page.getByRole('listitem', { name: 'Family' });
    await family.getByText(/^12\sGB of 50\sGB in use · 38\sGB left$/).waitFor();
    await family
      .getByText('Counts at: Ben. And on one computer of somebody you don’t know.')
      .waitFor();
    expect(await family.getByText(/^As Mum said/).count()).toBe(0);
    const studio = page.getByRole('listitem', { name: 'Studio' });
    // What was said belongs to the figures, and not to her being away.
    await studio.getByText(/^As Cleo said .*\. Cleo can’t be reached\./).waitFor();
    // A closed one has nothing left, and no room that could come back.
    expect(await studio.getByText(/left|room again/).count()).toBe(0);
    mock.answer('memberships.look', []);
    await page.getByRole('button', { name: 'Ask what is left' }).click();
    await mock.settled();
    expect(mock.calls('memberships.look')).toEqual([{}]);
    await close();
  });

  test('a host decides by a switch whose accounts count, and can name somebody who was not listed', async () => {
    const { page, mock, close } = await browser.open(household(), { path });
    mock.answer('keepers.honour', ({ honoured }) => ({ ...named('Cleo'), honoured }));
    const cleo = page.getByRole('switch', { name: 'Give room to members of Cleo’s accounts' });
    expect(await cleo.isChecked()).toBe(false);
    await cleo.focus();
    await page.keyboard.press('Space');
    await mock.settled();
    await page.getByRole('switch', { name: 'Give room to members of my own accounts' }).waitFor();
    await page.getByText(/^3 changes are still to be told to keepers who were away/).waitFor();
    await page.getByRole('button', { name: /Who else keeps accounts/ }).click();
    await page.getByRole('option', { name: 'Ben' }).click();
    await page.getByRole('button', { name: 'Let them count here' }).click();
    await mock.settled();
    expect(mock.calls('keepers.honour')).toEqual([
      { friend: ownerId('Cleo'), honoured: true },
      { friend: ownerId('Ben'), honoured: true },
    ]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a switch that the core refuses goes back and says why', async () => {
    const { page, mock, close } = await browser.open(household(), { path });
    mock.fail('keepers.honour', fault('friend-unknown', { friend: 'Mum' }));
    const mum = page.getByRole('switch', { name: 'Give room to members of Mum’s accounts' });
    await mum.focus();
    await page.keyboard.press('Space');
    await page.getByRole('alert').waitFor();
    expect(await mum.isChecked()).toBe(true);
    await close();
  });

  test('whoever pressed a button by keyboard has the focus on it again when it is done', async () => {
    const { page, mock, close } = await browser.open(household(), { path });
    const gate = Promise.withResolvers<void>();
    mock.answer('memberships.look', async () => {
      await gate.promise;
      return [];
    });
    const look = page.getByRole('button', { name: 'Ask what is left' });
    await look.focus();
    await page.keyboard.press('Enter');
    const resting = page.locator('button:disabled', { hasText: 'Ask' });
    await resting.waitFor();
    gate.resolve();
    await mock.settled();
    await expect.poll(() => look.evaluate((it) => it === document.activeElement)).toBe(true);
    await close();
  });

  test('in a narrow window no page is out of sight, with every one of them switched on', async () => {
    const { page, mock, close } = await browser.open(household(), { path, width: 320 });
    const lines = page.getByRole('navigation').getByRole('link');
    expect(await lines.count()).toBe(7);
    const hidden = await lines.evaluateAll((all) =>
      all
        .map((each) => ({ name: each.textContent, box: each.getBoundingClientRect() }))
        .filter(({ box }) => box.right > document.body.clientWidth || box.width < 24)
        .map(({ name }) => name),
    );
    expect(hidden).toEqual([]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('with nothing on it, says what to do; without friends, where to find some', async () => {
    const { page, mock, close } = await browser.open(fresh([]), { path });
    await page.getByText('No accounts yet').waitFor();
    await page.getByText(/^You belong to none\./).waitFor();
    await page.getByRole('link', { name: 'Go to Friends' }).waitFor();
    expect(await page.getByRole('button', { name: 'Ask my friends' }).count()).toBe(0);
    await page.getByRole('button', { name: 'New account' }).click();
    await page.getByText(/^Members are friends, and you have none yet/).waitFor();
    expect(mock.complaints).toEqual([]);
    await close();
  });
});
