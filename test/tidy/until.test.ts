import { expect, test } from 'vitest';
import { hear, until } from '../fakes/until.ts';

/** How tests wait: what never comes must say so, and what was seen instead. */
const AT_ONCE = { withinMs: 20, stepMs: 1 };
/** For what does come, however busy the machine is. */
const SOON = { stepMs: 1 };

test('who waits in vain says for what, and what was heard last', async () => {
  hear('friends.list at Ana', [{ name: 'Ben', state: 'away' }]);
  hear('friends.list at Ana', [{ name: 'Ben', state: 'online' }]);
  const isBenThere = () => undefined;
  const waits = until(() => isBenThere(), AT_ONCE);
  await expect(waits).rejects.toThrow(/isBenThere.*\n(.*\n)*friends\.list at Ana: .*"online"/);
});

test('a look that never comes back is given up, too', async () => {
  const neverAnswers = () => new Promise<true>(() => undefined);
  await expect(until(neverAnswers, { ...AT_ONCE, lookMs: 20 })).rejects.toThrow('new Promise');
});

test('what comes is handed over at once, and what goes wrong is not waited for', async () => {
  let looks = 0;
  const third = await until(() => {
    looks += 1;
    return looks === 3 ? 'there' : undefined;
  }, SOON);
  expect([third, looks]).toEqual(['there', 3]);
  const fails = until(() => Promise.reject(new Error('closed')), SOON);
  await expect(fails).rejects.toThrow('closed');
});
