import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fault } from '../../../shared/fault.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { garden } from '../worlds/garden.ts';
import { homeNetwork, NOW_MS } from '../worlds/world-parts.ts';

describe.skipIf(!hasChromium)(
  'the page of troubles (skipped where Chromium is not installed)',
  () => {
    let browser: MockedBrowser;
    beforeAll(async () => {
      browser = await startMockedBrowser();
    });
    afterAll(() => browser.close());

    test('lists what was looked at, each with its state in words', async () => {
      const { page, mock, close } = await browser.open(garden(), { path: 'troubles' });
      const lines = page.getByRole('list', { name: 'What was looked at' }).getByRole('listitem');
      const first = lines.first();
      expect(await first.textContent()).toMatch(
        /^Ana does not get through to this device\.in the way/,
      );
      expect(await lines.last().textContent()).toBe('What this device announces gets out.fine');
      expect(await page.getByText('3 things need a look.').count()).toBe(1);
      await first.getByText('sudo ufw allow 24816/tcp').waitFor();
      expect(await page.getByRole('link', { name: 'Open Settings' }).getAttribute('href')).toBe(
        '#/settings',
      );
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('names what helps on the system it runs on', async () => {
      const world = garden();
      const { status } = world.snapshot;
      const mac = { ...status, shell: { ...status.shell, platform: 'macos' as const } };
      const { page, close } = await browser.open(
        { ...world, snapshot: { ...world.snapshot, status: mac } },
        { path: 'troubles' },
      );
      await page.getByText('System Settings › Network › Firewall › Options').waitFor();
      expect(await page.getByText('sudo').count()).toBe(0);
      await close();
    });

    test('looks again when asked, and by itself when the networks are others', async () => {
      const { page, mock, close } = await browser.open(garden(), { path: 'troubles' });
      const before = mock.calls('troubles.look').length;
      await page.getByRole('button', { name: 'Look again' }).click();
      await mock.settled();
      expect(mock.calls('troubles.look')).toHaveLength(before + 1);
      mock.answer('troubles.look', {
        troubles: [{ id: 'listening', state: 'good', params: { port: '24816' } }],
        asOfMs: NOW_MS,
      });
      await mock.push({ networks: { networks: [homeNetwork({ home: false })], announces: false } });
      await page.getByText('Nothing on this computer is in the way.').waitFor();
      expect(mock.complaints).toEqual([]);
      await close();
    });

    test('calls an address and says what is there', async () => {
      const { page, mock, close } = await browser.open(garden(), { path: 'troubles' });
      await page.getByLabel('Their address').fill(' 192.168.1.77:24816 ');
      await page.getByRole('button', { name: 'Try it' }).click();
      await page.getByText('Nothing answers at 192.168.1.77:24816, though it').waitFor();
      expect(mock.calls('troubles.look').at(-1)).toEqual({ address: '192.168.1.77:24816' });
      mock.fail('troubles.look', fault('bad-address', { address: 'nas' }));
      await page.getByLabel('Their address').fill('nas');
      await page.getByRole('button', { name: 'Try it' }).click();
      await page.getByText('“nas” is not an address of another device.').waitFor();
      expect(mock.complaints).toEqual([]);
      await close();
    });
  },
);
