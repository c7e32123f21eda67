import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fault } from '../../../shared/fault.ts';
import { lending } from '../worlds/lending-worlds.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import {
  DAY_S,
  friend,
  gb,
  hosted,
  mine,
  NOW_MS,
  ownerId,
  request,
  snapshot,
  wish,
  world,
} from '../worlds/world-parts.ts';

const at = (name: string) => ({ path: `friends/${ownerId(name)}` });

/** Everything that can be seen or heard, in one line. */
async function words(page: Page): Promise<string> {
  const text = await page.locator('body').innerText();
  return text.replaceAll(/\s+/g, ' ');
}

describe.skipIf(!hasChromium)('loans and waiting (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  test('a friend’s request is answered on Home by keyboard, and the answer can be taken back', async () => {
    const ana = friend('Ana');
    const asked = request(ana, { purpose: 'films' });
    const { page, mock, close } = await browser.open(
      world({ snapshot: snapshot({ friends: [ana], requests: [asked] }) }),
    );
    mock.answer('requests.answer', { answered: true });
    const card = page.getByRole('article', { name: /^Ana asks for 20\sGB for 30 days$/ });
    await card.getByText('films').waitFor();
    await card.getByText(/hears of it when Ana’s computer asks again, within a minute/).waitFor();
    await card.getByRole('button', { name: /^Yes: 20\sGB for Ana$/ }).focus();
    await page.keyboard.press('Enter');
    await card.getByText('You said yes.').waitFor();
    await card.getByRole('button', { name: /^No after all: 20\sGB for Ana$/ }).click();
    await card.getByText('You said no.').waitFor();
    const { ticket } = asked;
    expect(mock.calls('requests.answer')).toEqual([
      { ticket, yes: true },
      { ticket, yes: false },
    ]);
    await mock.push({ requests: [] });
    await card.waitFor({ state: 'detached' });
    expect(await page.getByRole('heading', { name: 'Needs you' }).count()).toBe(0);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a request for which a loan will do says so, and any other does not', async () => {
    const [ana, ben] = [friend('Ana'), friend('Ben')];
    const { page, close } = await browser.open(
      world({
        snapshot: snapshot({
          friends: [ana, ben],
          requests: [request(ana, { loan: true }), request(ben)],
        }),
      }),
    );
    const card = (name: string) => page.getByRole('article', { name: new RegExp(`^${name} asks`) });
    await card('Ana')
      .getByText(/^A loan will do: for a week/)
      .waitFor();
    expect(await card('Ben').getByText(/loan/).count()).toBe(0);
    await close();
  });

  test('a request that waits no longer says so, and the notice about it is not shown besides', async () => {
    const ana = friend('Ana');
    const { page, mock, close } = await browser.open(
      world({
        snapshot: snapshot({
          friends: [ana],
          requests: [request(ana)],
          notices: [
            {
              id: 'friend-asks-1',
              kind: 'friend-asks',
              level: 'warning',
              atMs: NOW_MS,
              params: { friend: 'Ana', requestedBytes: gb(20), requestedS: `${30 * DAY_S}` },
              path: `friends/${ana.owner}`,
              dismissed: false,
            },
          ],
        }),
      }),
    );
    expect(await page.getByRole('article').count()).toBe(1);
    mock.fail('requests.answer', fault('request-unknown'));
    await page.getByRole('button', { name: /^No:/ }).click();
    await page.getByText(/That request waits no longer/).waitFor();
    await close();
  });

  test('the friend’s page has his requests and his place in line; Home has everybody’s', async () => {
    const { page, mock, close } = await browser.open(lending(), at('Ana'));
    expect(await page.getByRole('article', { name: /asks for/ }).count()).toBe(1);
    await page
      .getByText(/^Ana waits for 2\sGB out of a share of their own\. They come free as soon/)
      .waitFor();
    // Her own loan is none that comes back for her.
    await page
      .getByText(
        /^8\sGB were lent to Ben; the time is over.* 10\sGB are lent to Ben until 30 Nov 2026/,
      )
      .waitFor();
    expect(await words(page)).not.toContain('are lent to Ana');
    await mock.go('home');
    await page.getByText(/^Cleo waits for 30\sGB .* by 3 Dec 2026 at the latest/).waitFor();
    await page.getByText(/12\sGB are lent to Ana until 1 Dec 2026/).waitFor();
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('says what of a friend’s space here is lent, and until when', async () => {
    const { page, mock, close } = await browser.open(lending(), at('Ana'));
    await page
      .getByText(/^12\sGB of this are lent, until 1 Dec 2026, in a plot of their own\.$/)
      .waitFor();
    await mock.go(at('Ben').path);
    await page
      .getByText(
        /^10\sGB of this are lent, until 30 Nov 2026, .* 8\sGB of this were lent\. The time is over/,
      )
      .waitFor();
    // What is lent takes nothing of his share: 98 of 100 GB are his.
    expect(await words(page)).not.toContain('holds 116 GB already');
    await mock.go('home');
    await page.getByText(/^98 of 100\sGB$/).waitFor();
    await page.getByText(/^18\sGB lent besides$/).waitFor();
    await close();
  });

  test('says what is lent to me, and that it may have to go, without a word of others', async () => {
    const { page, close } = await browser.open(lending(), at('Ana'));
    await page
      .getByText(
        /^Your share is 50\sGB, all in use\. 12\sGB more are lent to you, in a plot of their own, until 1 Dec 2026\. 30\sGB more would be lent to you\.$/,
      )
      .waitFor();
    await page.getByText(/^Lent until 1 Dec 2026, and renewed only as long as nobody/).waitFor();
    await close();
  });

  test('a loan at a friend whose list has not been read yet has no date', async () => {
    const there = {
      shareBytes: null,
      useBytes: gb(12),
      mayAskBytes: gb(1),
      lentBytes: gb(12),
      mayBorrowBytes: '0',
      asOfMs: NOW_MS,
    };
    const ana = friend('Ana', {}, { there });
    const { page, mock, close } = await browser.open(
      world({ snapshot: snapshot({ friends: [ana] }) }),
      at('Ana'),
    );
    await page.getByText(/^12\sGB more are lent to you\.$/).waitFor();
    await mock.push({ mine: [mine(ana, { class: 'borrowed', state: 'grace', leftS: -60 })] });
    await page.getByText(/^12\sGB more were lent to you\. The time is over/).waitFor();
    await page.getByText(/it may go at any moment\. Back up elsewhere/).waitFor();
    await close();
  });

  test('a wish says what it waits for, and is withdrawn', async () => {
    const ana = friend('Ana');
    const inLine = wish(ana, { why: 'queue', set: 'Films' });
    const { page, mock, close } = await browser.open(
      world({ snapshot: snapshot({ friends: [ana], wishes: [inLine] }) }),
      { path: 'backups' },
    );
    await page.getByText(/^You wait at Ana’s for 20\sGB: .* by 4 Dec 2026 at the latest/).waitFor();
    await page.getByText(/for “Films” · since/).waitFor();
    mock.answer('wishes.withdraw', { withdrawn: true });
    await page.getByRole('button', { name: /^Withdraw: 20\sGB at Ana’s$/ }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText(/Your place in line goes to whoever comes next/).waitFor();
    await dialog.getByRole('button', { name: 'Withdraw' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(mock.calls('wishes.withdraw')).toEqual([{ ticket: inLine.ticket }]);
    await mock.push({ wishes: [] });
    await page.getByRole('heading', { name: 'What you wait for' }).waitFor({ state: 'detached' });
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a copy that is lent says so at its backup, and what waits is no failure', async () => {
    const { page, mock, close } = await browser.open(lending(), { path: 'backups' });
    const films = page.getByRole('listitem', { name: 'Films' });
    await films.getByText('The copy at Ana’s is lent until 1 Dec 2026').waitFor();
    await films.getByText('The copy at Ben’s was lent; the time is over').waitFor();
    const music = page.getByRole('listitem', { name: 'Music' });
    await music.getByText('waits', { exact: true }).waitFor();
    const said = music.getByText(/Dev hasn’t said yes or no yet/);
    expect(await said.getAttribute('class')).toBe('quiet');
    await mock.go('home');
    // The head says it too, and neither as something that went wrong.
    const texts = await page.getByText(/Dev hasn’t said yes or no yet/).all();
    expect(texts).toHaveLength(2);
    for (const each of texts) expect(await each.getAttribute('class')).not.toMatch(/fault/);
    await close();
  });

  test('what pends in the log is told, filtered and explained', async () => {
    const { page, mock, close } = await browser.open(lending(), { path: 'activity' });
    const entry = page.getByRole('article', {
      name: /^Ana asked for 20\sGB for 30 days, and waits/,
    });
    await entry.getByText('waits', { exact: true }).waitFor();
    await entry.getByText('Why?').click();
    await entry.getByText('the owner’s own word: wants to wait').waitFor();
    await page.getByRole('button', { name: /Outcome/ }).click();
    await page.getByRole('option', { name: 'waits' }).click();
    await mock.settled();
    expect(mock.calls('decisions.list').at(-1)).toMatchObject({ outcomes: ['pending'] });
    expect(await page.getByRole('article').count()).toBe(2);
    await close();
  });

  test('without a core to answer, what was pressed says so and nothing is lost', async () => {
    const ana = friend('Ana');
    const { page, mock, close } = await browser.open(
      world({
        snapshot: snapshot({ friends: [ana], hosted: [hosted(ana)], requests: [request(ana)] }),
      }),
    );
    await mock.lost();
    await page.getByRole('button', { name: /^Yes:/ }).click();
    const alert = page.getByRole('article').getByRole('alert');
    // It may have been done all the same; and nobody at a window is sent to a command line.
    await alert.getByText('this may have been done, or not').waitFor();
    expect(await alert.innerText()).not.toContain('serve');
    expect(await page.getByRole('button', { name: /^Yes:/ }).isEnabled()).toBe(true);
    await close();
  });
});
