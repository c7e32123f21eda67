import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anyLuck, LUCKS, type Luck, seeded } from '../../fakes/power/falling-disk.ts';
import {
  createPowerWorld,
  type Guest,
  type PowerWorld,
  type Recording,
} from '../../fakes/power/power-world.ts';

/**
 * I5 against power loss: whatever was acknowledged is there, byte for byte, the counters are what the disk has, and nothing
 * half written is seen or left behind. Every moment of short scripts; `POWER=long` has more luck at each, and long scripts.
 */
const IS_LONG = process.env['POWER'] === 'long';
const SEED = Number(process.env['SEED'] ?? 20_261_126);
const LUCKY_TRIES = IS_LONG ? 4 : 1;

let folder: string;
let world: PowerWorld;

beforeEach(async () => {
  // Nothing here needs a real flush, and there are thousands.
  folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'allotment-power-'));
  world = createPowerWorld(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Fall = PowerWorld['fall'];

const random = seeded(SEED);
const MIXED = Array.from(
  { length: LUCKY_TRIES },
  (_, at) => [`any ${at}`, anyLuck(random)] as const,
);
const EVERY_LUCK: readonly (readonly [string, Luck])[] = [...Object.entries(LUCKS), ...MIXED];
const SOME_LUCK = IS_LONG ? EVERY_LUCK : ([['none', LUCKS.none], ...MIXED] as const);

/** Moments with kinds of luck; the first few things that are wrong, with their moments. */
async function moments(
  recording: Recording,
  fall: Fall,
  {
    every = 1,
    lucks = EVERY_LUCK,
  }: { readonly every?: number; readonly lucks?: typeof EVERY_LUCK } = {},
): Promise<string[]> {
  const wrong: string[] = [];
  for (const [at, moment] of recording.moments.entries()) {
    if (at % every !== 0) continue;
    for (const [name, luck] of lucks)
      for (const each of await fall(recording, moment, luck))
        wrong.push(`${each} (moment ${moment}, ${name})`);
  }
  return wrong.slice(0, 12);
}

const scripts: Readonly<Record<string, (guest: Guest) => Promise<void>>> = {
  'an upload into a new plot': async ({ grant, put }) => {
    const plot = grant();
    await put(plot, 'settings', 'config');
    await put(plot, 'a letter');
  },
  'several uploads at once into the same folder': async ({ grant, put }) => {
    const plot = grant();
    await Promise.all(['a', 'b', 'c'].map((text) => put(plot, text, 'index')));
  },
  'removals, and the same again': async ({ grant, put, remove }) => {
    const plot = grant();
    await put(plot, 'one');
    await put(plot, 'two');
    await remove(plot, 'one');
    await put(plot, 'one');
    await remove(plot, 'two');
  },
  'a protected plot, its trash and what comes back from there': async (guest) => {
    const plot = guest.grant();
    guest.protect(plot, 3);
    await guest.put(plot, 'one');
    await guest.put(plot, 'two');
    await guest.remove(plot, 'one');
    await guest.remove(plot, 'two');
    await guest.put(plot, 'two');
    await guest.host.pass(2);
    await guest.host.pass(2);
  },
  'papers that are replaced': async ({ grant, put, paper }) => {
    const plot = grant();
    await paper(plot, 'the first manifest');
    await put(plot, 'one');
    await paper(plot, 'the second one, which is longer');
  },
  'papers that are replaced in a protected plot, which keeps what they were': async (guest) => {
    const plot = guest.grant();
    guest.protect(plot, 2);
    await guest.paper(plot, 'the first manifest');
    await guest.paper(plot, 'the second one');
    await guest.host.pass(1);
    await guest.paper(plot, 'the third one, which is longer');
    await guest.host.pass(2);
  },
  'a plot that is let go of': async ({ grant, put, paper, release }) => {
    const [plot, other] = [grant(), grant()];
    await put(plot, 'one');
    await paper(plot, 'manifest');
    await put(other, 'two');
    await release(plot);
    await put(other, 'three');
  },
};

describe('the power fails, and the host begins again', () => {
  for (const [name, script] of Object.entries(scripts))
    it(`after ${name}`, async () => {
      const recording = await world.record(script);
      expect(await moments(recording, world.fall)).toEqual([]);
    });
});

describe('the program is killed, goes on, and then the power fails', () => {
  for (const [name, script] of Object.entries(scripts))
    it(`after ${name}`, async () => {
      const recording = await world.record(script);
      const every = IS_LONG ? 1 : 3;
      expect(await moments(recording, world.killThenFall, { every, lucks: SOME_LUCK })).toEqual([]);
    });
});

/** Several guests' programs at once, whatever they do. */
function anyScript(seed: number, steps: number): (guest: Guest) => Promise<void> {
  return async (guest) => {
    const next = seeded(seed);
    const pick = (below: number) => Math.floor(next() * below);
    let plots = [guest.grant(), guest.grant()];
    const there = new Set<string>();
    for (let step = 0; step < steps; step += 1) {
      const plot = plots[pick(plots.length)];
      if (plot === undefined) return;
      const texts = [pick(9), pick(9), pick(9)].map((text) => `${text}`.repeat(1 + text * 200));
      const what = pick(10);
      if (what < 5) {
        await Promise.all([...new Set(texts)].map((text) => guest.put(plot, text)));
        for (const text of texts) there.add(`${plot} ${text}`);
      } else if (what < 7) {
        const [text = ''] = texts.filter((each) => there.delete(`${plot} ${each}`));
        if (text !== '') await guest.remove(plot, text);
      } else if (what === 7) await guest.paper(plot, `manifest ${step} ${plot}`);
      else if (what === 8) guest.protect(plot, 1 + pick(3));
      else if (pick(3) > 0) await guest.host.pass(1);
      else {
        await guest.release(plot);
        plots = [...plots.filter((each) => each !== plot), guest.grant()];
      }
    }
  };
}

describe('whatever guests do', () => {
  const seeds = Array.from({ length: IS_LONG ? 8 : 2 }, (_, at) => SEED + at);
  for (const seed of seeds)
    it(`nothing that was acknowledged is lost (seed ${seed})`, async () => {
      const recording = await world.record(anyScript(seed, IS_LONG ? 40 : 14));
      const every = IS_LONG ? 7 : 11;
      const lucks = IS_LONG ? EVERY_LUCK : MIXED;
      expect(await moments(recording, world.fall, { every, lucks })).toEqual([]);
      const killed = { every: 4 * every, lucks: SOME_LUCK };
      expect(await moments(recording, world.killThenFall, killed)).toEqual([]);
    }, 1_200_000);
});
