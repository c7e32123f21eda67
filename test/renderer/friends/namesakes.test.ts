import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labelsOf } from '../../../renderer/friends/namesakes.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { device, friend, ownerId, snapshot, world } from '../worlds/world-parts.ts';

/** Ben calls himself as Ana is called, with a letter that nobody sees. */
const ana = friend('Ana');
const ben = { ...friend('Ben'), name: 'aNa\u200B', devices: [device('Ben')] };
const tailOf = (name: string) => ownerId(name).slice(-6);

describe('friends of one name', () => {
  test('are told apart by the ends of their keys, and nobody else is', () => {
    const labelOf = labelsOf([ana, ben, friend('Cleo')]);
    expect([ana, ben, friend('Cleo')].map(({ owner }) => labelOf(owner))).toEqual([
      `Ana (…${ana.devices[0]?.device.slice(-6)})`,
      `aNa (…${ben.devices[0]?.device.slice(-6)})`,
      'Cleo',
    ]);
  });

  test('are so too where only what is cut off tells them apart, or no device is known', () => {
    const long = 'The one who lives behind the';
    const people = ['mill', 'church'].map((where) => ({
      owner: ownerId(where),
      name: `${long} ${where}`,
    }));
    const labelOf = labelsOf(people);
    expect(people.map(({ owner }) => labelOf(owner))).toEqual([
      `The one who lives behin… (…${tailOf('mill')})`,
      `The one who lives behin… (…${tailOf('church')})`,
    ]);
    expect(labelsOf(people, 60)(ownerId('mill'))).toBe(`${long} mill`);
  });
});

describe.skipIf(!hasChromium)(
  'friends of one name, seen (skipped where Chromium is not installed)',
  () => {
    let browser: MockedBrowser;
    beforeAll(async () => {
      browser = await startMockedBrowser();
    });
    afterAll(() => browser.close());

    test('in the list, and where a backup is given to one of them', async () => {
      const { page, mock, close } = await browser.open(
        world({ snapshot: snapshot({ friends: [ana, ben] }) }),
        { path: 'friends' },
      );
      const labels = [ana, ben].map(({ owner }) => labelsOf([ana, ben])(owner));
      for (const name of labels) await page.getByRole('link', { name }).waitFor();
      await mock.go('backups');
      await page.getByRole('button', { name: 'New backup' }).click();
      for (const name of labels) await page.getByRole('checkbox', { name }).waitFor();
      expect(mock.complaints).toEqual([]);
      await close();
    });
  },
);
