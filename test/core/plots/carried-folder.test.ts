import { setImmediate as breathe } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inParallel } from '../../../electron/core/plots/carried-folder.ts';

test('when one of several has failed and that is told, none of the others goes on', async () => {
  let begun = 0;
  const numbers = Array.from({ length: 1000 }, (_, number) => number);
  const ended = inParallel(numbers, async (number) => {
    begun += 1;
    await breathe();
    if (number === 0) throw new Error('the disk is full');
  });
  await expect(ended).rejects.toThrow('the disk is full');
  const told = begun;
  for (let round = 0; round < 20; round += 1) await breathe();
  expect(begun).toBe(told);
  expect(begun).toBeLessThan(10);
});
