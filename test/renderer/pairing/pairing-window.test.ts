import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import {
  device,
  friend,
  MINUTE_MS,
  nearby,
  NOW_MS,
  offer,
  pairing,
  snapshot,
  world,
} from '../worlds/world-parts.ts';

/** What the hands and eyes of somebody do while a pairing goes on: focus, dialogs, other pages, small windows. */
describe.skipIf(!hasChromium)('pairing in use (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  const focused = (page: Page) =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? 'nothing');
  const isInSight = (page: Page, text: string) =>
    page.getByText(text).evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    });

  test('the keyboard stays at the card when what was pressed goes away, and then in the page', async () => {
    const ida = pairing('Ida', { id: 'p', began: 'here' });
    const { page, mock, close } = await browser.open(
      world({ snapshot: snapshot({ pairings: [ida] }) }),
      { path: 'friends' },
    );
    mock.answer('pairings.confirm', async () => {
      const said = { ...ida, state: 'confirmed-here' } as const;
      await mock.push({ pairings: [said] });
      return said;
    });
    await page.getByRole('button', { name: 'They are the same' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Ida hasn’t said yet').waitFor();
    await mock.settled();
    expect(await focused(page)).toBe('Compare with Ida');
    const no = { by: 'there', why: 'declined' } as const;
    await mock.push({ pairings: [{ ...ida, state: 'rejected', no }] });
    await page.getByRole('button', { name: 'Put away: the pairing with Ida' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Ida said “not now”').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
    await close();
  });

  test('whoever goes elsewhere with the mouse is not called back', async () => {
    const ida = pairing('Ida', { id: 'p' });
    const { page, mock, close } = await browser.open(
      world({ snapshot: snapshot({ pairings: [ida] }) }),
      { path: 'friends' },
    );
    await page.getByRole('button', { name: 'Not now: Ida' }).focus();
    await page.getByRole('heading', { level: 1 }).click();
    await mock.push({ pairings: [{ ...ida, leftS: 12 }] });
    expect(await focused(page)).not.toContain('Ida');
    await close();
  });

  test('the next question is in sight in a small window', async () => {
    const ana = friend('Ana');
    const paired = pairing('Ana', { id: 'q', state: 'paired', owner: ana.owner });
    const { page, mock, close } = await browser.open(
      world({ snapshot: snapshot({ offer: offer(), friends: [ana], pairings: [paired] }) }),
      { path: 'friends', width: 450, height: 300 },
    );
    const policy = { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 } as const] };
    mock.answer('policy.set', () => ({ policy, own: true }));
    await page.getByRole('button', { name: 'Set Ana’s share' }).click();
    await page.getByText('Ask Ana to keep yours?').waitFor();
    await mock.settled();
    expect(await isInSight(page, 'Ask Ana to keep yours?')).toBe(true);
    await close();
  });

  test('whoever calls from a dialog finds the digits in sight behind it', async () => {
    const { page, mock, close } = await browser.open(world({ snapshot: snapshot({}) }), {
      path: 'friends',
      width: 900,
      height: 600,
    });
    mock.answer('pairings.start', async () => {
      const begun = pairing('Ida', { began: 'here' });
      await mock.push({ pairings: [begun] });
      return begun;
    });
    await page.getByRole('button', { name: 'Add by address' }).click();
    await page.getByLabel('Address of the other device').fill('192.168.1.31:24816');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByText('402 913').waitFor();
    await page.waitForFunction(
      () => document.activeElement?.getAttribute('aria-label') === 'Compare with Ida',
    );
    expect(await isInSight(page, '402 913')).toBe(true);
    await close();
  });

  test('a call that comes while a dialog is open is answered in it', async () => {
    const { page, mock, close } = await browser.open(
      world({ snapshot: snapshot({ nearby: [nearby('Ida')] }) }),
      { path: 'friends', width: 450, height: 300 },
    );
    await page.getByRole('button', { name: 'Add a friend' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Add Ida' }).waitFor();
    const ida = pairing('Ida', { id: 'p' });
    await mock.push({ pairings: [ida] });
    await dialog.getByText('402 913').waitFor();
    await mock.settled();
    const title = dialog.getByText('Ida wants to be your friend');
    const { y = -1 } = (await title.boundingBox()) ?? {};
    expect(y > 0 && y < 300).toBe(true);
    mock.answer('pairings.confirm', () => pairing('Ida', { state: 'confirmed-here' }));
    await dialog.getByRole('button', { name: 'They are the same' }).click();
    expect(mock.calls('pairings.confirm')).toEqual([{ id: 'p', code: '402913' }]);
    const friends = [friend('Ida')];
    const owner = friends[0]?.owner ?? null;
    await mock.push({ friends, pairings: [{ ...ida, state: 'paired', owner }] });
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('How much space for Ida?').waitFor();
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a call that comes by itself can’t be said yes to in the moment it appears', async () => {
    const { page, mock, close } = await browser.open(world({ snapshot: snapshot({}) }), {
      path: 'friends',
    });
    // As it is in the very moment it is put there, however long anything takes.
    await page.evaluate(() => {
      new MutationObserver(() => {
        const [button] = [...document.querySelectorAll('article button')];
        if (button !== undefined)
          document.body.dataset['first'] ??= button.hasAttribute('disabled') ? 'shut' : 'open';
      }).observe(document.body, { childList: true, subtree: true });
    });
    await mock.push({ pairings: [pairing('Ida')] });
    await page.getByText('402 913').waitFor();
    expect(await page.evaluate(() => document.body.dataset['first'])).toBe('shut');
    mock.answer('pairings.confirm', () => pairing('Ida', { state: 'confirmed-here' }));
    await page.getByRole('button', { name: 'They are the same' }).click();
    await close();
  });

  test('who calls is told on every other page, with a way to the digits', async () => {
    const { page, mock, close } = await browser.open(world({ snapshot: snapshot({}) }), {
      path: 'settings',
    });
    await mock.push({ pairings: [pairing('Ida', { digits: null })] });
    expect(await page.getByRole('link', { name: 'Compare the digits' }).count()).toBe(0);
    await mock.push({ pairings: [pairing('Ida')] });
    await page.locator('.banner').getByText('Ida wants to be your friend').waitFor();
    await page.getByRole('link', { name: 'Compare the digits' }).click();
    await page.getByText('402 913').waitFor();
    expect(await page.locator('.banner').count()).toBe(0);
    // At home they lie below what is kept, which may be much.
    await mock.go('home');
    await page.getByRole('link', { name: 'Compare the digits' }).click();
    await page.getByRole('heading', { name: 'Friends', level: 1 }).waitFor();
    await close();
  });

  test('whoever is choosing folders is not interrupted when the core has forgotten the pairing', async () => {
    const ana = friend('Ana', { ownPolicy: true });
    const paired = pairing('Ana', { id: 's', state: 'paired', owner: ana.owner });
    const { page, mock, close } = await browser.open(
      world({ snapshot: snapshot({ offer: offer(), friends: [ana], pairings: [paired] }) }),
      { path: 'friends' },
    );
    await page.getByRole('button', { name: 'Choose folders …' }).click();
    const name = page.getByRole('dialog').getByRole('textbox').first();
    await name.fill('Letters');
    await mock.push({ pairings: [pairing('Ida')] });
    await mock.settled();
    expect(await name.inputValue()).toBe('Letters');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Not now', exact: true }).first().click();
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('how one pairing ended is not said beside the next with the same device', async () => {
    const no = { by: 'here', why: 'declined' } as const;
    const over = pairing('Ida', { id: 'over', state: 'rejected', no });
    const { page, mock, close } = await browser.open(
      world({ snapshot: snapshot({ pairings: [over] }) }),
      { path: 'friends' },
    );
    await page.getByText('You ended the pairing with Ida').waitFor();
    await mock.push({ pairings: [over, pairing('Ida')] });
    await page.getByText('402 913').waitFor();
    expect(await page.getByText('You ended the pairing with Ida').count()).toBe(0);
    await close();
  });

  test('a friend’s further device is said to be taken in, once, and asks nothing', async () => {
    const added = device('Ana’s laptop', { isLater: true });
    const ana = friend('Ana', {}, { devices: [device('Ana', { revoked: true }), added] });
    const paired = pairing('Ana’s laptop', { state: 'paired', owner: ana.owner, friend: 'Ana' });
    const { page, mock, close } = await browser.open(
      world({ snapshot: snapshot({ offer: offer(), friends: [ana], pairings: [paired] }) }),
      { path: 'friends' },
    );
    const card = page.getByRole('article', { name: 'Ana’s laptop is now a device of Ana’s' });
    await card.waitFor();
    expect(await page.getByText('How much space for Ana?').count()).toBe(0);
    await card.getByRole('button').click();
    await card.waitFor({ state: 'detached' });
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('in the first steps only the first question is asked, and Home asks the other', async () => {
    const ana = friend('Ana');
    const paired = pairing('Ana', { id: 'r', state: 'paired', owner: ana.owner });
    const first = snapshot({ offer: offer(), friends: [ana], pairings: [paired] });
    const settings = { ...first.settings, welcomed: false };
    const { page, mock, close } = await browser.open(world({ snapshot: { ...first, settings } }));
    for (const button of ['Next', 'Not now'])
      await page.getByRole('button', { name: button, exact: true }).locator('visible=true').click();
    await page.getByText('How much space for Ana?').waitFor();
    await page.getByRole('button', { name: 'Decide later' }).click();
    await page.getByText('How much space for Ana?').waitFor({ state: 'detached' });
    expect(await page.getByText('Ask Ana to keep yours?').count()).toBe(0);
    await mock.push({ settings: first.settings });
    await mock.go('home');
    await page.getByText('Ask Ana to keep yours?').waitFor();
    await close();
  });

  test('how long somebody has been away goes on while nothing else happens', async () => {
    const presence = { state: 'away', address: null, trouble: null } as const;
    const since = { ...presence, sinceMs: NOW_MS - MINUTE_MS / 2 };
    const { page, close } = await browser.open(
      world({ snapshot: snapshot({ friends: [friend('Ana', {}, { presence: since })] }) }),
      {
        path: 'friends',
        isMeasured: true,
        prepare: (_mock, page) => page.clock.install({ time: NOW_MS }),
      },
    );
    await page.getByText('just gone').waitFor();
    await page.clock.runFor(5 * MINUTE_MS);
    await page.getByText('away for 5 minutes').waitFor();
    await close();
  });
});
