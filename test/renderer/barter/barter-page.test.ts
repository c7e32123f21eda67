import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fault } from '../../../shared/fault.ts';
import { barter, bartering, movements, order, purse } from '../worlds/barter-worlds.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { friend, NOW_MS, offer, ownerId, snapshot, world } from '../worlds/world-parts.ts';

const at = { path: 'barter' };

async function words(page: Page): Promise<string> {
  const text = await page.locator('main').innerText();
  return text.replaceAll(/\s+/g, ' ');
}

function field(page: Page, name: string) {
  return page.getByRole('textbox', { name });
}

describe.skipIf(!hasChromium)('Barter (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  test('switched off it says in three sentences what it is, and is switched on there', async () => {
    const { page, mock, close } = await browser.open(world({ snapshot: snapshot() }), at);
    await page.getByText('You and your friends swap space by notes').waitFor();
    expect(await page.locator('main p').count()).toBe(3);
    mock.answer('settings.set', ({ barter: isOn = false }) => ({
      ...mock.current().settings,
      barter: isOn,
    }));
    await page.getByRole('switch', { name: 'Barter with friends' }).focus();
    await page.keyboard.press('Space');
    await mock.settled();
    expect(mock.calls('settings.set')).toEqual([{ barter: true }]);
    const settings = { ...mock.current().settings, barter: true };
    await mock.push({ settings, barter: barter() });
    await page.getByRole('heading', { name: 'Standing orders' }).waitFor();
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('no sum of what is held and owed stands anywhere', async () => {
    const { page, close } = await browser.open(bartering(), at);
    const text = await words(page);
    expect(text).toContain('Ana: 20.1 GB-months');
    expect(text).toContain('Notes of yours over 40.2 GB-months are out.');
    expect(text).not.toMatch(/balance|total|score/i);
    await close();
  });

  test('says how good a friend’s notes were, and for how much they are counted', async () => {
    const { page, mock, close } = await browser.open(bartering(), at);
    await page.getByText('Ana honoured them each of the 4 times they were used.').waitFor();
    await page
      .getByText(/^Ben has refused them 2 times, last on 20 Nov 2026\. So .* for 40\s% of a usual/)
      .waitFor();
    await page.getByText('Nothing has been paid with them yet.').waitFor();
    await page.getByRole('button', { name: 'What are they worth? Notes of Ben' }).click();
    mock.answer('barter.set', () => mock.current().barter);
    await page.getByRole('radio', { name: /^as I say/ }).check({ force: true });
    await field(page, 'Percent of a usual note').fill('much');
    await page.getByText('Write a number of percent, such as 80.').waitFor();
    expect(await page.getByRole('button', { name: 'Count them so' }).isDisabled()).toBe(true);
    await field(page, 'Percent of a usual note').fill('62,5 %');
    await page.getByRole('button', { name: 'Count them so' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(mock.calls('barter.set')).toEqual([{ rate: { friend: ownerId('Ben'), rate: 0.625 } }]);
    await close();
  });

  test('a standing order is proposed in GB and days, with what it means beside it', async () => {
    const { page, mock, close } = await browser.open(bartering(), at);
    mock.answer('barter.propose', () => mock.current().barter);
    await page.getByRole('button', { name: 'Propose a standing order …' }).click();
    const send = page.getByRole('button', { name: 'Propose it to Ana' });
    await send.click();
    expect(await page.getByText('Write how much, such as 10 GB.').count()).toBe(2);
    expect(mock.calls('barter.propose')).toEqual([]);
    await field(page, 'You keep').fill('0');
    await field(page, 'Your friend keeps').fill('0');
    await page.getByText('One of you has to keep something.').waitFor();
    await field(page, 'You keep').fill('lots');
    await page.getByText('Write a size with its unit').waitFor();
    await field(page, 'Every so many days').fill('1.5');
    await page.getByText('Write a whole number of days').waitFor();
    await field(page, 'You keep').fill('20');
    await field(page, 'Your friend keeps').fill('10 GB');
    await field(page, 'Every so many days').fill('15');
    await page
      .getByText('Each time 10 GB-months of yours go to Ana, and 5 GB-months of Ana’s come to you.')
      .waitFor();
    await send.click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(mock.calls('barter.propose')).toEqual([
      { friend: ownerId('Ana'), giveUnits: '150', wantUnits: '75', periodDays: 15 },
    ]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('what a friend proposes is answered by keyboard, and the focus stays near', async () => {
    const { page, mock, close } = await browser.open(bartering(), at);
    const card = page.getByRole('article', { name: 'Ben proposes a standing order' });
    await card
      .getByText(/^Every 30 days: 20\.1 GB-months of yours for 4 GB-months of Ben’s/)
      .waitFor();
    await card.getByText('With a yes it takes the place of the one that stands.').waitFor();
    const ben = order(friend('Ben'));
    mock.answer('barter.answer', async () => {
      const next = { ...mock.current().barter, orders: [ben] };
      await mock.push({ barter: next });
      return next;
    });
    await card.getByRole('button', { name: 'Yes to Ben’s standing order' }).focus();
    await page.keyboard.press('Enter');
    await card.waitFor({ state: 'detached' });
    expect(mock.calls('barter.answer')).toEqual([{ order: 'order with Ben', yes: true }]);
    expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY');
    await close();
  });

  test('what a friend proposes waits on Home too, and is counted beside the page', async () => {
    const { page, mock, close } = await browser.open(bartering());
    mock.answer('barter.answer', () => mock.current().barter);
    const card = page.getByRole('article', { name: 'Ben proposes a standing order' });
    // The notice about it, which cannot be answered, is not shown besides.
    const params = { friend: 'Ben', giveBytes: '1', wantBytes: '1', periodS: '2592000' };
    const asks = { id: 'order-asks:1', kind: 'order-asks', level: 'warning', params } as const;
    const notice = { ...asks, atMs: NOW_MS, path: 'barter', dismissed: false };
    await mock.push({ notices: [notice] });
    await card.waitFor();
    const cards = page.getByRole('article').filter({ hasText: 'proposes a standing order' });
    expect(await cards.count()).toBe(1);
    await card.getByRole('button', { name: 'No to Ben’s standing order' }).click();
    await mock.settled();
    expect(mock.calls('barter.answer')).toEqual([{ order: 'order with Ben', yes: false }]);
    await page
      .getByRole('link', { name: /^Barter/ })
      .getByText('1 person waits')
      .waitFor({
        state: 'attached',
      });
    await close();
  });

  test('an order that stands is ended after a question; one that failed says so', async () => {
    const { page, mock, close } = await browser.open(bartering(), at);
    await page.getByText('There is no room for more notes of yours.').waitFor();
    mock.fail('barter.answer', fault('order-unknown'));
    await page.getByRole('button', { name: 'End …: the standing order with Ana' }).click();
    await page.getByText('What you hold of Ana’s and Ana of yours stays good').waitFor();
    await page.getByRole('button', { name: 'End it' }).click();
    await page.getByText('There is no such standing order any more.').waitFor();
    mock.answer('barter.answer', () => mock.current().barter);
    await page.getByRole('button', { name: 'End it' }).click();
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect(mock.calls('barter.answer').at(-1)).toEqual({ order: 'order with Ana', yes: false });
    await page.getByRole('button', { name: 'Take back …: what you proposed to Cleo' }).waitFor();
    await close();
  });

  test('notes are given as a present, no more than can be promised', async () => {
    const { page, mock, close } = await browser.open(bartering(), at);
    mock.fail('barter.give', fault('over-issue', { mayIssueBytes: '3000000000' }));
    await page.getByRole('button', { name: 'Give as a present …' }).click();
    await page.getByRole('dialog').getByText('To whom').waitFor();
    await field(page, 'How much').fill('2 TB');
    await page.getByText(/^At most 60\.3\sGB for 30 days can be promised now\.$/).waitFor();
    await page.getByRole('button', { name: 'Give them to Ana' }).click();
    expect(mock.calls('barter.give')).toEqual([]);
    await field(page, 'How much').fill('5 GB');
    await page.getByText('That is 5 GB-months.').waitFor();
    await page.getByRole('button', { name: 'Give them to Ana' }).click();
    await page
      .getByRole('dialog')
      .getByText(/^That would promise more than there is\. 3\sGB at most/)
      .waitFor();
    expect(await field(page, 'How much').getAttribute('aria-invalid')).toBe('true');
    expect(mock.calls('barter.give')).toEqual([{ friend: ownerId('Ana'), units: '75' }]);
    await close();
  });

  test('notes of one friend go on to another, never to whoever issued them', async () => {
    const { page, mock, close } = await browser.open(bartering(), at);
    mock.answer('barter.send', () => mock.current().barter);
    await page.getByRole('button', { name: 'Send on …: notes of Ana' }).click();
    await page.locator('[role=dialog] .select-button').click();
    expect(await page.getByRole('option').allInnerTexts()).toEqual(['Ben', 'Cleo', 'Dev']);
    await page.getByRole('option', { name: 'Cleo' }).click();
    await field(page, 'How much').fill('40 GB');
    await page.getByText(/^You hold no more than 16\.1\sGB for 30 days\.$/).waitFor();
    await field(page, 'How much').fill('5 GB');
    await field(page, 'For how many days').fill('60');
    await page.getByRole('button', { name: 'Send them to Cleo' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(mock.calls('barter.send')).toEqual([
      { friend: ownerId('Cleo'), issuer: ownerId('Ana'), units: '150' },
    ]);
    await close();
  });

  test('what is on its way to a friend is not sent a second time', async () => {
    const { page, mock, close } = await browser.open(bartering(), at);
    mock.fail('barter.send', fault('notes-on-their-way', { friend: 'Ben' }));
    await page.getByRole('button', { name: 'Send on …: notes of Ana' }).click();
    await field(page, 'How much').fill('5 GB');
    await page.getByRole('button', { name: 'Send them to Ben' }).click();
    await page.getByText(/^Ben has not taken them yet\. They are set aside/).waitFor();
    // Nothing has failed, and nothing looks as if it had.
    expect(await page.getByRole('dialog').getByRole('alert').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Send them to Ben' }).isDisabled()).toBe(true);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(mock.calls('barter.send')).toHaveLength(1);
    await close();
  });

  test('where the answer was lost, whoever would send again is told to look first', async () => {
    const { page, mock, close } = await browser.open(bartering(), at);
    await page.getByRole('button', { name: 'Send on …: notes of Ana' }).click();
    await field(page, 'How much').fill('5 GB');
    await mock.lost();
    await page.getByRole('button', { name: 'Send them to Ben' }).click();
    await page.getByText(/^No answer came, so they may be on their way all the same/).waitFor();
    // That is all that is said of it.
    expect(await page.getByRole('dialog').getByRole('alert').allInnerTexts()).toEqual([
      expect.stringMatching(/^No answer came/),
    ]);
    expect(await field(page, 'How much').inputValue()).toBe('5 GB');
    await close();
  });

  test('the translator keeps its limits as they were unless they are typed anew', async () => {
    const { page, mock, close } = await browser.open(bartering(), at);
    mock.answer('barter.set', () => mock.current().barter);
    expect(await field(page, 'Keep at most').inputValue()).toBe('30.1 GB');
    await field(page, 'Want at most').fill('50');
    await page.getByRole('button', { name: 'Set these limits' }).click();
    await mock.settled();
    await page.getByRole('switch', { name: /^Propose standing orders/ }).focus();
    await page.keyboard.press('Space');
    await mock.settled();
    expect(mock.calls('barter.set')).toEqual([
      { translator: { on: true, mostGiveUnits: '450', mostWantUnits: '746' } },
      { translator: { on: false, mostGiveUnits: '450', mostWantUnits: '746' } },
    ]);
    await field(page, 'Want at most').fill('much');
    await page.getByText('Write a size with its unit').waitFor();
    expect(await page.getByRole('button', { name: 'Set these limits' }).isDisabled()).toBe(true);
    await close();
  });

  test('amounts are shown in a measure of one’s own once it has a name and a worth', async () => {
    const { page, mock, close } = await browser.open(bartering(), at);
    mock.answer('barter.set', async ({ currency }) => {
      const next = { ...mock.current().barter, ...(currency === undefined ? {} : { currency }) };
      await mock.push({ barter: next });
      return next;
    });
    await page.getByRole('radio', { name: 'a measure of my own' }).check({ force: true });
    await page.getByText('Give it a name.').waitFor();
    await field(page, 'Its name').fill('Taler');
    await field(page, 'So many for 1 GB-month').fill('0');
    await page.getByText('Write a number above 0').waitFor();
    await field(page, 'So many for 1 GB-month').fill('2,5');
    await page.getByRole('button', { name: 'Show them so' }).click();
    await page.getByText('Notes of yours over 100 Taler are out.').waitFor();
    expect(mock.calls('barter.set')).toEqual([{ currency: { name: 'Taler', perGbMonth: 2.5 } }]);
    await close();
  });

  test('the log is read page by page, and what is new stands on top without losing the rest', async () => {
    const ana = friend('Ana');
    const settings = { ...snapshot().settings, barter: true };
    const notes = movements(ana, 45);
    const { page, mock, close } = await browser.open(
      world({
        snapshot: snapshot({
          settings,
          offer: offer(),
          friends: [ana],
          barter: barter({ wallet: [purse(ana)] }),
        }),
        notes: notes.slice(1),
      }),
      at,
    );
    const lines = page.locator('.barter-log li');
    const more = page.getByRole('button', { name: 'Show older ones' });
    expect(await lines.count()).toBe(20);
    await more.click();
    await mock.settled();
    expect(await lines.count()).toBe(40);
    mock.answer('barter.log', ({ before = Infinity, limit = 50 }) =>
      notes.filter(({ number }) => number < before).slice(0, limit),
    );
    await mock.push({ barter: barter() });
    await mock.settled();
    expect(await lines.count()).toBe(41);
    await more.click();
    await mock.settled();
    expect(await lines.count()).toBe(45);
    expect(await more.count()).toBe(0);
    expect(mock.complaints).toEqual([]);
    await close();
  });
});
