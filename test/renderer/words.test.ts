import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import de from '../../shared/i18n/messages/de/window.json' with { type: 'json' };
import commonEn from '../../shared/i18n/messages/en/common.json' with { type: 'json' };
import windowEn from '../../shared/i18n/messages/en/window.json' with { type: 'json' };
import { PSEUDO } from '../../shared/i18n/pseudo.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from './mock-window.ts';
import { cutText, resize, sideways, textsOf } from './page-checks.ts';
import type { World } from './world-parts.ts';
import { worlds } from './worlds.ts';

/**
 * A language that nobody speaks shows which words were never in a catalogue and which don't fit; the
 * German one that no key is shown in place of its sentence.
 */
const PAGES = ['home', 'friends', 'friend', 'backups', 'activity', 'settings', 'welcome'] as const;

describe.skipIf(!hasChromium)(
  'the window’s words (skipped where Chromium is not installed)',
  () => {
    let browser: MockedBrowser;
    beforeAll(async () => {
      browser = await startMockedBrowser();
    });
    afterAll(() => browser.close());

    test('all come from the catalogue, and fit when they are a third longer', async () => {
      const world = speaking(worlds.garden(), PSEUDO);
      const { page, mock, close } = await browser.open(world, { width: 900, height: 600 });
      const wrong: string[] = [];
      for (const which of PAGES) {
        await mock.go(which === 'friend' ? `friends/${world.snapshot.friends[0]?.owner}` : which);
        const bare = (await textsOf(page)).filter(
          (text) => !isMessage(text) && !isData(text, world),
        );
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
    }, 300_000);

    test.each(['garden', 'drive missing', 'hostile names'] as const)(
      'no key is shown raw in German, in the world "%s"',
      async (name) => {
        const world = speaking(worlds[name](), 'de');
        const { page, mock, close } = await browser.open(world);
        const parts = [...Object.keys(commonEn), ...Object.keys(windowEn)].join('|');
        const key = new RegExp(`\\b(${parts})\\.[a-z]+(-[a-z]+)*\\b`);
        const wrong: string[] = [];
        for (const which of PAGES) {
          await mock.go(which === 'friend' ? `friends/${world.snapshot.friends[0]?.owner}` : which);
          wrong.push(...(await textsOf(page)).filter((text) => key.test(text)));
          wrong.push(...(await sideways(page, which)));
        }
        expect([...wrong, ...mock.complaints]).toEqual([]);
        // The page says which language it speaks, as soon as it speaks it.
        expect(await page.locator('html').getAttribute('lang')).toBe('de');
        expect(Object.keys(de).length > 0 ? await page.title() : 'Allotment').toBe('Allotment');
        await close();
      },
      300_000,
    );
  },
);

function speaking(world: World, language: string): World {
  const settings = { ...world.snapshot.settings, language: language as 'en' };
  return { ...world, snapshot: { ...world.snapshot, settings } };
}

function isMessage(text: string): boolean {
  return text.startsWith('⟦') && text.endsWith('⟧');
}

/** What nobody translates: names, paths, figures, dates, and what stands between sentences. */
function isData(text: string, { snapshot }: World): boolean {
  const { friends, pairings, sets, mine, hosted, offer, status } = snapshot;
  const names = [
    ...friends.flatMap(({ name, devices }) => [name, ...devices.flatMap((each) => each.addresses)]),
    ...pairings.flatMap(({ name, address }) => [name, address]),
    ...sets.flatMap(({ name, folders }) => [name, ...folders]),
    ...mine.flatMap(({ set }) => (set === null ? [] : [set])),
    ...hosted.flatMap(({ purpose }) => (purpose === null ? [] : [purpose])),
    ...(offer === null ? [] : [offer.folder]),
    ...status.addresses,
    status.name,
    status.version,
    // The end of a key, in groups of four.
    ...(status.device.match(/.{4}/g) ?? []),
  ];
  const rest = names
    .filter((name) => name !== '')
    .sort((one, other) => other.length - one.length)
    .reduce((left, name) => left.replaceAll(name, ''), text)
    .replaceAll(/⟦[^⟦⟧]*⟧/g, '')
    .replaceAll(/\b(B|[kMGT]B|[KMGT]iB)\b/g, '');
  return !/\p{L}{2,}/u.test(rest);
}
