import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PSEUDO } from '../../shared/i18n/pseudo.ts';
import type { Translate } from '../../shared/words/say.ts';
import type { Mock } from './mock-door.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from './mock-window.ts';
import { cutText, resize, sideways, textsOf } from './page-checks.ts';
import { speaking, type Spoken, unspoken, wordsIn } from './spoken.ts';
import { ownerId, type World } from './worlds/world-parts.ts';
import { type WorldName, worlds } from './worlds/worlds.ts';

/**
 * Other languages where the pages of a full garden don't lead: in what opens, in the first steps, in a
 * world that has just begun, and in what is said when nothing can be had.
 */
type Scene = {
  readonly world?: WorldName;
  readonly path: string;
  readonly press: (t: Translate) => readonly string[];
  readonly hasPicker?: false;
};

const scenes: Readonly<Record<string, Scene>> = {
  'the offer': { path: 'home', press: (t) => [t('bed.change-offer')] },
  'the first offer': { world: 'empty', path: 'home', press: (t) => [t('offer.begin')] },
  'smaller shares': { path: 'home', press: (t) => [t('bed.open-more', { count: 4 })] },
  'a new friend': {
    world: 'without friends',
    path: 'home',
    press: (t) => [t('friends.add')],
  },
  'a friend by address': { path: 'friends', press: (t) => [t('friends.by-address')] },
  'the end of a friendship': {
    path: `friends/${ownerId('Ana')}`,
    press: (t) => [t('leaving.open')],
  },
  'another name': { path: `friends/${ownerId('Ana')}`, press: (t) => [t('friend.rename')] },
  'blocking somebody': {
    path: `friends/${ownerId('Ana')}`,
    press: (t) => [t('friend.block', { name: 'Ana' })],
  },
  'giving back': { path: `friends/${ownerId('Ana')}`, press: (t) => [t('friend.give-back')] },
  'a new backup': { path: 'backups', press: (t) => [t('backups.new')] },
  'a folder': {
    path: 'backups',
    press: (t) => [t('backups.new'), t('folder.choose')],
    hasPicker: false,
  },
  'three of the words': {
    world: 'paused',
    path: 'backups',
    press: (t) => [t('phrase.begin'), t('phrase.written')],
  },
  'a new account': { path: 'household', press: (t) => [t('household.new')] },
  'an account': {
    world: 'household',
    path: 'household',
    press: (t) => [t('household.edit-what', { account: 'The kids' })],
  },
  'an account deleted': {
    world: 'household',
    path: 'household',
    press: (t) => [t('household.drop-what', { account: 'The flat below' })],
  },
  'an introduction': {
    world: 'household',
    path: `friends/${ownerId('Ana')}`,
    press: (t) => [t('introductions.open')],
  },
  'an introduction withdrawn': {
    world: 'household',
    path: `friends/${ownerId('Ana')}`,
    press: (t) => [t('introductions.withdraw-what', { size: '10\u00A0GB', newcomer: 'Nils' })],
  },
  'being introduced': { path: 'friends', press: (t) => [t('introductions.taking')] },
  'blocking a guest': {
    world: 'household',
    path: 'friends',
    press: (t) => [t('friend.block', { name: 'Nils' })],
  },
  'an end with notice': {
    world: 'household',
    path: 'home',
    press: (t) => [t('over.end-what', { name: 'Ana' })],
  },
  'a restore': {
    path: 'restore/Photos',
    press: (t) => [t('restore.everything')],
  },
  'a state deleted': { path: 'restore/Photos', press: (t) => [t('restore.forget')] },
  'a changed backup': {
    world: 'backed up',
    path: 'backups',
    press: (t) => [act(t, 'backups.edit')],
  },
  'a backup removed': {
    world: 'backed up',
    path: 'backups',
    press: (t) => [act(t, 'backups.more'), act(t, 'backups.drop')],
  },
  'a backup for a disk': {
    world: 'backed up',
    path: 'backups',
    press: (t) => [act(t, 'backups.more'), act(t, 'backups.export')],
  },
  'what was deleted': {
    world: 'backed up',
    path: 'backups',
    press: (t) => [act(t, 'backups.more'), act(t, 'backups.trash')],
  },
  'another friend for a copy': {
    world: 'backed up',
    path: 'backups',
    press: (t) => [t('copies.other-what', { set: 'Letters', name: 'Dev' })],
  },
  'the recovery sheet': {
    world: 'backed up',
    path: 'backups',
    press: (t) => [t('sheet.open')],
  },
  'a lost computer': { path: 'settings', press: (t) => [t('recovery.strike-open')] },
  'a set gone on with': {
    world: 'recovered',
    path: 'backups',
    press: (t) => [t('recovery.take-what', { set: 'Photos' })],
  },
};

/** Something that is done to Photos. */
function act(t: Translate, key: string): string {
  return t('backups.act-what', { what: t(key), set: 'Photos' });
}

const PAGES = ['home', 'friends', 'backups', 'household', 'activity', 'settings'] as const;
const LANGUAGES: readonly Spoken[] = [PSEUDO, 'de'];
/** The controls' own words for screen readers, in the language of the region. */
const BORROWED: ReadonlySet<string> = new Set(['Dismiss']);

describe.skipIf(!hasChromium)('other languages (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  test.concurrent.each(LANGUAGES)(
    '%s: what opens says everything in it, and nothing is cut',
    async (language) => {
      const t = await wordsIn(language);
      const wrong: string[] = [];
      for (const [name, { world = 'garden', path, press, hasPicker = true }] of Object.entries(
        scenes,
      )) {
        const spoken = speaking(worlds[world](), language);
        const { page, mock, close } = await browser.open(spoken, { path, hasPicker });
        for (const label of press(t)) {
          await page.getByRole('button', { name: label }).first().click();
          await mock.settled();
        }
        await page.locator('[role=dialog], [role=alertdialog]').last().waitFor();
        wrong.push(...(await lookAt(page, { name, language, world: spoken })));
        wrong.push(...mock.complaints);
        await close();
      }
      expect(wrong).toEqual([]);
    },
    900_000,
  );

  test.concurrent.each(LANGUAGES)(
    '%s: the first steps and a world that has just begun say everything in it, and nothing is cut',
    async (language) => {
      const t = await wordsIn(language);
      const begun = speaking(worlds['first run'](), language);
      const first = await browser.open(begun);
      first.mock.answer('settings.set', () => first.mock.current().settings);
      const wrong = [...(await steps(first, { t, language, world: begun }))];
      await first.close();
      const world = speaking(worlds.empty(), language);
      const { page, mock, close } = await browser.open(world);
      for (const name of PAGES) {
        await mock.go(name);
        wrong.push(...(await lookAt(page, { name: `empty, ${name}`, language, world })));
      }
      await mock.lost();
      await mock.go('activity');
      wrong.push(...(await lookAt(page, { name: 'offline', language, world })));
      expect([...wrong, ...mock.complaints]).toEqual([]);
      await close();
    },
    900_000,
  );

  test.concurrent.each(LANGUAGES)(
    '%s: backups in every state, what was kept and the way back say everything in it, and nothing is cut',
    async (language) => {
      const wrong: string[] = [];
      for (const [name, path] of [
        ['backed up', 'backups'],
        ['backed up', 'restore/Photos'],
        ['backed up', 'restore'],
        ['searching', 'home'],
        ['recovered', 'home'],
      ] as const) {
        const world = speaking(worlds[name](), language);
        const { page, mock, close } = await browser.open(world, { path });
        for (const summary of await page.locator('main summary').all()) await summary.click();
        await mock.settled();
        wrong.push(...(await lookAt(page, { name: `${name}, ${path}`, language, world })));
        wrong.push(...mock.complaints);
        await close();
      }
      expect(wrong).toEqual([]);
    },
    900_000,
  );

  test.concurrent.each(LANGUAGES)(
    '%s: a household with guests and shares that are too small says everything in it, and nothing is cut',
    async (language) => {
      const world = speaking(worlds.household(), language);
      const { page, mock, close } = await browser.open(world);
      const wrong: string[] = [];
      for (const path of [
        'home',
        'friends',
        `friends/${ownerId('Ana')}`,
        'household',
        'settings',
      ]) {
        await mock.go(path);
        for (const summary of await page.locator('main summary').all()) await summary.click();
        await mock.settled();
        wrong.push(...(await lookAt(page, { name: `household, ${path}`, language, world })));
      }
      expect([...wrong, ...mock.complaints]).toEqual([]);
      await close();
    },
    900_000,
  );
});

type Where = { readonly language: Spoken; readonly world: World };

async function steps(
  { page, mock }: { readonly page: Page; readonly mock: Mock },
  { t, ...where }: Where & { readonly t: Translate },
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [name, next] of [
    ['you', 'welcome.next'],
    ['space', 'welcome.not-now'],
    ['friends', 'welcome.later'],
    ['ready', undefined],
  ] as const) {
    await mock.settled();
    wrong.push(...(await lookAt(page, { name: `first steps, ${name}`, ...where })));
    if (next !== undefined)
      await page
        .getByRole('button', { name: t(next), exact: true })
        .locator('visible=true')
        .click();
  }
  return [...wrong, ...mock.complaints];
}

async function lookAt(
  page: Page,
  { name, language, world }: Where & { readonly name: string },
): Promise<readonly string[]> {
  const texts = (await textsOf(page)).filter((text) => !BORROWED.has(text));
  const wrong = unspoken(texts, language, world).map((text) => `${name}: not spoken: ${text}`);
  for (const [width, height] of [
    [900, 600],
    [450, 300],
  ] as const) {
    await resize(page, width, height);
    wrong.push(...(await sideways(page, `${name}, ${width}`)));
    wrong.push(...(await cutText(page, `${name}, ${width}`)));
  }
  await resize(page, 1200, 800);
  return wrong;
}
