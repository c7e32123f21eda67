import { describe, expect, test } from 'vitest';
import {
  type CatchUpPlan,
  KEPT_TYPES,
  type KeptType,
  type Listing,
  planCatchUp,
} from '../../../../electron/core/backup/copies/plan.ts';
import { fc, runs } from '../../../fakes/properties.ts';

/**
 * Copies as sets of names, and beside them what the names stand for: which packs an index lists, which a snapshot needs.
 * Written, pruned, away, cut off and written to by another device at random, as the runner and the book do it.
 */
type ModelCopy = {
  readonly id: number;
  readonly has: Map<string, number>;
  sequence: number;
  isApart: boolean;
};
type World = {
  readonly copies: readonly ModelCopy[];
  readonly listed: Map<string, readonly string[]>;
  readonly needed: Map<string, readonly string[]>;
  readonly removed: Map<string, number>;
  readonly forgotten: Set<string>;
  sequence: number;
  trimmed: number;
  names: number;
};

function newWorld(count: number): World {
  const copies = Array.from({ length: count }, (_, id) => ({
    id,
    has: new Map([['keys/k', 1] as const, ['config/', 1] as const]),
    sequence: 0,
    isApart: false,
  }));
  const maps = { listed: new Map(), needed: new Map(), removed: new Map(), forgotten: new Set() };
  return { copies, ...maps, sequence: 0, trimmed: 0, names: 0 } as World;
}

function namesOf(copy: ModelCopy, type: KeptType): readonly string[] {
  return [...copy.has.keys()].flatMap((key) =>
    key.startsWith(`${type}/`) ? [key.slice(type.length + 1)] : [],
  );
}

function listingOf(copy: ModelCopy): Listing {
  const of = (type: KeptType) => new Map(namesOf(copy, type).map((name) => [name, 1]));
  return Object.fromEntries(KEPT_TYPES.map((type) => [type, of(type)])) as Record<
    KeptType,
    Map<string, number>
  >;
}

/** Every index lists only packs that are there, and every snapshot's packs are there and listed. */
function expectWhole(world: World, copy: ModelCopy): void {
  const packs = new Set(namesOf(copy, 'data'));
  const listed = new Set(
    namesOf(copy, 'index').flatMap((name) => world.listed.get(name) ?? ['unknown']),
  );
  for (const pack of listed) expect(packs, `copy ${copy.id}`).toContain(pack);
  for (const snapshot of namesOf(copy, 'snapshots'))
    for (const pack of world.needed.get(snapshot) ?? ['unknown'])
      expect(listed, `copy ${copy.id}, ${snapshot}`).toContain(pack);
}

function newName(world: World): string {
  world.names += 1;
  return `n${world.names}`;
}

function planOf(world: World, reachable: readonly ModelCopy[]): CatchUpPlan<ModelCopy> {
  return planCatchUp(
    reachable.map((copy) => ({
      copy,
      listing: listingOf(copy),
      isNewest: copy.sequence === world.sequence,
      isApart: copy.isApart,
      lacks: [],
      hasMissed: copy.sequence < world.trimmed,
    })),
    new Set(world.removed.keys()),
    new Set(
      reachable
        .filter((copy) => copy.sequence === world.sequence && !copy.isApart)
        .flatMap((copy) => namesOf(copy, 'index'))
        .flatMap((name) => world.listed.get(name) ?? []),
    ),
  );
}

/**
 * Does the plan's steps, at most `stepsMax` for each copy, and looks at every copy after each. A copy that got all that it
 * lacked is complete, also where something is still to be removed, as long as a list says that it was.
 */
function catchUp(world: World, reachable: readonly ModelCopy[], stepsMax: number): void {
  const isSure = reachable.some((copy) => copy.sequence === world.sequence && !copy.isApart);
  const plan = planOf(world, reachable);
  for (const name of plan.revived) world.removed.delete(name);
  for (const { copy, add, remove } of plan.steps) {
    const steps = [
      ...add.map(
        ({ type, name }) =>
          () =>
            void copy.has.set(`${type}/${name}`, 1),
      ),
      ...remove.map(
        ({ type, name }) =>
          () =>
            void copy.has.delete(`${type}/${name}`),
      ),
    ];
    for (const step of steps.slice(0, stepsMax)) {
      step();
      expectWhole(world, copy);
    }
  }
  const complete = plan.steps.flatMap(({ copy, add, remove }) => {
    const isListed = copy.sequence >= world.trimmed;
    return add.length + (isListed ? 0 : remove.length) <= stepsMax ? [copy] : [];
  });
  if (complete.length === 0) return;
  if (!isSure) partFromAbsent(world, reachable);
  if (!isSure || plan.isJoined || plan.revived.length > 0) world.sequence += 1;
  for (const copy of complete) {
    copy.sequence = world.sequence;
    copy.isApart = false;
  }
  if (plan.steps.some(({ add, remove }) => add.length + remove.length > stepsMax)) return;
  const [first] = reachable;
  for (const copy of reachable)
    expect([...copy.has.keys()].sort()).toEqual([...(first?.has.keys() ?? [])].sort());
}

/** Whoever knows more and is away has a history of his own from now on. */
function partFromAbsent(world: World, reachable: readonly ModelCopy[]): void {
  const most = Math.max(...reachable.map(({ sequence }) => sequence));
  for (const copy of world.copies)
    if (!reachable.includes(copy) && copy.sequence > most) copy.isApart = true;
}

/** Copies that a run can write to: caught up. */
function prepared(world: World, reachable: readonly ModelCopy[]): readonly ModelCopy[] {
  if (reachable.length > 0) catchUp(world, reachable, Number.POSITIVE_INFINITY);
  return reachable;
}

function backup(world: World, copies: readonly ModelCopy[], lostAfter: number): void {
  const [first] = copies;
  if (first === undefined) return;
  const [pack, index, snapshot] = [newName(world), newName(world), newName(world)];
  const older = namesOf(first, 'snapshots').flatMap((name) => world.needed.get(name) ?? []);
  world.listed.set(index, [pack]);
  world.needed.set(snapshot, [pack, ...older.filter((_, at) => at % 2 === 0)]);
  const keys = [`data/${pack}`, `index/${index}`, `snapshots/${snapshot}`];
  for (const [at, copy] of copies.entries()) {
    const isLost = at > 0 && at % 2 === 1;
    for (const key of isLost ? keys.slice(0, lostAfter) : keys) copy.has.set(key, 1);
    expectWhole(world, copy);
  }
  world.sequence += 1;
  for (const [at, copy] of copies.entries())
    if (at === 0 || at % 2 === 0) copy.sequence = world.sequence;
}

/** Forgets a snapshot; its packs that nobody else needs leave the index and go. Cut off after so many removals. */
function prune(world: World, copies: readonly ModelCopy[], pick: number, stepsMax: number): void {
  const [first] = copies;
  const snapshots = first === undefined ? [] : namesOf(first, 'snapshots');
  const goes = snapshots[pick % Math.max(1, snapshots.length)];
  if (first === undefined || goes === undefined) return;
  world.forgotten.add(goes);
  const stay = snapshots.filter((name) => name !== goes);
  const needed = new Set(stay.flatMap((name) => world.needed.get(name) ?? []));
  const old = namesOf(first, 'index');
  const packs = [...new Set(old.flatMap((name) => world.listed.get(name) ?? []))];
  const index = newName(world);
  world.listed.set(
    index,
    packs.filter((pack) => needed.has(pack)),
  );
  const unneeded = packs.filter((pack) => !needed.has(pack));
  let steps = 0;
  const advance = () => {
    world.sequence += 1;
    for (const copy of copies) copy.sequence = world.sequence;
  };
  const remove = (type: KeptType, name: string) => {
    steps += 1;
    if (steps > stepsMax) return;
    world.removed.set(name, world.sequence);
    // The last step reaches only half of them.
    for (const [at, copy] of copies.entries())
      if (steps < stepsMax || at % 2 === 0) copy.has.delete(`${type}/${name}`);
  };
  advance();
  remove('snapshots', goes);
  if (steps < stepsMax) {
    for (const copy of copies) copy.has.set(`index/${index}`, 1);
    advance();
    for (const name of old) remove('index', name);
    for (const pack of unneeded) remove('data', pack);
  }
  for (const copy of copies) expectWhole(world, copy);
}

/** Another device of mine, which knows nothing of these books. */
function strange(world: World, copy: ModelCopy): void {
  const older = namesOf(copy, 'snapshots').flatMap((name) => world.needed.get(name) ?? []);
  const [pack, index, snapshot] = [newName(world), newName(world), newName(world)];
  world.listed.set(index, [pack]);
  world.needed.set(snapshot, [pack, ...older]);
  for (const key of [`data/${pack}`, `index/${index}`, `snapshots/${snapshot}`])
    copy.has.set(key, 1);
  copy.isApart = true;
}

function trim(world: World): void {
  const oldest = Math.min(...world.removed.values());
  if (!Number.isFinite(oldest)) return;
  for (const [name, sequence] of world.removed) if (sequence === oldest) world.removed.delete(name);
  world.trimmed = Math.max(world.trimmed, oldest);
}

type Step = {
  readonly what: 'backup' | 'prune' | 'catch-up' | 'strange' | 'trim';
  readonly here: number;
  readonly number: number;
};

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('backup', 'backup', 'prune', 'prune', 'catch-up', 'strange', 'trim'),
  here: fc.integer({ min: 1, max: 15 }),
  number: fc.integer({ min: 0, max: 12 }),
});

function act(world: World, { what, here, number }: Step): void {
  const reachable = world.copies.filter(({ id }) => (here >> id) % 2 === 1);
  const [first] = reachable;
  if (first === undefined) return;
  if (what === 'backup') backup(world, prepared(world, reachable), number % 4);
  else if (what === 'catch-up') catchUp(world, reachable, number);
  else if (what === 'trim') trim(world);
  else if (what === 'strange') strange(world, first);
  else {
    // Pruned is only where nothing newer is away.
    const isNewestHere = reachable.some(
      (copy) => copy.sequence === world.sequence && !copy.isApart,
    );
    if (isNewestHere) prune(world, prepared(world, reachable), number, number);
  }
}

const RUNS = runs(500);
const FAILED_ONCE: readonly (readonly Step[])[] = [
  // A copy that was caught up alone went on without what one knew that was away, and nobody noted it.
  [
    { what: 'backup', here: 1, number: 0 },
    { what: 'backup', here: 10, number: 0 },
    { what: 'catch-up', here: 1, number: 0 },
    { what: 'prune', here: 1, number: 1 },
    { what: 'trim', here: 1, number: 0 },
  ],
  // What another device had written to one copy did not get through to the newest one, and both counted as the newest.
  [
    { what: 'backup', here: 3, number: 0 },
    { what: 'catch-up', here: 3, number: 12 },
    { what: 'strange', here: 2, number: 0 },
    { what: 'catch-up', here: 3, number: 1 },
    { what: 'prune', here: 1, number: 1 },
    { what: 'trim', here: 1, number: 0 },
  ],
  // A copy counted as caught up before what no list named any more had left it.
  [
    { what: 'backup', here: 7, number: 0 },
    { what: 'prune', here: 1, number: 2 },
    { what: 'trim', here: 1, number: 0 },
    { what: 'catch-up', here: 7, number: 1 },
  ],
];

describe('what copies are sent and what is removed from them', () => {
  test(
    'every copy is whole after every step, all are equal in the end, and no snapshot that was not forgotten is lost',
    () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40 }), (steps: readonly Step[]) => {
          const world = newWorld(4);
          for (const each of steps) {
            act(world, each);
            for (const copy of world.copies) expectWhole(world, copy);
          }
          catchUp(world, world.copies, Number.POSITIVE_INFINITY);
          const there = new Set(world.copies.flatMap((copy) => namesOf(copy, 'snapshots')));
          for (const snapshot of world.needed.keys())
            if (!world.forgotten.has(snapshot)) expect(there).toContain(snapshot);
          // Nothing is left to do.
          for (const { add, remove } of planOf(world, world.copies).steps)
            expect([...add, ...remove]).toEqual([]);
        }),
        { numRuns: RUNS, examples: FAILED_ONCE.map((steps) => [steps]) },
      );
    },
    30_000 + RUNS * 100,
  );

  const listing = (...keys: readonly string[]): Listing => {
    const has = new Map(keys.map((key) => [key, 1] as const));
    return listingOf({ id: 0, has, sequence: 0, isApart: false });
  };
  const common = { isNewest: false, isApart: false, lacks: [], hasMissed: false };

  test('what comes back to life because a copy with its own history lacks it is sent there, and not removed where it still lies', () => {
    const plan = planCatchUp(
      [
        { ...common, copy: 'newest', listing: listing('data/x'), isNewest: true },
        {
          ...common,
          copy: 'apart',
          listing: listing(),
          isApart: true,
          lacks: [{ type: 'data', name: 'x' }],
        },
      ],
      new Set(['x']),
    );
    expect(plan.revived).toEqual(['x']);
    expect(plan.steps.flatMap(({ remove }) => remove)).toEqual([]);
    const sent = plan.steps.find(({ copy }) => copy === 'apart')?.add ?? [];
    expect(sent.map(({ name }) => name)).toEqual(['x']);
  });

  test('a copy that was away gets what is new and loses what was removed, in an order that keeps it whole', () => {
    const plan = planCatchUp(
      [
        {
          ...common,
          copy: 'new',
          isNewest: true,
          listing: listing('data/b', 'index/y', 'snapshots/t'),
        },
        { ...common, copy: 'old', listing: listing('data/a', 'index/x', 'snapshots/s') },
      ],
      new Set(['a', 'x', 's']),
    );
    expect(plan.steps[0]).toMatchObject({ add: [], remove: [] });
    expect(plan.steps[1]?.add.map(({ type }) => type)).toEqual(['data', 'index', 'snapshots']);
    expect(plan.steps[1]?.remove.map(({ type }) => type)).toEqual(['snapshots', 'index', 'data']);
  });

  test('what was removed once comes back when another device’s snapshot is there, which may need it', () => {
    const plan = planCatchUp(
      [
        {
          ...common,
          copy: 'new',
          isNewest: true,
          listing: listing('data/b', 'index/y', 'snapshots/t'),
        },
        { ...common, copy: 'other', listing: listing('data/a', 'index/x', 'snapshots/u') },
      ],
      new Set(['a', 'x']),
    );
    expect([...plan.revived].sort()).toEqual(['a', 'x']);
    expect(plan.steps[0]?.add.map(({ name }) => name)).toEqual(['a', 'x', 'u']);
    expect(plan.steps.flatMap(({ remove }) => remove)).toEqual([]);
  });

  test('nothing is removed where no copy at the newest sequence can be asked', () => {
    const plan = planCatchUp(
      [
        { ...common, copy: 'one', hasMissed: true, listing: listing('data/a', 'index/x') },
        { ...common, copy: 'other', hasMissed: true, listing: listing('data/b', 'index/y') },
      ],
      new Set(['a', 'x']),
    );
    expect(plan.steps.flatMap(({ remove }) => remove)).toEqual([]);
    expect(plan.steps.map(({ add }) => add.map(({ name }) => name))).toEqual([
      ['b', 'y'],
      ['a', 'x'],
    ]);
  });

  test('a pack that the newest copy has lost does not go from one that was away for long', () => {
    const newest = {
      ...common,
      copy: 'new',
      isNewest: true,
      listing: listing('data/b', 'index/y', 'snapshots/t'),
    };
    const old = {
      ...common,
      copy: 'old',
      hasMissed: true,
      listing: listing('data/a', 'data/c', 'index/x'),
    };
    const plan = planCatchUp([newest, old], new Set(), new Set(['a', 'b']));
    expect(plan.steps[0]?.add.map(({ name }) => name)).toEqual(['a']);
    expect(plan.steps[1]?.remove.map(({ name }) => name)).toEqual(['x', 'c']);
    // Where it can't be known what the newest copy needs, nothing goes.
    const unsure = planCatchUp([newest, old], new Set(), 'unknown');
    expect(unsure.steps.flatMap(({ remove }) => remove)).toEqual([]);
  });

  test('an object of different lengths is named, wherever it is', () => {
    const short = { ...listing('data/a'), data: new Map([['a', 0]]) };
    const plan = planCatchUp(
      [
        { ...common, copy: 'one', isNewest: true, listing: listing('data/a') },
        { ...common, copy: 'other', isNewest: true, listing: short },
      ],
      new Set(),
    );
    expect(plan.uneven).toEqual([{ type: 'data', name: 'a' }]);
  });
});
