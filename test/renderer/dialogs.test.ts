import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, type MockedBrowser, startMockedBrowser } from './mock-window.ts';
import {
  axeFindings,
  coveredControls,
  cutText,
  resize,
  sideways,
  unframedControls,
} from './page-checks.ts';
import { ownerId } from './worlds/world-parts.ts';
import { type WorldName, worlds } from './worlds/worlds.ts';

/** Everything that opens above a page: reached, used and left by keyboard alone. */
type Scene = {
  readonly world?: WorldName;
  readonly path: string;
  /** Pressed one after the other; the last opens the dialog. */
  readonly press: readonly (string | RegExp)[];
  readonly hasPicker?: boolean;
};

const scenes: Readonly<Record<string, Scene>> = {
  'the offer': { path: 'home', press: [/^Change the offer/] },
  'the first offer': { world: 'empty', path: 'home', press: ['Offer space'] },
  'a share in the bed': { path: 'home', press: [/^Ben:/] },
  'smaller shares': { path: 'home', press: [/more friends with smaller shares/] },
  'a new friend': { world: 'without friends', path: 'home', press: ['Add a friend'] },
  'a friend by address': { path: 'friends', press: ['Add by address'] },
  'the end of a friendship': {
    path: `friends/${ownerId('Ana')}`,
    press: ['End the friendship …'],
  },
  'another name': { path: `friends/${ownerId('Ana')}`, press: ['Rename'] },
  'blocking somebody': { path: `friends/${ownerId('Ana')}`, press: ['Block Ana'] },
  'giving back': { path: `friends/${ownerId('Ana')}`, press: ['Give back …'] },
  'a wish withdrawn': { world: 'lending', path: 'backups', press: [/^Withdraw: 20.GB at Ana’s/] },
  'a new backup': { path: 'backups', press: ['New backup'] },
  'a folder': { path: 'backups', press: ['New backup', /^Choose …/], hasPicker: false },
  'recovery words': { world: 'paused', path: 'backups', press: ['Show the words'] },
  'recovery words before the first backup': {
    world: 'paused',
    path: 'backups',
    press: ['New backup'],
  },
  'three of the words': {
    world: 'paused',
    path: 'backups',
    press: ['Show the words', 'I have written them down'],
  },
  'a new account': { path: 'household', press: ['New account …'] },
  'an account': { world: 'household', path: 'household', press: ['Change: The kids'] },
  'an account deleted': {
    world: 'household',
    path: 'household',
    press: ['Delete: The flat below'],
  },
  'an introduction': {
    world: 'household',
    path: `friends/${ownerId('Ana')}`,
    press: ['Introduce somebody …'],
  },
  'an introduction withdrawn': {
    world: 'household',
    path: `friends/${ownerId('Ana')}`,
    press: [/^Withdraw: 10.GB for Nils/],
  },
  'being introduced': { path: 'friends', press: ['I was introduced …'] },
  'blocking a guest': { world: 'household', path: 'friends', press: ['Block Nils'] },
  'an end with notice': { world: 'household', path: 'home', press: ['End it with notice: Ana'] },
  'a standing order': {
    world: 'bartering',
    path: 'barter',
    press: ['Propose a standing order …'],
  },
  'the end of a standing order': {
    world: 'bartering',
    path: 'barter',
    press: ['End …: the standing order with Ana'],
  },
  'a present of notes': { world: 'bartering', path: 'barter', press: ['Give as a present …'] },
  'notes sent on': { world: 'bartering', path: 'barter', press: ['Send on …: notes of Ana'] },
  'what notes are worth': {
    world: 'bartering',
    path: 'barter',
    press: ['What are they worth? Notes of Ben'],
  },
  'a restore': { path: 'restore/Photos', press: ['Restore everything …'] },
  'a state deleted': { path: 'restore/Photos', press: ['Delete this state …'] },
  'a restore given up': {
    world: 'backed up',
    path: 'backups',
    press: ['Give up: Photos into /home/kim/Restored'],
  },
  'a changed backup': { world: 'backed up', path: 'backups', press: ['Change …: Photos'] },
  'a backup removed': {
    world: 'backed up',
    path: 'backups',
    press: ['More: Photos', 'Remove …: Photos'],
  },
  'a backup for a disk': {
    world: 'backed up',
    path: 'backups',
    press: ['More: Photos', 'Export to a disk …: Photos'],
  },
  'what was deleted': {
    world: 'backed up',
    path: 'backups',
    press: ['More: Photos', 'What was deleted …: Photos'],
  },
  'another friend for a copy': {
    world: 'backed up',
    path: 'backups',
    press: ['Let another friend keep Letters instead of Dev'],
  },
  'the recovery sheet': { world: 'backed up', path: 'backups', press: ['Recovery sheet …'] },
  'a plot for restic': {
    world: 'backed up',
    path: 'backups',
    press: [/^Use with restic: 50.GB at Ana’s/],
  },
  'a plot for a disk': {
    world: 'backed up',
    path: `friends/${ownerId('Ana')}`,
    press: [/^Copy to a disk: 40.GB of Ana/],
  },
  'a plot from a disk': {
    world: 'backed up',
    path: `friends/${ownerId('Ana')}`,
    press: [/^Take in from a disk: 40.GB of Ana/],
  },
  'a lost computer': { path: 'settings', press: ['A computer of mine is lost …'] },
  'a set gone on with': {
    world: 'recovered',
    path: 'backups',
    press: ['Back up here: Photos'],
  },
};

/** With a line that is wider than any dialog. */
const gateway = {
  url: 'rest:http://restic:4l2v@127.0.0.1:40123/',
  plot: 'q'.repeat(26),
  readOnly: true,
  commands: [
    {
      what: 'environment' as const,
      command: `export RESTIC_REPOSITORY=rest:http://restic:${'4l2v'.repeat(10)}@127.0.0.1:40123/`,
    },
    { what: 'snapshots' as const, command: 'restic snapshots' },
  ],
};

const pictures = join(import.meta.dirname, '../../.cache/screens/dialogs');
const OPEN = '[role=dialog], [role=alertdialog]';

describe.skipIf(!hasChromium)('what opens (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    rmSync(pictures, { recursive: true, force: true });
    mkdirSync(pictures, { recursive: true });
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  test.concurrent.each(Object.entries(scenes))(
    '%s: is sound, keeps the focus, closes with Escape and gives the focus back',
    async (name, { world = 'garden', path, press, hasPicker = true }) => {
      const { page, mock, close } = await browser.open(worlds[world](), { path, hasPicker });
      mock.answer('gateway.open', gateway);
      for (const label of press) {
        const button = page.getByRole('button', { name: label }).first();
        await button.focus();
        await page.keyboard.press('Enter');
        await mock.settled();
      }
      await page.locator(OPEN).last().waitFor();
      await mock.settled();
      const wrong = [...(await lookAt(page, name)), ...(await leaks(page))];
      const depth = await page.locator(OPEN).count();
      await page.keyboard.press('Escape');
      await page.waitForFunction(
        ([which, before]) => document.querySelectorAll(which).length < before,
        [OPEN, depth] as const,
      );
      // A step within a dialog has no button to go back to; it closes as a whole.
      if (name !== 'three of the words') wrong.push(...(await notGivenBack(page, press.at(-1))));
      expect([...wrong, ...mock.complaints]).toEqual([]);
      await close();
    },
    900_000,
  );

  test('the first steps are sound, each of them', async () => {
    const { page, mock, close } = await browser.open(worlds['first run']());
    mock.answer('settings.set', () => mock.current().settings);
    const wrong: string[] = [];
    for (const [step, next] of [
      ['you', 'Next'],
      ['space', 'Not now'],
      ['friends', 'Later'],
      ['ready', undefined],
    ] as const) {
      await mock.settled();
      wrong.push(...(await lookAt(page, `first steps ${step}`)));
      if (step === 'you') {
        await page.getByRole('button', { name: 'I have 24 words' }).click();
        await mock.settled();
        await page.getByText('More from the recovery sheet').click();
        wrong.push(...(await lookAt(page, 'first steps words')));
        await page.getByRole('button', { name: 'Back', exact: true }).click();
      }
      if (next !== undefined)
        await page.getByRole('button', { name: next }).locator('visible=true').click();
    }
    expect([...wrong, ...mock.complaints]).toEqual([]);
    await close();
  }, 900_000);
});

async function lookAt(page: Page, name: string): Promise<readonly string[]> {
  const wrong: string[] = [];
  const shot = (note: string) =>
    page.screenshot({ path: join(pictures, `${name.replaceAll(' ', '-')}-${note}.png`) });
  wrong.push(...(await axeFindings(page, name)));
  await shot('light');
  await page.emulateMedia({ colorScheme: 'dark' });
  wrong.push(...(await axeFindings(page, `${name}, dark`, { onlyColours: true })));
  await shot('dark');
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
  wrong.push(...(await unframedControls(page, `${name}, forced colours`)));
  await page.emulateMedia({ forcedColors: 'none' });
  for (const [width, height] of [
    [900, 600],
    [450, 300],
  ] as const) {
    await resize(page, width, height);
    const note = `${name}, ${width} × ${height}`;
    wrong.push(...(await sideways(page, note)), ...(await cutText(page, note)));
    wrong.push(...(await coveredControls(page, note)));
    await shot(`${width}`);
  }
  await resize(page, 1200, 800);
  return wrong;
}

/** Tab goes round within what is open, in both directions. */
async function leaks(page: Page): Promise<readonly string[]> {
  const open = page.locator(OPEN).last();
  await open.evaluate((dialog: HTMLElement) => {
    dialog.focus();
    window.mockLeaks = [];
    document.addEventListener('focusin', ({ target }) => {
      if (target instanceof Element && !dialog.contains(target))
        window.mockLeaks.push(`the focus got out: ${target.outerHTML.slice(0, 160)}`);
    });
  });
  const controls = await open.locator('a, button, input, textarea, summary').count();
  for (let i = 0; i < controls + 2; i += 1) await page.keyboard.press('Tab');
  for (let i = 0; i < 3; i += 1) await page.keyboard.press('Shift+Tab');
  return page.evaluate(() => window.mockLeaks);
}

declare global {
  interface Window {
    mockLeaks: string[];
  }
}

async function notGivenBack(
  page: Page,
  label: string | RegExp | undefined,
): Promise<readonly string[]> {
  const isBack = (name: string) => (label instanceof RegExp ? label.test(name) : name === label);
  let name = '';
  // It is given back a frame or two after the dialog has gone.
  for (let frame = 0; frame < 30 && !isBack(name); frame += 1)
    name = await page.evaluate(async () => {
      await new Promise(requestAnimationFrame);
      const at = document.activeElement;
      return at?.getAttribute('aria-label') ?? at?.textContent ?? '';
    });
  return isBack(name) ? [] : [`the focus is at “${name.slice(0, 80)}” instead of “${label}”`];
}
