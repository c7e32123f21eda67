import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChannelName, channels } from '../../shared/contract/channels.ts';
import commonEn from '../../shared/i18n/messages/en/common.json' with { type: 'json' };
import windowEn from '../../shared/i18n/messages/en/window.json' with { type: 'json' };
import { fault } from '../../shared/fault.ts';
import type { Mock } from './mock-door.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from './mock-window.ts';
import { axeFindings, coveredControls, cutText, resize, sideways } from './page-checks.ts';
import { standingAnswers } from './worlds/standing-answers.ts';
import { ownerId, type World } from './worlds/world-parts.ts';
import { type WorldName, worlds } from './worlds/worlds.ts';

/**
 * What a page looks like while it does not have what it asked for: the core is away, answers with a fault,
 * or has not answered yet. Every page says so, is sound meanwhile, and is whole afterwards.
 */
type Look = {
  readonly path: string;
  readonly world?: WorldName;
  /** Pressed on the page one after the other, to come to what asks for something. */
  readonly press?: readonly (string | RegExp)[];
  readonly hasPicker?: false;
  /** What it says while it waits; a page that asks for nothing has nothing to say. */
  readonly waits?: string;
  readonly asks?: false;
  /** Where there is no button to ask again, because something else does it. */
  readonly again?: (page: Page) => Promise<void>;
};

const looks: Readonly<Record<string, Look>> = {
  Home: { path: 'home', waits: windowEn.history.loading },
  Friends: { path: 'friends', waits: windowEn.ui.loading },
  'a friend': { path: `friends/${ownerId('Ana')}`, waits: windowEn.history.loading },
  'My backups': {
    path: 'backups',
    world: 'backed up',
    asks: false,
  },
  'what was kept': {
    path: 'restore/Photos',
    waits: windowEn.backups['snapshots-loading'],
  },
  Household: { path: 'household', world: 'household', asks: false },
  Activity: { path: 'activity', waits: windowEn.activity.loading },
  Settings: { path: 'settings', asks: false },
  'what is in the way': { path: 'troubles', waits: windowEn.troubles.looking },
  'the first steps': {
    path: 'welcome',
    press: ['Next'],
    waits: windowEn.ui.loading,
    again: anotherFolder,
  },
};

/** What opens above a page asks for things of its own. */
const opened: Readonly<Record<string, Look>> = {
  'the first offer': {
    path: 'home',
    world: 'empty',
    press: ['Offer space'],
    again: anotherFolder,
  },
  'a share in the bed': { path: 'home', press: [/^Ben:/] },
  'recovery words': { path: 'backups', world: 'paused', press: ['Show the words'] },
  'what was deleted': {
    path: 'backups',
    world: 'backed up',
    press: ['More: Photos', 'What was deleted …: Photos'],
  },
  'the recovery sheet': { path: 'backups', world: 'backed up', press: ['Recovery sheet …'] },
  'the folders': { path: 'backups', press: ['New backup', /^Choose …/], hasPicker: false },
};

async function anotherFolder(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: windowEn.offer.folder }).fill('/home/kim/Elsewhere');
}

const QUERIES = (Object.keys(channels) as ChannelName[]).filter(
  (name) => channels[name] === 'query' && name !== 'state.snapshot',
);

describe.skipIf(!hasChromium)(
  'a page without its answers (skipped where Chromium is not installed)',
  () => {
    let browser: MockedBrowser;
    beforeAll(async () => {
      browser = await startMockedBrowser();
    });
    afterAll(() => browser.close());

    test.concurrent.each(Object.entries(looks))(
      '%s, while the core is away',
      async (name, look) => {
        const { page, mock, close } = await openBeside(browser, look);
        await mock.lost();
        await turnTo(page, mock, look);
        await mock.settled();
        const banner = page.getByText('No connection to Allotment on this computer.');
        await banner.waitFor();
        const wrong = await lookAt(page, `${name}, offline`);
        mock.back();
        await banner.waitFor({ state: 'detached' });
        await mock.settled();
        await recovered(page, mock, { ...look, again: async () => undefined });
        expect([...wrong, ...mock.complaints]).toEqual([]);
        await close();
      },
      900_000,
    );

    test.concurrent.each(Object.entries({ ...looks, ...opened }))(
      '%s, while every query fails',
      async (name, look) => {
        const { page, mock, close } = await openBeside(browser, look);
        for (const query of QUERIES) mock.fail(query, fault('internal'));
        await turnTo(page, mock, look);
        await mock.settled();
        expect(QUERIES.some((query) => mock.calls(query).length > 0)).toBe(look.asks !== false);
        if (look.asks !== false) await page.getByText(commonEn.fault.internal).first().waitFor();
        const wrong = await lookAt(page, `${name}, failing`);
        for (const [query, answer] of standingAnswers(worldOf(look), mock.current))
          mock.answer(query, answer as never);
        await recovered(page, mock, look);
        expect([...wrong, ...mock.complaints]).toEqual([]);
        await close();
      },
      900_000,
    );

    test.concurrent.each(Object.entries(looks))(
      '%s, while nothing has been answered yet',
      async (name, look) => {
        const { page, mock, close } = await openBeside(browser, look);
        const gate = Promise.withResolvers<void>();
        for (const [query, answer] of standingAnswers(worldOf(look), mock.current))
          mock.answer(query, (async (args: unknown) => {
            await gate.promise;
            return answer(args);
          }) as never);
        await turnTo(page, mock, look);
        const waiting = look.waits === undefined ? undefined : page.getByText(look.waits).first();
        await waiting?.waitFor();
        const wrong = await lookAt(page, `${name}, waiting`);
        gate.resolve();
        await mock.settled();
        await waiting?.waitFor({ state: 'detached' });
        expect([...wrong, ...mock.complaints]).toEqual([]);
        await close();
      },
      900_000,
    );
  },
);

function worldOf({ world = 'garden' }: Look): World {
  return worlds[world]();
}

/** On a page that asks for nothing first, so that this one begins without anything. */
async function openBeside(browser: MockedBrowser, look: Look) {
  const path = look.asks === false && look.path !== 'backups' ? 'backups' : 'settings';
  return browser.open(worldOf(look), { path, hasPicker: look.hasPicker ?? true });
}

async function turnTo(page: Page, mock: Mock, { path, press = [] }: Look): Promise<void> {
  const before = await page.locator('h1').first().textContent();
  await mock.open(path);
  await page.waitForFunction((was) => document.querySelector('h1')?.textContent !== was, before);
  for (const name of press) await page.getByRole('button', { name }).first().click();
}

/** Whoever presses "Try again", wherever it stands, has the page as it should be. */
async function recovered(page: Page, mock: Mock, { again }: Look): Promise<void> {
  const retry = page.getByRole('button', { name: windowEn.ui.retry });
  // What has opened comes last; the page below it can't be pressed before it is shut.
  for (let left = await retry.count(); left > 0; left -= 1) {
    await retry.last().click();
    await mock.settled();
    if (left > 1) await page.keyboard.press('Escape');
  }
  await again?.(page);
  await mock.settled();
  // A world may have faults of its own, of backups that failed.
  for (const words of [
    commonEn.fault.internal,
    windowEn.ui['no-answer'],
    windowEn.ui['maybe-done'],
  ])
    await page.getByText(words).first().waitFor({ state: 'detached' });
}

async function lookAt(page: Page, name: string): Promise<readonly string[]> {
  const wrong = [...(await axeFindings(page, name))];
  await page.emulateMedia({ colorScheme: 'dark' });
  wrong.push(...(await axeFindings(page, `${name}, dark`, { onlyColours: true })));
  await page.emulateMedia({ colorScheme: 'light' });
  for (const [width, height] of [
    [900, 600],
    [450, 300],
  ] as const) {
    await resize(page, width, height);
    const note = `${name}, ${width} × ${height}`;
    wrong.push(...(await sideways(page, note)), ...(await cutText(page, note)));
    wrong.push(...(await coveredControls(page, note)));
  }
  await resize(page, 1200, 800);
  return wrong;
}
