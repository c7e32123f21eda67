import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dropBallast, keepBallast } from '../../../electron/core/database/ballast.ts';
import { scratch } from '../../fakes/homes.ts';

/** What a start on a full disk has of it stands in `integration/full-books.test.ts`. */
let place: Awaited<ReturnType<typeof scratch>>;
beforeEach(async () => {
  place = await scratch();
});
afterEach(() => place.remove());

test('ballast that a crash has left half written is made whole, and let go of once', async () => {
  const file = join(place.folder, 'ballast');
  await writeFile(file, 'a little');
  await keepBallast(place.folder, { isBack: true });
  expect((await stat(file)).size).toBe(4 * 1024 * 1024);
  expect(await dropBallast(place.folder)).toBe(true);
  expect(await dropBallast(place.folder)).toBe(false);
});
