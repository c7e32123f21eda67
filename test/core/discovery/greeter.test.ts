import { describe, expect, test } from 'vitest';
import { createGreeter } from '../../../electron/core/discovery/greeter.ts';
import type { Sighting } from '../../../electron/core/discovery/sightings.ts';
import type { DeviceId } from '../../../shared/ids.ts';
import { testDevice } from './near-world.ts';
import { fc, runs } from '../../fakes/properties.ts';

const seen = (key: string, from: string, more: Partial<Sighting> = {}): Sighting => ({
  key,
  friend: undefined,
  tag: key,
  name: key,
  kind: 'desktop',
  network: 'home',
  from,
  places: [`${from}:7`],
  answer: undefined,
  ...more,
});

/** A greeter whose calls end when the test says so. */
function world() {
  const state = { nowMs: 0 };
  const begun: { readonly atMs: number; readonly place: string }[] = [];
  const open: ((device: DeviceId | undefined) => void)[] = [];
  const answers = new Map<string, string>();
  const greeter = createGreeter({
    hello: ([place = '']) => {
      begun.push({ atMs: state.nowMs, place });
      return new Promise((resolve) => open.push(resolve));
    },
    clock: { monotonicMs: () => state.nowMs },
    onAnswer: (key, answer) => void answers.set(key, answer),
  });
  const end = async (device?: DeviceId) => {
    for (const resolve of open.splice(0)) resolve(device);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { state, begun, answers, greeter, end };
}

describe('a hello', () => {
  test('brings the key that answers, or that nobody does', async () => {
    const { state, answers, greeter, end } = world();
    const device = testDevice();
    greeter.look([seen('cleo', '10.0.0.1')]);
    await end(device);
    state.nowMs = 1000;
    greeter.look([seen('cleo', '10.0.0.1', { answer: device }), seen('dan', '10.0.0.2')]);
    await end();
    expect([...answers]).toEqual([
      ['cleo', device],
      ['dan', 'silent'],
    ]);
  });

  test('is said neither to friends nor to those who have answered', () => {
    const { begun, greeter } = world();
    const device = testDevice();
    greeter.look([
      seen('ben', '10.0.0.1', { friend: device }),
      seen('cleo', '10.0.0.2', { answer: device }),
      seen('me', '10.0.0.3', { answer: 'self' }),
    ]);
    expect(begun).toEqual([]);
  });

  test('is said to one sender after the other before the same one again', async () => {
    const { state, begun, greeter, end } = world();
    const all = [
      ...Array.from({ length: 8 }, (_, index) => seen(`liar${index}`, '10.0.0.66')),
      seen('cleo', '10.0.0.1'),
      seen('dan', '10.0.0.2'),
    ];
    for (; state.nowMs < 4000; state.nowMs += 1000) {
      greeter.look(all);
      await end();
    }
    expect(begun.map(({ place }) => place)).toEqual([
      '10.0.0.66:7',
      '10.0.0.1:7',
      '10.0.0.2:7',
      '10.0.0.66:7',
    ]);
  });

  test('is said again to the silent after a minute', async () => {
    const { state, begun, greeter, end } = world();
    for (; state.nowMs <= 120_000; state.nowMs += 500) {
      greeter.look([seen('mute', '10.0.0.1', { answer: 'silent' })]);
      await end();
    }
    expect(begun.map(({ atMs }) => atMs)).toEqual([0, 60_000, 120_000]);
  });

  test('never comes to more than two at once, one a second, and one a minute each', async () => {
    const step = fc.record({
      passMs: fc.nat(700),
      names: fc.array(fc.tuple(fc.nat(30), fc.nat(10)), { maxLength: 20 }),
      isOver: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 300 }), async (steps) => {
        const { state, begun, greeter, end } = world();
        let underWay = 0;
        for (const { passMs, names, isOver } of steps) {
          state.nowMs += passMs;
          const before = begun.length;
          greeter.look(
            names.map(([name, from]) =>
              seen(`n${name}`, `10.0.${from}.1`, { places: [`n${name}`] }),
            ),
          );
          underWay += begun.length - before;
          expect(underWay).toBeLessThanOrEqual(2);
          if (!isOver) continue;
          await end();
          underWay = 0;
        }
        for (const [index, { atMs }] of begun.slice(1).entries())
          expect(atMs - (begun[index]?.atMs ?? 0)).toBeGreaterThanOrEqual(1000);
        for (const calls of Map.groupBy(begun, ({ place }) => place).values())
          for (const [index, { atMs }] of calls.slice(1).entries())
            expect(atMs - (calls[index]?.atMs ?? 0)).toBeGreaterThanOrEqual(60_000);
      }),
      { numRuns: runs(50) },
    );
  });
});
