import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import de from '../../shared/i18n/messages/de/window.json' with { type: 'json' };
import { PSEUDO } from '../../shared/i18n/pseudo.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from './mock-window.ts';
import { cutText, resize, sideways, textsOf } from './page-checks.ts';
import { speaking, unspoken } from './spoken.ts';
import { worlds } from './worlds/worlds.ts';

/**
 * A language that nobody speaks shows which words were never in a catalogue and which don't fit; the
 * German one that no key is shown in place of its sentence.
 */
const PAGES = [
  'home',
  'friends',
  'friend',
  'backups',
  'restore',
  'activity',
  'settings',
  'welcome',
] as const;

describe.skipIf(!hasChromium)(
  'the window’s words (skipped where Chromium is not installed)',
  () => {
    let browser: MockedBrowser;
    beforeAll(async () => {
      browser = await startMockedBrowser();
    });
    afterAll(() => browser.close());

    test.each(['garden', 'neighbours', 'partings', 'lending'] as const)(
      'all come from the catalogue, and fit when they are a third longer, in the world "%s"',
      async (name) => {
        const world = speaking(worlds[name](), PSEUDO);
        const { page, mock, close } = await browser.open(world, { width: 900, height: 600 });
        const wrong: string[] = [];
        for (const which of PAGES) {
          await mock.go(which === 'friend' ? `friends/${world.snapshot.friends[0]?.owner}` : which);
          const bare = unspoken(await textsOf(page), PSEUDO, world);
          wrong.push(...bare.map((text) => `${which}: hard-coded: ${text}`));
          for (const [width, height] of [
            [900, 600],
            [450, 300],
          ] as const) {
            await resize(page, width, height);
            wrong.push(...(await cutText(page, `${which}, ${width}`)));
            wrong.push(...(await sideways(page, `${which}, ${width}`)));
          }
        }
        expect([...wrong, ...mock.complaints]).toEqual([]);
        await close();
      },
      900_000,
    );

    test.each([
      'garden',
      'drive missing',
      'hostile names',
      'neighbours',
      'partings',
      'lending',
    ] as const)(
      'no key is shown raw in German, in the world "%s"',
      async (name) => {
        const world = speaking(worlds[name](), 'de');
        const { page, mock, close } = await browser.open(world);
        const wrong: string[] = [];
        for (const which of PAGES) {
          await mock.go(which === 'friend' ? `friends/${world.snapshot.friends[0]?.owner}` : which);
          wrong.push(...unspoken(await textsOf(page), 'de', world));
          wrong.push(...(await sideways(page, which)));
        }
        expect([...wrong, ...mock.complaints]).toEqual([]);
        // The page says which language it speaks, as soon as it speaks it.
        expect(await page.locator('html').getAttribute('lang')).toBe('de');
        expect(Object.keys(de).length > 0 ? await page.title() : 'Allotment').toBe('Allotment');
        await close();
      },
      900_000,
    );
  },
);
