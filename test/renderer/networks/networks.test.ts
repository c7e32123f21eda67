import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fault } from '../../../shared/fault.ts';
import type { NetworkView } from '../../../shared/contract/views.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { garden } from '../worlds/garden.ts';
import { homeNetwork, type World } from '../worlds/world-parts.ts';

const wifi = homeNetwork({ id: 'wifi', home: null });
const vpn = homeNetwork({ id: 'vpn', kind: 'vpn', label: '10.8.0.0/24', home: null });
const cable = homeNetwork({ id: 'cable', kind: 'cable', label: '10.0.0.0/24', home: true });
const bridge = homeNetwork({ id: 'bridge', kind: 'virtual', label: '172.17.0.0/16', home: null });

function on(...networks: readonly NetworkView[]): World {
  const { snapshot, ...rest } = garden();
  return { ...rest, snapshot: { ...snapshot, networks: { networks, announces: true } } };
}

describe.skipIf(!hasChromium)('networks (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  describe('the question whether one is home', () => {
    test('is asked on the page of friends, once for each network about which nobody has said', async () => {
      const { page, mock, close } = await browser.open(on(wifi, vpn, cable, bridge), {
        path: 'friends',
      });
      expect(await page.getByRole('button', { name: /^No: / }).count()).toBe(2);
      await page
        .getByRole('region', { name: 'Is this your home network? 192.168.1.0/24 (Wi-Fi)' })
        .waitFor();
      await page
        .getByRole('region', { name: 'May friends find you in this VPN? 10.8.0.0/24 (VPN)' })
        .waitFor();
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('takes a yes and a no, and is quiet afterwards', async () => {
      const { page, mock, close } = await browser.open(on(wifi, vpn), { path: 'friends' });
      mock.answer('networks.set', { networks: [], announces: true });
      await page.getByRole('button', { name: 'Yes, it is home: 192.168.1.0/24 (Wi-Fi)' }).click();
      await page.getByRole('button', { name: 'No: 10.8.0.0/24 (VPN)' }).click();
      await mock.settled();
      expect(mock.calls('networks.set')).toEqual([
        { network: 'wifi', home: true },
        { network: 'vpn', home: false },
      ]);
      const networks = [
        { ...wifi, home: true },
        { ...vpn, home: false },
      ];
      await mock.push({ networks: { networks, announces: true } });
      expect(await page.getByText('Is this your home network?').count()).toBe(0);
      expect(await page.getByText('May friends find you').count()).toBe(0);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('stays, with words, when the answer could not be kept', async () => {
      const { page, mock, close } = await browser.open(on(wifi), { path: 'friends' });
      mock.fail('networks.set', fault('network-unknown'));
      await page.getByRole('button', { name: /^Yes, it is home/ }).click();
      await page.getByText('This device is not on that network now.').waitFor();
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('says so quietly if a network has no router to tell it by', async () => {
      const { page, close } = await browser.open(on({ ...wifi, hasRouter: false }), {
        path: 'friends',
      });
      await page.getByText('It has no router that could be recognised').waitFor();
      await close();
    });
  });

  describe('where friends find me', () => {
    test('each network has a switch, and says what is announced there', async () => {
      const { page, mock, close } = await browser.open(on(cable, vpn), { path: 'settings' });
      mock.answer('networks.set', { networks: [], announces: true });
      expect(await page.getByRole('switch', { name: '10.0.0.0/24 (cable)' }).isChecked()).toBe(
        true,
      );
      await page.getByText('You are seen here.').waitFor();
      await page.getByText('10.8.0.0/24 (VPN)').click();
      await page.getByText('10.0.0.0/24 (cable)').click();
      await mock.settled();
      expect(mock.calls('networks.set')).toEqual([
        { network: 'vpn', home: true },
        { network: 'cable', home: false },
      ]);
      await mock.push({ settings: { ...mock.current().settings, visible: false } });
      await page.getByText('It is home, but you stay invisible.').waitFor();
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('where nobody is looked for, it says so, and nothing of a missing network', async () => {
      const { page, mock, close } = await browser.open(on(), { path: 'settings' });
      const words = page.getByText('Allotment was started so that it looks for nobody');
      await mock.push({
        networks: { networks: [], announces: false, isOff: true },
        nearby: [],
      });
      await words.waitFor();
      await mock.go('friends');
      await words.waitFor();
      expect(await page.getByText('on no network').count()).toBe(0);
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('invisible is what visible is not', async () => {
      const { page, mock, close } = await browser.open(on(cable), { path: 'settings' });
      mock.answer('settings.set', () => ({ ...mock.current().settings, visible: false }));
      await page.getByText('Stay invisible').click();
      await mock.settled();
      expect(mock.calls('settings.set')).toEqual([{ visible: false }]);
      expect(await page.getByRole('switch', { name: 'Stay invisible' }).isChecked()).toBe(true);
      await close();
    });

    test('an address from outside that is none is said at its field and stays to be mended', async () => {
      const { page, mock, close } = await browser.open(on(cable), { path: 'settings' });
      mock.fail('settings.set', fault('bad-address', { address: 'garden' }));
      const field = page.getByLabel('Address from outside');
      await field.fill('garden');
      await field.press('Enter');
      await page.getByText('Write a name or an address, a colon and the port').waitFor();
      expect(await field.inputValue()).toBe('garden');
      mock.answer('settings.set', (change) => ({ ...mock.current().settings, ...change }) as never);
      await field.fill('garden.example.org:24816');
      await field.press('Tab');
      await page.getByText('Saved', { exact: true }).waitFor();
      expect(mock.calls('settings.set').at(-1)).toEqual({
        outsideAddress: 'garden.example.org:24816',
      });
      expect(mock.complaints).toEqual([]);
      await close();
    });
  });
});
