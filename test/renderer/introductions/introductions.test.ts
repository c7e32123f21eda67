import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fault } from '../../../shared/fault.ts';
import { guest, heldVoucher, household, issued, named } from '../worlds/household-worlds.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { axeFindings, cutText, resize, sideways } from '../page-checks.ts';
import { DAY_S, friend, gb, NOW_MS, ownerId, snapshot, world } from '../worlds/world-parts.ts';

const at = (name: string) => ({ path: `friends/${ownerId(name)}` });
const TEXT = 'a'.repeat(900);
const there = {
  shareBytes: gb(50),
  useBytes: gb(12),
  mayAskBytes: gb(38),
  lentBytes: '0',
  mayBorrowBytes: '0',
  asOfMs: NOW_MS,
};

function two() {
  return world({ snapshot: snapshot({ friends: [friend('Ana', {}, { there }), friend('Ben')] }) });
}

/** Neither the browser's own way to copy works, as under the desktop shell. */
async function refuseClipboard(page: Page): Promise<void> {
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true });
  });
}

/** What comes after an answer is looked at here, because no table of dialogs leads there. */
async function soundness(page: Page): Promise<readonly string[]> {
  const wrong = [...(await axeFindings(page, 'answered'))];
  for (const width of [900, 450]) {
    await resize(page, width, width === 900 ? 600 : 300);
    wrong.push(...(await sideways(page, `${width}`)), ...(await cutText(page, `${width}`)));
  }
  await resize(page, 1200, 800);
  return wrong;
}

/** What would be pasted now. */
async function copied(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const heard = Promise.withResolvers<string>();
    document.addEventListener(
      'copy',
      () => heard.resolve(document.getSelection()?.toString() ?? ''),
      { once: true },
    );
    const button = [...document.querySelectorAll('button')].find(
      (each) => each.textContent === 'Copy',
    );
    button?.click();
    return heard.promise;
  });
}

describe.skipIf(!hasChromium)('introductions (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  test('somebody is introduced to a friend by keyboard, and the text is shown to be copied', async () => {
    const { page, mock, close } = await browser.open(two(), at('Ana'));
    await refuseClipboard(page);
    const ana = friend('Ana');
    mock.answer('vouchers.issue', ({ bytes }) => ({
      voucher: issued(ana, { newcomer: named('Ben'), bytes }),
      text: TEXT,
    }));
    await page.getByRole('button', { name: 'Introduce somebody …' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Introduce somebody to Ana' });
    await dialog
      .getByText(/^It comes out of your share at Ana’s, of which 38\sGB are left\.$/)
      .waitFor();
    const make = dialog.getByRole('button', { name: 'Make the introduction' });
    expect(await make.isEnabled()).toBe(false);
    await dialog.getByRole('textbox', { name: 'How much' }).fill('40');
    await dialog.getByText(/^That is more than is left of your share there now/).waitFor();
    await dialog.getByRole('textbox', { name: 'How much' }).fill('10');
    await dialog.getByRole('radio', { name: '30 days' }).focus();
    await page.keyboard.press('Space');
    await dialog.getByRole('checkbox', { name: 'May be passed on' }).focus();
    await page.keyboard.press('Space');
    await make.focus();
    await page.keyboard.press('Enter');
    const made = page.getByRole('dialog', { name: 'Give this text to Ben' });
    await made
      .getByText(/^It is good for 10\sGB at Ana’s until 23 Feb 2027, and for Ben only/)
      .waitFor();
    expect(await made.getByRole('textbox', { name: 'The introduction' }).inputValue()).toBe(TEXT);
    expect(await soundness(page)).toEqual([]);
    expect(await copied(page)).toBe(TEXT);
    await made.getByText('Copied', { exact: true }).waitFor();
    await made.getByRole('button', { name: 'Done' }).click();
    await made.waitFor({ state: 'detached' });
    expect(mock.calls('vouchers.issue')).toEqual([
      { host: ana.owner, newcomer: ownerId('Ben'), bytes: gb(10), days: 30, delegable: true },
    ]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('somebody who is no friend is introduced by the id, in groups or not; what is none is told', async () => {
    const world1 = world({ snapshot: snapshot({ friends: [friend('Ana')] }) });
    const { page, mock, close } = await browser.open(world1, at('Ana'));
    mock.answer('vouchers.issue', () => ({
      voucher: issued(friend('Ana'), { newcomer: { owner: ownerId('Nils'), name: '' } }),
      text: TEXT,
    }));
    await page.getByRole('button', { name: 'Introduce somebody …' }).click();
    const id = page.getByRole('textbox', { name: 'Their id' });
    await id.fill(`${ownerId('Nils')}a`);
    await page.getByText('An id has 52 letters and digits. Copy it as a whole.').waitFor();
    await page.getByText(/How large that is, Ana has not said yet/).waitFor();
    await id.fill(
      (
        ownerId('Nils')
          .toUpperCase()
          .match(/.{1,4}/g) ?? []
      ).join(' '),
    );
    await page.getByRole('textbox', { name: 'How much' }).fill('5 GB');
    await page.getByRole('button', { name: 'Make the introduction' }).click();
    await page
      .getByRole('dialog', { name: 'Give this text to somebody without a name yet' })
      .waitFor();
    expect(mock.calls('vouchers.issue')).toMatchObject([
      { newcomer: ownerId('Nils'), bytes: gb(5) },
    ]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('the text that is shown only once is not lost by a click beside it or by Escape', async () => {
    const { page, mock, close } = await browser.open(household(), at('Ana'));
    const [voucher] = household().snapshot.vouchers.issued;
    mock.answer('vouchers.issue', () => ({ voucher: voucher!, text: TEXT }));
    await page.getByRole('button', { name: 'Introduce somebody …' }).click();
    await page.getByRole('textbox', { name: 'How much' }).fill('5 GB');
    await page.getByRole('button', { name: 'Make the introduction' }).click();
    const shown = page.getByRole('dialog', { name: /^Give this text to/ });
    await shown.waitFor();
    await page.mouse.click(5, 5);
    await page.keyboard.press('Escape');
    await mock.settled();
    expect(await shown.getByRole('textbox', { name: 'The introduction' }).inputValue()).toBe(TEXT);
    await shown.getByRole('button', { name: 'Done' }).press('Enter');
    await shown.waitFor({ state: 'detached' });
    await close();
  });

  test('what I vouched for says how much is taken and who knows of its end, and is withdrawn', async () => {
    const { page, mock, close } = await browser.open(household(), at('Ana'));
    const [open] = household().snapshot.vouchers.issued;
    mock.answer('vouchers.withdraw', () => issued(friend('Ana'), { state: 'withdrawn' }));
    const lines = page
      .getByRole('region', { name: 'Whom I introduced to Ana' })
      .getByRole('listitem');
    await lines
      .first()
      .getByText(/^4\sGB of it are taken\.$/)
      .waitFor();
    await lines
      .nth(1)
      .getByText(/Ana’s computer does not know yet; it is told as soon/)
      .waitFor();
    await lines
      .nth(2)
      .getByText(/Nothing new is granted on it\./)
      .waitFor();
    await lines.nth(3).getByText('Nothing of it is taken.').waitFor();
    // Nobody reads an id.
    expect(await page.locator('body').innerText()).not.toContain(ownerId('Somebody').slice(0, 8));
    expect(await page.getByRole('button', { name: /^Withdraw:/ }).count()).toBe(1);
    await page.getByRole('button', { name: /^Withdraw: 10\sGB for Nils$/ }).click();
    const dialog = page.getByRole('alertdialog', {
      name: 'Withdraw the introduction of Nils to Ana?',
    });
    await dialog.getByText(/What stands on it already ends with its lease/).waitFor();
    await dialog.getByRole('button', { name: 'Withdraw it' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(mock.calls('vouchers.withdraw')).toEqual([{ id: open?.id }]);
    await mock.go(at('Ben').path);
    expect(
      await page
        .getByRole('region', { name: /^Whom I introduced/ })
        .getByRole('listitem')
        .count(),
    ).toBe(0);
    await close();
  });

  test('whoever was introduced copies the own id, pastes the text, and hears what came of it', async () => {
    const { page, mock, close } = await browser.open(two(), { path: 'friends' });
    await refuseClipboard(page);
    await page.getByRole('button', { name: 'I was introduced …' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'I was introduced' });
    expect(await copied(page)).toBe(ownerId('Kim'));
    const text = dialog.getByRole('textbox', { name: 'The text that you were given' });
    const take = dialog.getByRole('button', { name: 'Ask for the space' });
    mock.fail('vouchers.take', fault('bad-voucher'));
    await text.fill('half of it');
    await take.click();
    await dialog.getByText(/^That is not a whole introduction\./).waitFor();
    expect(await text.getAttribute('aria-invalid')).toBe('true');
    mock.answer('vouchers.take', {
      type: 'denied',
      reasons: [{ code: 'voucher-expired', ground: 'voucher', params: {} }],
      final: true,
      steps: [],
    });
    await text.fill(` ${TEXT}\n`);
    await take.click();
    await dialog.getByText('No.', { exact: true }).waitFor();
    await dialog.getByText(/^The reason: the introduction has run out\./).waitFor();
    await dialog.getByRole('textbox', { name: 'How much' }).fill('2 GB');
    // Another question has no answer yet.
    expect(await dialog.getByText('No.', { exact: true }).count()).toBe(0);
    mock.answer('vouchers.take', {
      type: 'granted',
      plot: ownerId('plot').slice(0, 26),
      size: gb(2),
      class: 'guaranteed',
      ttl: 30 * DAY_S,
      expiresAt: NOW_MS + 30 * DAY_S * 1000,
      serverTime: NOW_MS,
      grace: 14 * DAY_S,
      renewFrom: 10 * DAY_S,
      share: { useBytes: gb(2), mayAskBytes: '0' },
      steps: [],
      receipt: { payload: '', signature: '' },
    } as never);
    await take.click();
    await dialog.getByText(/^You have 2\sGB for 30 days now\./).waitFor();
    expect(await take.count()).toBe(0);
    expect(await soundness(page)).toEqual([]);
    expect(mock.calls('vouchers.take')).toEqual([
      { text: 'half of it' },
      { text: TEXT },
      { text: TEXT, size: gb(2) },
    ]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('guests stand in a list of their own and can be blocked; where I am a guest is said too', async () => {
    const { page, mock, close } = await browser.open(household(), { path: 'friends' });
    const guests = page.getByRole('region', { name: 'Guests' }).getByRole('listitem');
    await guests.first().getByText('introduced by Ana, out of Ana’s share').waitFor();
    await guests
      .first()
      .getByText(/^4\sGB of 10\sGB written · lease runs for 20 days more$/)
      .waitFor();
    await guests.nth(1).getByText('pays with notes of yours').waitFor();
    mock.answer('friends.block', () => friend('Nils', {}, { blocked: true }));
    mock.answer('friends.unblock', () => friend('Ron'));
    await page.getByRole('button', { name: 'Block Nils' }).click();
    const dialog = page.getByRole('alertdialog', { name: 'Block Nils?' });
    await dialog.getByRole('button', { name: 'Block Nils' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Unblock Ron' }).click();
    const set = { guards: { maxPlots: 1 }, grounds: [{ kind: 'voucher' as const }] };
    mock.answer('policy.get', () => ({ policy: set, own: false }));
    mock.answer('policy.set', ({ policy }) => ({ policy: policy ?? set, own: policy !== null }));
    await page.getByRole('button', { name: 'End with notice: Nils' }).click();
    const ending = page.getByRole('alertdialog', { name: 'End Nils’s plot?' });
    await ending.getByText(/The lease runs for 20 days yet/).waitFor();
    await ending.getByRole('button', { name: 'Renew no more' }).click();
    await ending.waitFor({ state: 'detached' });
    const ended = mock.calls('policy.set').at(-1);
    expect(ended).toMatchObject({
      friend: ownerId('Nils'),
      policy: { ...set, guards: { maxPlots: 1, paused: true, stopRenewing: true } },
    });
    await mock.settled();
    expect(mock.calls('friends.block')).toEqual([{ friend: ownerId('Nils') }]);
    expect(mock.calls('friends.unblock')).toEqual([{ friend: ownerId('Ron') }]);
    const held = page.getByRole('region', { name: 'Where I was introduced' });
    await held
      .getByText(/^20\sGB at Olga’s until 24 Jan 2027$/)
      .first()
      .waitFor();
    await held.getByText('Ana introduced you. You have a plot there.').waitFor();
    await mock.go('backups');
    await page.getByRole('heading', { level: 3, name: 'Olga' }).waitFor();
    // There is a page of a friend, and none of somebody whose guest I am.
    expect(await page.getByRole('link', { name: 'Ana', exact: true }).count()).toBe(1);
    expect(await page.getByRole('link', { name: 'Olga' }).count()).toBe(0);
    await mock.go('friends');
    const { vouchers } = mock.current();
    await mock.push({
      vouchers: { ...vouchers, guests: [guest('Zoe', { ends: true })], held: [heldVoucher()] },
    });
    await page.getByText('ends with the lease').waitFor();
    await page.getByRole('button', { name: 'Let Zoe go on' }).click();
    await mock.settled();
    expect(mock.calls('policy.set').at(-1)).toEqual({ friend: ownerId('Zoe'), policy: null });
    await page.getByRole('button', { name: 'Block Zoe' }).waitFor();
    await mock.push({ vouchers: { ...vouchers, guests: [], held: [] } });
    await page.getByRole('heading', { name: 'Guests' }).waitFor({ state: 'detached' });
    expect(await page.getByRole('heading', { name: 'Where I was introduced' }).count()).toBe(0);
    expect(mock.complaints).toEqual([]);
    await close();
  });
});
