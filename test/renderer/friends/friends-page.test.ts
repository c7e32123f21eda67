import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fault } from '../../../shared/fault.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { neighbours, partings } from '../worlds/near-worlds.ts';
import {
  friend,
  gb,
  nearby,
  NOW_MS,
  offer,
  ownerId,
  pairing,
  snapshot,
  status,
  world,
} from '../worlds/world-parts.ts';

describe.skipIf(!hasChromium)(
  'friends, nearby and pairing (skipped where Chromium is not installed)',
  () => {
    let browser: MockedBrowser;
    beforeAll(async () => {
      browser = await startMockedBrowser();
    });
    afterAll(() => browser.close());

    test('somebody near is called by one press, and the digits appear', async () => {
      const ida = nearby('Ida');
      const { page, mock, close } = await browser.open(
        world({ snapshot: snapshot({ nearby: [ida] }) }),
        { path: 'friends' },
      );
      mock.answer('pairings.start', async () => {
        const begun = pairing('Ida', { began: 'here' });
        await mock.push({ pairings: [begun] });
        return begun;
      });
      await page.getByRole('button', { name: 'Add Ida' }).click();
      await page.getByText('402 913').waitFor();
      expect(mock.calls('pairings.start')).toEqual([{ nearby: ida.id }]);
      await page.getByText('being compared').waitFor();
      // Screen readers say the digits one by one.
      await page.getByText('The digits on this screen: 4, 0, 2, 9, 1, 3').waitFor();
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('why somebody near can’t be called is said at his line', async () => {
      const { page, mock, close } = await browser.open(
        world({ snapshot: snapshot({ nearby: [nearby('Ida')] }) }),
        { path: 'friends' },
      );
      mock.fail('pairings.start', fault('nearby-unknown'));
      await page.getByRole('button', { name: 'Add Ida' }).click();
      await page
        .getByRole('alert')
        .getByText(/isn.t near any more/)
        .waitFor();
      await close();
    });

    test('twenty of those near are shown, the others on demand', async () => {
      const { page, close } = await browser.open(neighbours(), { path: 'friends' });
      const lines = page.getByRole('list', { name: 'Nearby' }).getByRole('listitem');
      expect(await lines.count()).toBe(20);
      await page.getByRole('button', { name: 'Show 8 more' }).click();
      expect(await lines.count()).toBe(28);
      await close();
    });

    test.each([
      ['The same', 'They are the same', 'pairings.confirm', { id: 'p', code: '402913' }],
      ['They differ', 'They differ', 'pairings.reject', { id: 'p', why: 'differ' }],
      ['Not now', 'Not now: Ida', 'pairings.reject', { id: 'p', why: 'declined' }],
    ] as const)('%s: is told as what it is', async (_name, button, channel, args) => {
      const { page, mock, close } = await browser.open(
        world({ snapshot: snapshot({ pairings: [pairing('Ida', { id: 'p' })] }) }),
        { path: 'friends' },
      );
      mock.answer(channel, () => pairing('Ida', { id: 'p' }));
      await page.getByRole('button', { name: button }).click();
      await mock.settled();
      expect(mock.calls(channel)).toEqual([args]);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('digits that differ are explained, and tried again at the same address', async () => {
      const no = { by: 'there', why: 'differ' } as const;
      const over = pairing('Ida', { id: 'p', state: 'rejected', no });
      const { page, mock, close } = await browser.open(
        world({ snapshot: snapshot({ pairings: [over] }) }),
        { path: 'friends' },
      );
      const card = page.getByRole('article', { name: 'Ida said that the digits differ' });
      await card.getByText('Nothing was shared').waitFor();
      mock.answer('pairings.start', () => pairing('Ida'));
      await card.getByRole('button', { name: 'Try again with Ida' }).click();
      await card.waitFor({ state: 'detached' });
      expect(mock.calls('pairings.start')).toEqual([{ address: over.address }]);
      await close();
    });

    test('how a pairing ended is put away for good', async () => {
      const { page, mock, close } = await browser.open(neighbours(), { path: 'friends' });
      const button = page.getByRole('button', { name: 'Put away: the pairing with Hanna' });
      await button.click();
      await button.waitFor({ state: 'detached' });
      await mock.go('home');
      await mock.go('friends');
      expect(await button.count()).toBe(0);
      await close();
    });

    test('after a pairing both questions are asked, one after the other', async () => {
      const ana = friend('Ana', { promisedBytes: '0', writtenBytes: '0' });
      const paired = pairing('Ana', { id: 'q', state: 'paired', owner: ana.owner });
      const { page, mock, close } = await browser.open(
        world({ snapshot: snapshot({ offer: offer(), friends: [ana], pairings: [paired] }) }),
        { path: 'friends' },
      );
      const card = page.getByRole('article', { name: 'You and Ana are friends now' });
      await card.getByText('Ana’s share would be').waitFor();
      const policy = { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 } as const] };
      mock.answer('policy.set', () => ({ policy, own: true }));
      await card.getByRole('button', { name: 'Set Ana’s share' }).click();
      await card.getByText('Ask Ana to keep yours?').waitFor();
      expect(mock.calls('policy.set')).toEqual([{ friend: ana.owner, policy }]);
      await card.getByText('Ana has not said yet').waitFor();
      const there = {
        shareBytes: gb(50),
        useBytes: '0',
        mayAskBytes: gb(50),
        lentBytes: '0',
        mayBorrowBytes: '0',
        asOfMs: NOW_MS,
      };
      await mock.push({ friends: [{ ...ana, there }] });
      await card.getByText(/You may keep up to 50\sGB/).waitFor();
      await card.getByRole('button', { name: 'Choose folders …' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('checkbox', { name: 'Ana', checked: true }).waitFor();
      await page.keyboard.press('Escape');
      await card.getByRole('button', { name: 'Not now' }).click();
      await card.waitFor({ state: 'detached' });
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('whoever shares nothing yet is sent to offer space first', async () => {
      const ana = friend('Ana');
      const paired = pairing('Ana', { id: 'r', state: 'paired', owner: ana.owner });
      const { page, close } = await browser.open(
        world({ snapshot: snapshot({ friends: [ana], pairings: [paired] }) }),
        { path: 'friends' },
      );
      await page.getByRole('button', { name: 'Offer space' }).click();
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Decide later' }).click();
      await page.getByText('Ask Ana to keep yours?').waitFor();
      await close();
    });

    test('nobody can call before it is wanted, and one press changes that', async () => {
      const { page, mock, close } = await browser.open(
        world({ snapshot: snapshot({ status: status({ port: null }) }) }),
        { path: 'friends' },
      );
      mock.answer('listening.begin', () => ({ port: 24_816 }));
      await page.getByRole('button', { name: 'Let friends call' }).click();
      await mock.push({ status: status() });
      await page.getByText('Friends reach this device at').waitFor();
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('somebody who is gone is in no list and has no page', async () => {
      const { page, mock, close } = await browser.open(partings(), { path: 'friends' });
      expect(await page.getByRole('link', { name: 'Hanna' }).count()).toBe(0);
      await mock.go(`friends/${ownerId('Hanna')}`);
      await page.getByRole('heading', { name: 'Nobody by that name' }).waitFor();
      await close();
    });
  },
);
