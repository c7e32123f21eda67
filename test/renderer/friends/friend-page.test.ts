import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fault } from '../../../shared/fault.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { partings } from '../worlds/near-worlds.ts';
import { friend, gb, hosted, mine, ownerId, snapshot, world } from '../worlds/world-parts.ts';

const at = (name: string) => ({ path: `friends/${ownerId(name)}` });

describe.skipIf(!hasChromium)('a friend’s page (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  /** Ana keeps 38.2 GB here and, of mine, Photos with a copy at Ben's, and Notes without one. */
  function friends() {
    const ana = friend('Ana', { writtenBytes: gb(38.2) });
    const ben = friend('Ben');
    return world({
      snapshot: snapshot({
        friends: [ana, ben],
        hosted: [hosted(ana)],
        mine: [
          mine(ana, { set: 'Photos', writtenBytes: gb(12) }),
          mine(ana, { plot: ownerId('n').slice(0, 26), set: 'Notes', writtenBytes: gb(1) }),
          mine(ben, { set: 'Photos' }),
        ],
      }),
    });
  }

  test('ending it says in bytes what happens in both directions, and gives thirty days', async () => {
    const { page, mock, close } = await browser.open(friends(), at('Ana'));
    mock.answer('friends.leave', () => friend('Ana'));
    await page.getByRole('button', { name: 'End the friendship …' }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText(/You keep 38\.2\sGB for Ana\. Ana has 30 days to fetch it/).waitFor();
    await dialog.getByText(/Ana keeps 13\sGB of yours/).waitFor();
    await dialog.getByText('“Notes” lies nowhere else').waitFor();
    await dialog.getByText('“Photos” loses this copy; one other remains.').waitFor();
    await dialog.getByRole('button', { name: 'End it on 25 Dec 2026' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(mock.calls('friends.leave')).toEqual([{ friend: ownerId('Ana'), days: 30 }]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('at once it wants the name, because it deletes', async () => {
    const { page, mock, close } = await browser.open(friends(), at('Ana'));
    mock.answer('friends.leave', () => friend('Ana'));
    await page.getByRole('button', { name: 'End the friendship …' }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByRole('radio', { name: 'At once' }).check({ force: true });
    const act = dialog.getByRole('button', { name: /Delete 38\.2\sGB and end it now/ });
    expect(await act.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('Ben');
    expect(await act.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('ana');
    await act.click();
    await dialog.waitFor({ state: 'detached' });
    expect(mock.calls('friends.leave')).toEqual([{ friend: ownerId('Ana'), days: 0, name: 'Ana' }]);
    await close();
  });

  test('an end with a date can be taken back', async () => {
    const { page, mock, close } = await browser.open(partings(), at('Ana'));
    await page.getByText('Your friendship with Ana ends on 25 Dec 2026').waitFor();
    mock.answer('friends.stay', () => friend('Ana'));
    await page.getByRole('button', { name: 'Take it back' }).click();
    await mock.settled();
    expect(mock.calls('friends.stay')).toEqual([{ friend: ownerId('Ana') }]);
    expect(await page.getByRole('button', { name: 'End the friendship …' }).count()).toBe(0);
    await close();
  });

  test('whoever is left learns until when, how much, and what to do', async () => {
    const { page, mock, close } = await browser.open(partings(), at('Ben'));
    await page.getByText('Ben ends your friendship on 7 Dec 2026').waitFor();
    await page.getByText(/Until then you can fetch the 12\sGB/).waitFor();
    await mock.go(at('Cleo').path);
    await page.getByText('Cleo has ended your friendship').waitFor();
    await page.getByText(/You still keep 38\.2\sGB for Cleo/).waitFor();
    await mock.go(at('Dev').path);
    mock.answer('friends.leave', () => friend('Dev'));
    await page.getByRole('button', { name: 'Remove Dev' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove Dev' }).click();
    await mock.settled();
    expect(mock.calls('friends.leave')).toEqual([{ friend: ownerId('Dev'), days: 0, name: 'Dev' }]);
    await close();
  });

  test.each([
    ['Ben', 'Ben does not answer'],
    ['Edi', 'Another device answers where Edi’s should be'],
    ['Cleo', 'Cleo’s device does not know you as a friend any more'],
    ['Fay', 'No address of Fay is known'],
    ['Gus', 'Gus’s device says that this computer was struck off'],
  ])('says why %s can’t be reached, and calls when asked to', async (name, words) => {
    const { page, mock, close } = await browser.open(partings(), at(name));
    await page.getByText(words).waitFor();
    mock.fail('friends.try', fault('unreachable', { friend: name, detail: 'EHOSTUNREACH' }));
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.getByText(`${name} can’t be reached`).waitFor();
    mock.answer('friends.try', () => friend(name));
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.getByText(`${name} answered.`).waitFor();
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('what keeps a block from being lifted is said', async () => {
    const { page, mock, close } = await browser.open(
      world({ snapshot: snapshot({ friends: [friend('Ana', {}, { blocked: true })] }) }),
      at('Ana'),
    );
    mock.fail('friends.unblock', fault('friend-unknown', { friend: 'Ana' }));
    await page.getByRole('button', { name: 'Unblock Ana' }).click();
    await page.getByRole('alert').getByText(/Ana/).waitFor();
    expect(mock.calls('friends.unblock')).toEqual([{ friend: ownerId('Ana') }]);
    expect(mock.complaints).toEqual([]);
    await close();
  });

  test('a given address is kept, refused in words, and forgotten', async () => {
    const { page, mock, close } = await browser.open(
      world({ snapshot: snapshot({ friends: [friend('Ana')] }) }),
      at('Ana'),
    );
    const field = page.getByRole('textbox', { name: /^Address for reaching Ana/ });
    mock.fail('friends.set-address', fault('bad-address', { address: 'nonsense' }));
    await field.fill('nonsense');
    await page.getByRole('button', { name: 'Keep the address' }).click();
    await page.getByText('is not an address').waitFor();
    const given = 'ana.example.org:24816';
    mock.answer('friends.set-address', () => friend('Ana', {}, { givenAddress: given }));
    await field.fill(` ${given} `);
    await page.getByRole('button', { name: 'Keep the address' }).click();
    await page.getByText('Saved.').waitFor();
    await mock.push({ friends: [friend('Ana', {}, { givenAddress: given })] });
    await page.getByRole('button', { name: 'Forget it' }).click();
    await mock.settled();
    expect(mock.calls('friends.set-address').map(({ address }) => address)).toEqual([
      'nonsense',
      given,
      null,
    ]);
    await close();
  });

  test('devices that were struck off or have a double say so', async () => {
    const { page, close } = await browser.open(partings(), at('Ana'));
    await page.getByText('struck off', { exact: true }).waitFor();
    await page.getByText(/another device said that it is this one/).waitFor();
    await page.getByText(`goes by Ana Maria`).waitFor();
    await close();
  });
});
