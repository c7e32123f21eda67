import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createChance } from './chance.ts';
import { mutate } from './mutate.ts';
import { stayOnLoopback } from './loopback-only.ts';
import { fuzz } from './run-target.ts';
import { insist, json, type Target } from './target.ts';
import { targets } from './targets/index.ts';
import { routesAsked } from './targets/wire-world.ts';

/** The small form of `npm run fuzz`: always the same cases, and everything that has broken something once. */
const SEED = 20_261_126;
let scratch: string;
let before: string;
let speakAgain: () => void;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'allotment-fuzz-'));
  before = process.cwd();
  mkdirSync(join(scratch, 'here'));
  process.chdir(join(scratch, 'here'));
  speakAgain = stayOnLoopback();
});
afterEach(() => {
  speakAgain();
  process.chdir(before);
  rmSync(scratch, { recursive: true, force: true });
});

const plan = { seed: SEED, guided: false };

test.each(targets)(
  '$name: nothing that comes in breaks it, hangs it, or learns anything',
  async (target) => {
    const { findings } = await fuzz(target, { ...plan, cases: target.casesInCi, scratch });
    expect(findings).toEqual([]);
  },
);

test('every route of the server is among what the wire begins with', () => {
  const handlers = resolve(import.meta.dirname, '../../electron/core/server/handlers');
  const routes = readdirSync(handlers).flatMap((file) =>
    [
      ...readFileSync(join(handlers, file), 'utf8').matchAll(
        /method: '([A-Z]+)',\s*path: [`']([^`']+)[`']/g,
      ),
    ].map(([, method = '', path = '']) => `${method} ${path}`),
  );
  expect(routes.length).toBeGreaterThan(40);
  // What a route leaves open may be anything; what it names must be named.
  const missing = routes.filter((route) => {
    const pattern = route.replaceAll(/:[a-z]+|\$\{[a-z]+\}/gi, '[^/]+');
    return !routesAsked.some((asked) => new RegExp(`^${pattern}$`).test(asked));
  });
  expect(missing).toEqual([]);
});

describe('the fuzzer itself', () => {
  const toy = (run: (input: Uint8Array) => void | Promise<void>): Target => ({
    name: 'toy',
    kind: 'json',
    cases: 400,
    casesInCi: 400,
    guided: true,
    open: async () => ({ seeds: [json({ size: 5, names: ['Ben'] })], run, close: () => undefined }),
  });

  test('finds what throws, with the case that did it', async () => {
    const fragile = toy((input) => {
      const { size } = JSON.parse(`${Buffer.from(input)}`) as { readonly size: unknown };
      insist(size !== null, 'a size that is nothing');
    });
    const { findings } = await fuzz(fragile, { ...plan, cases: 400, scratch });
    expect(findings.map(({ what }) => what).join()).toContain('a size that is nothing');
  });

  test('finds what fails when nobody waits for it any more', async () => {
    let turn = 0;
    const careless = toy(() => {
      turn += 1;
      if (turn === 50)
        setTimeout(
          () => process.emit('unhandledRejection', new Error('later'), Promise.resolve()),
          1,
        );
    });
    const { findings } = await fuzz(careless, { ...plan, cases: 400, scratch });
    expect(findings.map(({ what }) => what).join()).toContain('later');
  });

  test('finds what is left behind in memory', async () => {
    const left: Buffer[] = [];
    const leaking = toy(() => void left.push(Buffer.alloc(400_000)));
    const { findings } = await fuzz(leaking, { ...plan, cases: 600, scratch });
    expect(findings.map(({ what }) => what).join()).toContain('of memory behind');
  });

  test('keeps what reaches new code, and so finds its way where chance alone would not', async () => {
    // A case is changed in three places at most, and here five words must come together.
    const maze = toy((input) => {
      const said = `${Buffer.from(input)}`;
      if (!said.includes('north')) return;
      if (!said.includes('east')) return;
      if (!said.includes('south')) return;
      if (!said.includes('west')) return;
      if (!said.includes('home')) return;
      throw new Error('the middle of the maze');
    });
    const walk = async (guided: boolean) => {
      const wish = { ...plan, guided, covers: /fuzz\.test\.ts/, cases: 4000, scratch };
      const words = ['north', 'east', 'south', 'west', 'home'];
      const open = async (place: string) => ({ ...(await maze.open(place)), seeds: [json('')] });
      const { findings } = await fuzz({ ...maze, kind: 'text', words, open }, wish);
      return findings.map(({ what }) => what).join();
    };
    expect(await walk(true)).toContain('the middle of the maze');
    expect(await walk(false)).toBe('');
  });

  test('makes the same cases of the same seed, and others of another', () => {
    const made = (seed: number) => {
      const chance = createChance(seed);
      const from = json({ size: 5, names: ['Ben', 'Ana'] });
      return Array.from({ length: 50 }, () =>
        mutate(from, { kind: 'json', words: [] }, chance).toString(),
      );
    };
    expect(made(1)).toEqual(made(1));
    expect(made(1)).not.toEqual(made(2));
    expect(new Set(made(1)).size).toBeGreaterThan(30);
  });
});
