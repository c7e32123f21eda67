import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { testOwnerId } from '../../../fakes/test-ledger.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import type { Ground, Guards } from '../../../../shared/model/policy.ts';
import { DAY_S, GB } from '../../../../shared/units.ts';
import { openKeeper } from '../../accounts/world.ts';
import { DEVICE, HOST, openEngine } from './books.ts';
import { createKeeperModel } from './keeper-model.ts';
import { createEngineModel } from './model.ts';
import { type ModelLink, type ModelNote, unitsIn } from './model-types.ts';

/** One host with four friends, two strangers and a household's keeper: the engine, the model, and what both are told by. */
export const FRIENDS = [1, 2, 3, 4].map(testOwnerId);
export const STRANGERS = [5, 6].map(testOwnerId);
export const KEEPER = testOwnerId(800);
export const KEEPER_DEVICE = testOwnerId(801) as string as typeof DEVICE;
export const ACCOUNT = 'family';
export const AS_HOST = { owner: HOST, device: DEVICE };
const START_MS = 1_800_000_000_000;
const GUESTS_POLICY: readonly Ground[] = [{ kind: 'voucher' }, { kind: 'notes' }];
const CRASH_ONE_IN = 400;

export type Chain = readonly (ModelLink & { readonly parent?: string })[];
export type Stage = ReturnType<typeof openStage>;

export function openStage(
  template: { readonly folder: string; readonly file: string },
  {
    seed,
    note,
    agrees,
  }: {
    readonly seed: number;
    readonly note: (what: string) => void;
    /** Called when everything must be as it was before the call in which the program ended. */
    readonly agrees: () => void;
  },
) {
  const random = randomOf(seed);
  const chance = (oneIn: number) => random(oneIn) === 0;
  const pick = <T>(from: readonly T[]): T | undefined => from[random(Math.max(1, from.length))];
  /** Nobody joins, leaves or shrinks, so whoever waits is served within the bound of design §3.3. */
  const isSteady = seed % 3 === 0;
  const reference = createEngineModel(40n * GB, 10_000n * GB);
  const { model } = reference;
  const household = createKeeperModel(12n * GB);
  const keeper = openKeeper();
  const readCharged = keeper.sql.prepare<[], { readonly open: bigint; readonly held: bigint }>(
    'SELECT open, held FROM accounts',
  );
  /** How often the program has ended, inside a call and after one. */
  const crashes = { inside: 0, after: 0 };
  let isBegun = false;
  const engine = openEngine(template.file, join(template.folder, `host-${seed}`), {
    crashes: () => (isBegun && chance(CRASH_ONE_IN) ? 1 + random(14) : undefined),
    crashed: (isDone) => {
      note(isDone ? 'crash after' : 'crash inside');
      crashes[isDone ? 'after' : 'inside'] += 1;
      household.intents.clear();
      // Everything that was acknowledged is there, and nothing else.
      if (!isDone) agrees();
    },
  });
  const { call } = engine;
  const moment = () => ({
    nowMs: model.nowMs,
    serviceS: model.nowS,
    minuteOfDay: model.minuteOfDay(),
  });
  const disk = () => ({ volumePresent: true, freeBytes: model.freeBytes });
  let made = 0;
  const next = () => {
    made += 1;
    return made;
  };

  function setOffer(offerBytes: bigint): void {
    const offer = { folder: '/', offerBytes, keepFreeBytes: 0n, volume: 'v' };
    call(({ ledger }) => ledger.setOffer(offer));
    model.offerBytes = offerBytes;
    model.steadyBytes = undefined;
  }
  function befriend(owner: OwnerId): void {
    const statement = statementOf(owner);
    const signed = { signed: '', signature: '' };
    const who = { name: 'somebody', statement, signed, addresses: [], atMs: model.nowMs };
    call(({ friends }) => friends.add(who));
    const grounds = [{ kind: 'fair-share', weight: 1 }] as const;
    model.people.set(owner, { relation: 'friend', grounds, guards: {} });
  }
  function randomGrounds(): readonly Ground[] {
    const all: readonly (readonly [number, () => Ground])[] = [
      [
        85,
        () => ({
          kind: 'fair-share',
          weight: random(5) / 2,
          ...(chance(5) ? { strict: true } : {}),
        }),
      ],
      [50, () => ({ kind: 'account', keepers: [KEEPER] })],
      [60, () => ({ kind: 'notes' })],
      [30, () => ({ kind: 'reciprocal', ratio: (5 + random(15)) / 10 })],
      [20, () => ({ kind: 'quota', bytes: BigInt(1 + random(8)) * GB })],
      [25, () => ({ kind: 'voucher' })],
      [4, () => ({ kind: 'always' })],
    ];
    // Every other steady world knows nothing but shares: what is promised otherwise makes them smaller.
    if (isSteady && seed % 2 === 0) return [{ kind: 'fair-share', weight: (1 + random(4)) / 2 }];
    const grounds = all.filter(([percent]) => random(100) < percent).map(([, ground]) => ground());
    const first = random(Math.max(1, grounds.length));
    return [...grounds.slice(first), ...grounds.slice(0, first)];
  }
  /** In a steady world nobody is sent away for a while, or nobody could say how long a wait is. */
  function randomGuards(): Guards {
    if (isSteady) return {};
    return {
      ...(chance(20) ? { paused: true } : {}),
      ...(chance(4) ? { askAboveBytes: BigInt(random(6)) * GB } : {}),
      ...(chance(6) ? { quietHours: { fromMin: random(1440), untilMin: random(1440) } } : {}),
      ...(chance(12) ? { maxSize: BigInt(1 + random(8)) * GB } : {}),
      ...(chance(12) ? { maxDurationS: (3 + random(40)) * DAY_S } : {}),
      ...(chance(20) ? { maxPlots: random(8) } : {}),
      ...(chance(25) ? { stopRenewing: true } : {}),
    };
  }
  function setPolicy(owner: OwnerId): void {
    const person = model.people.get(owner);
    if (person?.relation !== 'friend') return;
    const [grounds, guards] = [randomGrounds(), randomGuards()];
    const policy = { guards, grounds: [...grounds] };
    call(({ ledger }) => ledger.setPolicy({ owner, policy }));
    Object.assign(person, { grounds, guards });
    reference.forgive(owner);
  }
  /** For all of them that are no friends. */
  function setGuestsPolicy(): void {
    const guards = { maxPlots: 1, ...(isSteady || chance(2) ? {} : { askAboveBytes: GB }) };
    call(({ ledger }) =>
      ledger.setPolicy({ owner: 'guests', policy: { guards, grounds: [...GUESTS_POLICY] } }),
    );
    for (const owner of STRANGERS)
      model.people.set(owner, {
        relation: reference.relation(owner),
        grounds: GUESTS_POLICY,
        guards,
      });
  }
  function setPause(isPaused: boolean): void {
    const pause = isPaused ? { sinceMs: model.nowMs, untilMs: model.nowMs + 1 } : undefined;
    call(({ ledger }) => ledger.setPause(pause));
    model.isPaused = isPaused;
  }

  /** Notes worth this much, or a little more, or too little, or one that was used before. */
  function someNotes(units: bigint): readonly ModelNote[] {
    const out = model.notes.filter(({ state }) => state === 'out');
    const start = random(Math.max(1, out.length));
    const brought: ModelNote[] = [];
    for (const each of [...out.slice(start), ...out.slice(0, start)]) {
      if (unitsIn(brought) >= units) break;
      brought.push(each);
    }
    const extra = chance(6) ? pick(out) : undefined;
    if (extra !== undefined && !brought.includes(extra)) brought.push(extra);
    if (brought.length > 1 && chance(8)) brought.pop();
    const used = chance(12) ? pick(model.notes.filter(({ state }) => state !== 'out')) : undefined;
    if (used !== undefined) note('a used note');
    return used === undefined ? brought : [...brought, used];
  }
  const checked = (notes: readonly ModelNote[]) => ({
    notes: notes.map(({ keyset, k, secret }) => ({ keyset, k, secret })),
  });

  function erase(plots: readonly PlotId[]): void {
    for (const plot of plots) {
      if (!isSteady && chance(4)) continue;
      call(({ ledger }) => ledger.erased({ plot, moment: moment() }));
      const gone = model.plots.find((each) => each.plot === plot);
      if (gone !== undefined) reference.erased(gone);
    }
  }

  model.nowMs = START_MS;
  keeper.book.setAccount({ account: ACCOUNT, planBytes: household.plan, members: FRIENDS });
  for (const owner of FRIENDS) household.members.add(owner);
  setOffer(model.offerBytes);
  call(({ ledger }) =>
    ledger.setPolicy({
      owner: undefined,
      policy: { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] },
    }),
  );
  setGuestsPolicy();
  for (const owner of FRIENDS) {
    befriend(owner);
    setPolicy(owner);
  }
  isBegun = true;

  return {
    seed,
    random,
    chance,
    pick,
    next,
    note,
    isSteady,
    crashes,
    reference,
    model,
    household,
    keeper,
    engine,
    call,
    moment,
    disk,
    setOffer,
    befriend,
    setPolicy,
    setGuestsPolicy,
    setPause,
    someNotes,
    checked,
    erase,
    charged: () => readCharged.get(),
    vouchers: [] as Chain[],
  };
}

export function statementOf(owner: OwnerId) {
  const device = owner as string as typeof DEVICE;
  return { owner, device, instance: createHash('md5').update(owner).digest('hex'), serial: 1 };
}

function randomOf(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}
