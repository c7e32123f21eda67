import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pagePath } from '../../shared/contract/pages.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from './mock-window.ts';
import {
  axeFindings,
  coveredControls,
  cutText,
  resize,
  sideways,
  unframedControls,
  unreached,
} from './page-checks.ts';
import type { World } from './worlds/world-parts.ts';
import { type WorldName, worlds } from './worlds/worlds.ts';

/**
 * Every screen in every world. Pictures of all of them lie in `.cache/screens/pages` afterwards, for somebody
 * to look at: what is ugly no check finds.
 */
const PAGES = [
  'home',
  'friends',
  'friend',
  'backups',
  'restore',
  'household',
  'barter',
  'activity',
  'settings',
  'troubles',
  'welcome',
] as const;
type PageName = (typeof PAGES)[number];

/** Worlds in which settings and the first steps are others. */
const PERSONAL: readonly WorldName[] = ['first run', 'garden', 'long words', 'paused'];

/** What was kept is looked through alike in every world but these. */
const RESTORED: readonly WorldName[] = ['garden', 'backed up', 'long words', 'hostile names'];

/** Worlds that are only about some pages. */
const ONLY: Readonly<Partial<Record<WorldName, readonly PageName[]>>> = {
  searching: ['home', 'backups'],
  recovered: ['home', 'backups'],
};

/** Worlds that are hard to fit into a small window. */
const HARD: readonly WorldName[] = ['hostile names', 'long words', 'huge numbers'];

const SMALL = [
  [900, 600],
  // That is 900 × 600 at 200 %.
  [450, 300],
] as const;
const HUGE = [2560, 1440] as const;
const NORMAL = [1200, 800] as const;

const pictures = join(import.meta.dirname, '../../.cache/screens/pages');

describe.skipIf(!hasChromium)('every screen (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    rmSync(pictures, { recursive: true, force: true });
    mkdirSync(pictures, { recursive: true });
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  test.concurrent.each(Object.keys(worlds) as WorldName[])(
    'is sound in the world "%s"',
    async (name) => {
      const world = worlds[name]();
      const { page, mock, close } = await browser.open(world);
      const wrong: string[] = [];
      for (const which of PAGES) {
        const path = pathOf(which, world);
        if (ONLY[name]?.includes(which) === false) continue;
        if (which === 'restore' && !RESTORED.includes(name)) continue;
        // These look alike in most worlds.
        const isOwn =
          which === 'settings' ||
          which === 'troubles' ||
          which === 'welcome' ||
          (which === 'barter' && !world.snapshot.settings.barter);
        if (path === undefined || (isOwn && !PERSONAL.includes(name))) continue;
        await mock.go(path);
        wrong.push(...(await lookAt(page, which, name)));
      }
      expect([...wrong, ...mock.complaints]).toEqual([]);
      await close();
    },
    900_000,
  );

  test.concurrent.each(PAGES)(
    'every control of the page %s is reached by Tab',
    async (which) => {
      const world = which === 'barter' ? worlds.bartering() : worlds.garden();
      const { page, mock, close } = await browser.open(world, {
        path: pathOf(which, world) ?? 'home',
      });
      expect(await unreached(page, which)).toEqual([]);
      expect(mock.complaints).toEqual([]);
      await close();
    },
    900_000,
  );
});

/** Colours first, at a size at which everything shows; then sizes. */
async function lookAt(page: Page, which: PageName, name: WorldName): Promise<readonly string[]> {
  const wrong: string[] = [];
  // One world in every theme at every size; of the others what is hardest to fit.
  const isWhole =
    name === 'garden' ||
    (name === 'backed up' && (which === 'backups' || which === 'restore')) ||
    (name === 'recovered' && which === 'home') ||
    (name === 'first run' && which === 'welcome') ||
    (name === 'household' && which === 'household') ||
    (name === 'bartering' && which === 'barter');
  const themes = isWhole ? (['light', 'dark'] as const) : (['light'] as const);
  wrong.push(...(await axeFindings(page, which)));
  await picture(page, `${which} ${name} light`);
  await page.emulateMedia({ colorScheme: 'dark' });
  wrong.push(...(await axeFindings(page, `${which}, dark`, { onlyColours: true })));
  if (isWhole) await picture(page, `${which} ${name} dark`);
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
  wrong.push(...(await unframedControls(page, `${which}, forced colours`)));
  if (isWhole) await picture(page, `${which} ${name} forced`);
  await page.emulateMedia({ forcedColors: 'none' });
  for (const [width, height] of isWhole ? [...SMALL, HUGE] : SMALL) {
    await resize(page, width, height);
    const note = `${which}, ${width} × ${height}`;
    wrong.push(...(await sideways(page, note)));
    wrong.push(...(await cutText(page, note)));
    wrong.push(...(await coveredControls(page, note)));
    for (const theme of themes) {
      if (!isWhole && (width !== 450 || !HARD.includes(name))) continue;
      await page.emulateMedia({ colorScheme: theme });
      await picture(page, `${which} ${name} ${theme} ${width}`);
    }
    await page.emulateMedia({ colorScheme: 'light' });
  }
  const [width, height] = NORMAL;
  await resize(page, width, height);
  return wrong;
}

async function picture(page: Page, name: string): Promise<void> {
  const file = `${name.replaceAll(' ', '-')}.png`;
  // What is drawn only once it comes into sight: the charts.
  const box = page.locator('.history-box');
  if ((await box.count()) > 0) {
    await box.first().scrollIntoViewIfNeeded();
    await box.first().locator('canvas').waitFor();
    await page.evaluate(() => scrollTo(0, 0));
  }
  // The log only draws what is in sight.
  await page.screenshot({ path: join(pictures, file), fullPage: !name.startsWith('activity') });
}

function pathOf(which: PageName, { snapshot }: World): string | undefined {
  const set = snapshot.sets[0]?.name;
  if (which === 'restore') return set === undefined ? which : pagePath({ page: 'restore', set });
  if (which !== 'friend') return which;
  const owner = snapshot.friends[0]?.owner;
  return owner === undefined ? undefined : `friends/${owner}`;
}
