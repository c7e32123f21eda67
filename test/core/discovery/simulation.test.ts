import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { homeLink } from '../../fakes/air.ts';
import { type NearDevice, type NearWorld, nearWorld, testDevice } from './near-world.ts';

/**
 * Devices that are friends, on one network, whose cables are pulled and put back, that sleep and wake,
 * restart and hide, while packets get lost. Whatever happened: a while after it stopped, everybody
 * who can be heard is there, and nobody else.
 */
const DEVICES = 6;
const STEPS = 60;
/** Until the silence of one that vanished has run out, whatever was lost. */
const SETTLES_MS = 140_000;

let world: NearWorld | undefined;

beforeEach(() => {
  const toFake = ['setTimeout', 'clearTimeout', 'Date', 'performance'] as const;
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 25, 23, 30), toFake: [...toFake] });
});
afterEach(async () => {
  await world?.close();
  vi.useRealTimers();
});

type Actor = {
  readonly number: number;
  device: NearDevice;
  isPlugged: boolean;
  isAsleep: boolean;
  isOn: boolean;
};

describe('devices to which anything may happen', () => {
  test.each([1, 2, 3, 4])('are in the end seen by whoever can see them (seed %i)', async (seed) => {
    const random = generator(seed);
    const here = nearWorld(seed);
    world = here;
    const ids = Array.from({ length: DEVICES }, () => testDevice());
    const start = (number: number) =>
      here.device({
        name: `Device ${number}`,
        id: ids[number] ?? testDevice(),
        link: homeLink(number + 1),
        // Each knows half of the others; the rest are strangers.
        friends: ids.filter((_, other) => other !== number && (other + number) % 2 === 0),
        skewMs: (number - 3) * 86_400_000,
      });
    const actors: Actor[] = [];
    for (let number = 0; number < DEVICES; number += 1)
      actors.push({
        number,
        device: await start(number),
        isPlugged: true,
        isAsleep: false,
        isOn: true,
      });
    here.air.loseIf(() => random() < 0.15);

    for (let step = 0; step < STEPS; step += 1) {
      await happen(actors[Math.floor(random() * DEVICES)] as Actor, random(), start);
      await vi.advanceTimersByTimeAsync(random() * 8000);
      for (const { device } of actors)
        expect(device.discovery.nearby().length).toBeLessThan(DEVICES);
    }
    here.air.loseIf(undefined);
    await vi.advanceTimersByTimeAsync(SETTLES_MS);

    const audible = actors.filter(isAudible);
    for (const actor of actors.filter(canHear)) {
      const others = audible.filter(({ number }) => number !== actor.number);
      const friends = others.filter(({ number }) => (number + actor.number) % 2 === 0);
      const strangers = others.filter(({ number }) => (number + actor.number) % 2 !== 0);
      expect([...actor.device.there()].sort()).toEqual(
        friends.map(({ device }) => device.id).sort(),
      );
      expect(actor.device.near()).toEqual(strangers.map(({ number }) => `Device ${number}`));
    }
  });
});

async function happen(
  actor: Actor,
  what: number,
  start: (number: number) => Promise<NearDevice>,
): Promise<void> {
  const { device, number } = actor;
  if (!actor.isOn) {
    actor.device = await start(number);
    [actor.isOn, actor.isPlugged, actor.isAsleep] = [true, true, false];
  } else if (what < 0.35) {
    if (actor.isPlugged) device.host.pull('eth0');
    else device.host.plug('home', homeLink(number + 1));
    actor.isPlugged = !actor.isPlugged;
  } else if (what < 0.6) {
    if (actor.isAsleep) device.host.wake();
    else device.host.sleep();
    actor.isAsleep = !actor.isAsleep;
  } else if (what < 0.8) {
    device.told.visible = !device.told.visible;
  } else {
    // A crash says no goodbye.
    if (what < 0.9) device.host.pull('eth0');
    await device.discovery.close();
    device.host.pull('eth0');
    actor.isOn = false;
  }
}

function canHear({ isOn, isPlugged, isAsleep }: Actor): boolean {
  return isOn && isPlugged && !isAsleep;
}

function isAudible(actor: Actor): boolean {
  return canHear(actor) && actor.device.told.visible;
}

/** The same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
