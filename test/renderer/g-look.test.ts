import { expect, test } from 'vitest';
import { startMockedBrowser } from './mock-window.ts';
import { axeFindings, coveredControls, cutText, resize, sideways } from './page-checks.ts';
import { garden } from './garden.ts';
import { homeNetwork } from './world-parts.ts';
test('look', async () => {
  const browser = await startMockedBrowser();
  const wrong: string[] = [];
  for (const language of ['en', 'de'] as const) {
    const g = garden();
    const world = {
      ...g,
      snapshot: {
        ...g.snapshot,
        settings: { ...g.snapshot.settings, language },
        networks: {
          announces: true,
          networks: [
            homeNetwork(),
            homeNetwork({
              id: 'b',
              label: '10.8.0.0/24',
              kind: 'vpn',
              interfaceName: 'tun0',
              addresses: ['10.8.0.3'],
              home: null,
            }),
            homeNetwork({
              id: 'c',
              label: '172.20.0.0/16',
              kind: 'cable',
              interfaceName: 'eth1',
              addresses: ['172.20.1.3', 'fd00::3'],
              home: null,
              hasRouter: false,
            }),
          ],
        },
      },
    };
    const { page, mock, close } = await browser.open(world);
    for (const path of (process.env['G_PAGES'] ?? 'troubles,settings,friends').split(',')) {
      await mock.go(path);
      if (path === 'troubles') {
        await page.locator('input').fill('192.168.1.77:24816');
        await page.locator('form button').click();
        await mock.settled();
      }
      if (language === 'en') wrong.push(...(await axeFindings(page, path)));
      for (const theme of ['light', 'dark'] as const)
        for (const [w, h] of [
          [1200, 800],
          [900, 600],
          [450, 300],
        ] as const) {
          if (theme === 'dark' && w !== 900) continue;
          await page.emulateMedia({ colorScheme: theme });
          await resize(page, w, h);
          wrong.push(
            ...(await sideways(page, `${path} ${w}`)),
            ...(await cutText(page, `${path} ${w}`)),
            ...(await coveredControls(page, `${path} ${w}`)),
          );
          await page.screenshot({
            path: `/tmp/G/${path}-${language}-${theme}-${w}.png`,
            fullPage: true,
          });
        }
      await resize(page, 1200, 800);
    }
    wrong.push(...mock.complaints);
    await close();
  }
  await browser.close();
  expect(wrong).toEqual([]);
}, 200_000);
