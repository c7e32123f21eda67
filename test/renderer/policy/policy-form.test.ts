import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fault } from '../../../shared/fault.ts';
import type { TicketId } from '../../../shared/ids.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { axeFindings, resize, sideways } from '../page-checks.ts';
import { DAY_S, friend, gb, offer, ownerId, snapshot, world } from '../worlds/world-parts.ts';

const ana = friend('Ana', { ownPolicy: true });
const at = { path: `friends/${ana.owner}` };

function one() {
  return world({ snapshot: snapshot({ offer: offer(), friends: [ana] }) });
}

async function field(page: Page, name: string, text: string): Promise<void> {
  await page.getByRole('textbox', { name }).fill(text);
}

describe.skipIf(!hasChromium)('how much space (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  test('a fair share lends beyond it unless that is switched off', async () => {
    const { page, mock, close } = await browser.open(one(), at);
    const lends = page.getByRole('checkbox', { name: 'Lend beyond it what others leave idle' });
    expect(await lends.isChecked()).toBe(true);
    mock.answer('policy.set', ({ policy }) => ({
      policy: policy ?? { guards: {}, grounds: [] },
      own: true,
    }));
    await lends.focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Set Ana’s share' }).click();
    await page.getByText('Saved.').waitFor();
    expect(mock.calls('policy.set')).toEqual([
      {
        friend: ana.owner,
        policy: { guards: {}, grounds: [{ kind: 'fair-share', weight: 1, strict: true }] },
      },
    ]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('the guards are folded away, are typed as people type, and are saved', async () => {
    const { page, mock, close } = await browser.open(one(), at);
    expect(await page.getByRole('textbox', { name: 'Ask me above' }).count()).toBe(0);
    await page.getByText('More limits', { exact: true }).focus();
    await page.keyboard.press('Enter');
    await field(page, 'Ask me above', '10');
    await field(page, 'Quiet from', '22:00');
    await field(page, 'Quiet until', '7');
    await field(page, 'Largest single request', '20 GB');
    await field(page, 'Longest lease, in days', '60');
    await field(page, 'Most plots at once', '3');
    await page.getByRole('checkbox', { name: 'Renew nothing any more' }).check({ force: true });
    mock.answer('policy.set', ({ policy }) => ({
      policy: policy ?? { guards: {}, grounds: [] },
      own: true,
    }));
    await page.getByRole('button', { name: 'Set Ana’s share' }).click();
    await page.getByText('More limits (6 set)').waitFor();
    expect(mock.calls('policy.set')[0]?.policy?.guards).toEqual({
      askAboveBytes: gb(10),
      quietHours: { fromMin: 1320, untilMin: 420 },
      maxSize: gb(20),
      maxDurationS: 60 * DAY_S,
      maxPlots: 3,
      stopRenewing: true,
    });
    const wrong = await axeFindings(page, 'guards');
    const sideway: string[] = [];
    for (const [width, height] of [
      [900, 600],
      [450, 300],
    ] as const) {
      await resize(page, width, height);
      sideway.push(...(await sideways(page, `guards, ${width}`)));
    }
    expect([...wrong, ...sideway, ...mock.complaints]).toEqual([]);
    await close();
  });

  test('what can’t be read is said at its field, and nothing is saved', async () => {
    const { page, mock, close } = await browser.open(one(), at);
    await page.getByText('More limits', { exact: true }).click();
    const save = page.getByRole('button', { name: 'Set Ana’s share' });
    for (const [name, text, problem] of [
      ['Ask me above', 'much', 'A size is a number with a unit'],
      ['Longest lease, in days', 'a month', 'Write a number of days'],
      ['Most plots at once', '1.5', 'Write a whole number'],
      ['Quiet from', '25:00', 'Write a time of day'],
    ] as const) {
      const box = page.getByRole('textbox', { name });
      await box.fill(text);
      await page.getByText(problem).waitFor();
      expect(await box.getAttribute('aria-invalid')).toBe('true');
      expect(await save.isDisabled()).toBe(true);
      await box.fill('');
    }
    await field(page, 'Quiet from', '22:00');
    await page.getByText('Quiet hours have a beginning and an end').waitFor();
    // Folded away, it is still said that something is wrong.
    await page.getByText(/^More limits \(/).click();
    await page.getByText('Something under “More limits” can’t be read').waitFor();
    expect(mock.calls('policy.set')).toEqual([]);
    await close();
  });

  test('what else speaks for a yes is added, put in order by keyboard, and saved', async () => {
    const ben = friend('Ben');
    const { page, mock, close } = await browser.open(
      world({ snapshot: snapshot({ offer: offer(), friends: [ana, ben] }) }),
      at,
    );
    mock.answer('policy.set', ({ policy }) => ({
      policy: policy ?? { guards: {}, grounds: [] },
      own: true,
    }));
    await page.getByText('What else speaks for a yes', { exact: true }).click();
    await page.getByRole('button', { name: 'Add: Notes of yours' }).click();
    await page.getByRole('button', { name: 'Add: An account in a household' }).click();
    const save = page.getByRole('button', { name: 'Set Ana’s share' });
    await page.getByText('Choose whose accounts count, or take this out.').waitFor();
    expect(await save.isDisabled()).toBe(true);
    await page.getByRole('checkbox', { name: 'Ben' }).check({ force: true });
    await page.getByRole('button', { name: 'Add: As much in return' }).click();
    const ratio = page.getByRole('textbox', { name: 'Times as much' });
    await ratio.fill('20');
    await page.getByText('Write a number from 0.1 to 10').waitFor();
    expect(await ratio.getAttribute('aria-invalid')).toBe('true');
    await ratio.fill('0,5');
    // With the keys of the row, then with its button, on which the focus stays.
    await ratio.press('Alt+ArrowUp');
    await page.getByText('As much in return is now number 3 of 4').waitFor();
    const up = page.getByRole('button', { name: 'Up: As much in return' });
    await up.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.getByText('As much in return is now number 1 of 4').waitFor();
    const label = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    expect(label).toBe('Down: As much in return');
    await page.getByRole('button', { name: 'Take out: Notes of yours' }).click();
    expect(await axeFindings(page, 'grounds')).toEqual([]);
    await save.click();
    await page.getByText('What else speaks for a yes (2 more)').waitFor();
    expect(mock.calls('policy.set')).toEqual([
      {
        friend: ana.owner,
        policy: {
          guards: {},
          grounds: [
            { kind: 'reciprocal', ratio: 0.5 },
            { kind: 'fair-share', weight: 1 },
            { kind: 'account', keepers: [ben.owner] },
          ],
        },
      },
    ]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('whether people who are no friends can have room is chosen on the page Friends', async () => {
    const settings = { ...snapshot().settings, barter: true };
    const { page, mock, close } = await browser.open(
      world({ snapshot: snapshot({ offer: offer(), friends: [ana], settings }) }),
      { path: 'friends' },
    );
    mock.answer('policy.set', ({ policy }) => ({
      policy: policy ?? { guards: {}, grounds: [] },
      own: true,
    }));
    const guards = { maxPlots: 1 };
    const voucher = { kind: 'voucher', maxBytes: gb(5) } as const;
    mock.answer('policy.get', { policy: { guards, grounds: [voucher] }, own: false });
    await mock.go('home');
    await mock.go('friends');
    const save = page.getByRole('button', { name: 'Set it for people who are no friends' });
    const introduced = page.getByRole('checkbox', { name: 'Whom a friend introduces' });
    expect(await introduced.isChecked()).toBe(true);
    expect(await save.isDisabled()).toBe(true);
    await page.getByRole('checkbox', { name: 'Whoever brings notes of yours' }).focus();
    await page.keyboard.press('Space');
    await save.click();
    await page.getByText('Saved.').waitFor();
    await introduced.focus();
    await page.keyboard.press('Space');
    await save.click();
    await mock.settled();
    expect(mock.calls('policy.set')).toEqual([
      { friend: 'guests', policy: { guards, grounds: [voucher, { kind: 'notes' }] } },
      { friend: 'guests', policy: { guards, grounds: [{ kind: 'notes' }] } },
    ]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('steps of every ground are told in words when a request is tried', async () => {
    const { page, mock, close } = await browser.open(one(), at);
    const params = { needUnits: '150', haveUnits: '0' };
    mock.answer('policy.try', {
      answer: { type: 'denied', reasons: [], final: false, steps: [] } as never,
      steps: [
        { by: 'account', verdict: 'deny', code: 'account-closed', params: {} },
        { by: 'notes', verdict: 'deny', code: 'notes-short', params },
        {
          by: 'reciprocal',
          verdict: 'deny',
          code: 'not-reciprocal',
          params: { heldBytes: '0', mayAskBytes: '0' },
        },
        { by: 'voucher', verdict: 'abstain' },
      ],
    });
    await page.getByText('What would happen if Ana asked?').click();
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByText('an account: says no (the account is closed.)').waitFor();
    await page.getByText(/^notes of this host: says no \(the notes are not enough/).waitFor();
    await page.getByText(/^as much in return: says no \(0.B are kept in return/).waitFor();
    await page.getByText('an introduction: has no opinion').waitFor();
    await close();
  });

  test('what limits everybody goes on limiting whoever gets a fair share on Home', async () => {
    const waits = friend('Ben', { weight: 0 });
    const { page, mock, close } = await browser.open(
      world({ snapshot: snapshot({ offer: offer(), friends: [waits] }) }),
    );
    const guards = { maxPlots: 3, quietHours: { fromMin: 1320, untilMin: 420 } };
    mock.answer('policy.get', {
      policy: { guards, grounds: [{ kind: 'fair-share', weight: 0 }] },
      own: false,
    });
    mock.answer('policy.set', ({ policy }) => ({
      policy: policy ?? { guards, grounds: [] },
      own: true,
    }));
    await page.getByRole('button', { name: 'Give a fair share' }).click();
    await mock.settled();
    expect(mock.calls('policy.set')).toEqual([
      {
        friend: ownerId('Ben'),
        policy: { guards, grounds: [{ kind: 'fair-share', weight: 1 }] },
      },
    ]);
    await close();
  });

  test('what a friend would be answered is tried, with its steps, and put away when the question changes', async () => {
    const { page, mock, close } = await browser.open(one(), at);
    await page.getByText('What would happen if Ana asked?').click();
    await page.getByText('Nothing happens, and Ana hears nothing of it.').waitFor();
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByText(/^Not quite: 10\sGB for 30 days would be offered instead\.$/).waitFor();
    await page.getByText(/^The reason: the share is 100\sGB, 80\sGB of it are in use/).waitFor();
    await page.getByText('length of the lease: allows less').waitFor();
    expect(await axeFindings(page, 'try')).toEqual([]);
    await page.getByRole('checkbox', { name: 'A loan will do' }).check({ force: true });
    expect(await page.getByText('Not quite:').count()).toBe(0);
    await page.getByRole('textbox', { name: 'How much' }).fill('1 TB');
    const time = page.getByRole('radiogroup', { name: 'For how long' });
    await time.getByRole('radio', { name: 'a week' }).check({ force: true });
    mock.answer('policy.try', {
      answer: {
        type: 'pending',
        ticket: 'a'.repeat(26) as TicketId,
        pollAfter: 60,
        why: 'owner-approval',
      },
      steps: [{ by: 'ask-me', verdict: 'pend' }],
    });
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByText('Not yet: you would be asked first').waitFor();
    await page.getByText('the owner’s own word: wants to wait').waitFor();
    expect(mock.calls('policy.try')).toEqual([
      { friend: ana.owner, size: gb(20), durationS: 30 * DAY_S },
      { friend: ana.owner, size: gb(1000), durationS: 7 * DAY_S, accept: 'borrowed' },
    ]);
    mock.fail('policy.try', fault('not-running'));
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByText('Not yet:').waitFor({ state: 'detached' });
    await page.getByRole('textbox', { name: 'How much' }).fill('much');
    await page.getByText('A size is a number with a unit').waitFor();
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test.each([
    ['lent', { type: 'granted', class: 'borrowed' }, /^Yes, as a loan: 20\sGB for 7 days/],
    ['granted', { type: 'granted', class: 'guaranteed' }, /^Yes: 20\sGB for 7 days\.$/],
  ] as const)('a yes says what kind of yes it is: %s', async (_name, kind, words) => {
    const { page, mock, close } = await browser.open(one(), at);
    const share = { useBytes: '0', mayAskBytes: gb(20) };
    mock.answer('policy.try', {
      answer: {
        ...kind,
        plot: 'a'.repeat(26),
        size: gb(20),
        ttl: 7 * DAY_S,
        expiresAt: '2026-12-02T13:30:00Z',
        serverTime: '2026-11-25T13:30:00Z',
        grace: 0,
        renewFrom: 0,
        share,
        steps: [],
        receipt: { signed: '', signature: '' },
      } as never,
      steps: [],
    });
    await page.getByText('What would happen if Ana asked?').click();
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByText(words).waitFor();
    await close();
  });
});
