import { beforeEach, describe, expect, it } from 'vitest';
import type { Sql } from '../../../electron/core/database/open-database.ts';
import { type FriendBook, openFriendBook } from '../../../electron/core/friends/friend-book.ts';
import type { Ledger } from '../../../electron/core/ledger/ledger.ts';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import { DAY_S, GB, MB } from '../../../shared/units.ts';
import {
  addFriend,
  hashOf,
  openTestLedger,
  ROOMY,
  testOwnerId,
  testRequest,
} from '../../fakes/test-ledger.ts';
import { fc, runs } from '../../fakes/properties.ts';

const ana = testOwnerId(1);
const ben = testOwnerId(2);
const now = { nowMs: 1_000_000, serviceS: 1000 };

type World = { readonly sql: Sql; readonly ledger: Ledger; readonly friends: FriendBook };

function openWorld(): World {
  const { sql, ledger } = openTestLedger();
  addFriend(sql, ana, 'Ana');
  addFriend(sql, ben, 'Ben');
  ledger.setOffer({ folder: '/offer', offerBytes: 100n * GB, keepFreeBytes: GB, volume: 'v' });
  const policy = { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] } as const;
  ledger.setPolicy({ owner: undefined, policy: { ...policy, grounds: [...policy.grounds] } });
  return { sql, ledger, friends: openFriendBook(sql, ledger.endAll) };
}

let world: World;
beforeEach(() => {
  world = openWorld();
});

function ask({ ledger }: World, owner: OwnerId, size: bigint, plot?: PlotId) {
  const request = testRequest(size, plot === undefined ? {} : { plot });
  const call = { owner, request, bodyHash: hashOf(request), moment: now, disk: ROOMY };
  return ledger.allocate(call).answer;
}

function granted(of: World, owner: OwnerId, size: bigint): PlotId {
  const answer = ask(of, owner, size);
  if (answer.type !== 'granted') throw new Error(`expected a grant, got ${answer.type}`);
  return answer.plot;
}

function write({ ledger }: World, owner: OwnerId, plot: PlotId, sizeBytes: bigint): void {
  const name = sizeBytes.toString(16).padStart(64, '0');
  const reserved = ledger.reserve({ plot, owner, type: 'data', name, sizeBytes, moment: now });
  if (reserved.ok) ledger.post({ reservation: reserved.value.reservation, moment: now });
}

/** As the sweep and the disk do it. */
function eraseAll({ ledger }: World): void {
  for (const plot of ledger.sweep({ moment: now }).toErase) ledger.erased({ plot, moment: now });
}

describe('a friendship that is to end', () => {
  beforeEach(() => world.friends.setLeaving({ owner: ana, atServiceS: now.serviceS + 5 * DAY_S }));

  it('lets nothing new begin and nothing grow, and says why', () => {
    world.friends.setLeaving({ owner: ana, atServiceS: undefined });
    const plot = granted(world, ana, GB);
    world.friends.setLeaving({ owner: ana, atServiceS: now.serviceS + 5 * DAY_S });
    for (const answer of [ask(world, ana, GB), ask(world, ana, GB, plot)])
      expect(answer).toMatchObject({ type: 'denied', reasons: [{ code: 'leaving' }] });
    expect(world.ledger.share({ owner: ana, disk: ROOMY }).mayAskBytes).toBe(0n);
    expect(ask(world, ben, GB).type).toBe('granted');
  });

  it('goes on as it was when that is taken back', () => {
    world.friends.setLeaving({ owner: ana, atServiceS: undefined });
    expect(ask(world, ana, GB).type).toBe('granted');
  });

  it('lets be written inside the size, and renews up to the end and no further', () => {
    world.friends.setLeaving({ owner: ana, atServiceS: undefined });
    const plot = granted(world, ana, GB);
    world.friends.setLeaving({ owner: ana, atServiceS: now.serviceS + 5 * DAY_S });
    write(world, ana, plot, 100n * MB);
    expect(world.ledger.plot({ plot, moment: now })?.writtenBytes).toBe(100n * MB);
    const { requestId } = testRequest(1n);
    const request = { v: 1 as const, requestId, duration: { want: 31 * DAY_S }, why: [] };
    const bodyHash = hashOf(request);
    const call = { owner: ana, plot, request, bodyHash, moment: now, disk: ROOMY };
    expect(world.ledger.renew(call).answer).toMatchObject({ type: 'granted', ttl: 5 * DAY_S });
  });
});

describe('a friend who departs', () => {
  it('has no plot any more, and each is written down with its bytes', () => {
    const plots = [granted(world, ana, GB), granted(world, ana, 2n * GB)];
    const other = granted(world, ben, GB);
    write(world, ana, plots[1] as PlotId, 7n * MB);
    world.friends.depart({ owner: ana, moment: now });
    expect(world.ledger.plots({ owner: ana, moment: now }).map(({ state }) => state)).toEqual([
      'released',
      'released',
    ]);
    expect(world.ledger.plot({ plot: other, moment: now })?.state).toBe('active');
    expect(world.ledger.decisions({ kinds: ['reclaim'], limit: 9 })).toMatchObject([
      { owner: ana, plot: plots[1], params: { context: 'parted', writtenBytes: `${7n * MB}` } },
      { owner: ana, plot: plots[0], params: { context: 'parted', writtenBytes: '0' } },
    ]);
    expect(world.ledger.sweep({ moment: now }).toErase).toEqual(plots);
  });

  it('departs once, however often that is said', () => {
    granted(world, ana, GB);
    world.friends.depart({ owner: ana, moment: now });
    world.friends.depart({ owner: ana, moment: now });
    eraseAll(world);
    world.friends.depart({ owner: ana, moment: now });
    expect(world.ledger.decisions({ kinds: ['reclaim'], limit: 9 })).toHaveLength(1);
    expect(world.ledger.totals({ disk: ROOMY })).toMatchObject({ promisedBytes: 0n });
  });

  it('can neither be granted nor renewed anything', () => {
    const plot = granted(world, ana, GB);
    world.friends.depart({ owner: ana, moment: now });
    expect(ask(world, ana, GB)).toMatchObject({ type: 'denied', reasons: [{ code: 'blocked' }] });
    expect(ask(world, ana, GB, plot)).toMatchObject({ reasons: [{ code: 'plot-ended' }] });
  });

  it('begins anew when he comes back: with the policy of everybody, and nothing of what was', () => {
    const policy = { guards: {}, grounds: [{ kind: 'quota' as const, bytes: 5n * GB }] };
    world.ledger.setPolicy({ owner: ana, policy });
    const plot = granted(world, ana, GB);
    world.friends.setBlocked({ owner: ana, blocked: true });
    world.friends.depart({ owner: ana, moment: now });
    eraseAll(world);
    const statement = {
      owner: ana,
      device: 'a'.repeat(52) as never,
      instance: 'laptop',
      serial: 1,
      replaces: undefined,
    };
    const signed = { signed: '', signature: '' };
    const back = { name: 'Ana', statement, signed, addresses: [], atMs: 2_000_000 };
    expect(world.friends.add(back)).toEqual({ ok: true, value: undefined });
    expect(world.friends.friends()[0]).toMatchObject({ departed: false, blocked: false });
    expect(world.ledger.policy({ owner: ana })).toMatchObject({ own: false });
    expect(world.ledger.share({ owner: ana, disk: ROOMY }).useBytes).toBe(0n);
    expect(ask(world, ana, GB, plot)).toMatchObject({ reasons: [{ code: 'plot-ended' }] });
    expect(ask(world, ana, 20n * GB).type).toBe('granted');
  });

  it('leaves the totals as they would be if he had never been there', () => {
    const call = fc.record({
      who: fc.constantFrom(ana, ben),
      size: fc.bigInt({ min: 1n, max: 3n * GB }),
      written: fc.bigInt({ min: 1n, max: 300n * MB }),
      weight: fc.option(fc.nat(6).map((half) => half / 2)),
    });
    const play = (
      of: World,
      calls: readonly (typeof call extends fc.Arbitrary<infer C> ? C : never)[],
    ) => {
      for (const { who, size, written, weight } of calls) {
        const grounds = [
          { kind: 'always' as const },
          { kind: 'fair-share' as const, weight: weight ?? 1 },
        ];
        if (weight !== null) of.ledger.setPolicy({ owner: who, policy: { guards: {}, grounds } });
        const answer = ask(of, who, size);
        if (answer.type === 'granted') write(of, who, answer.plot, written);
      }
    };
    fc.assert(
      fc.property(fc.array(call, { maxLength: 12 }), (calls) => {
        const [both, alone] = [openWorld(), openWorld()];
        play(both, calls);
        both.friends.depart({ owner: ana, moment: now });
        eraseAll(both);
        alone.friends.depart({ owner: ana, moment: now });
        play(
          alone,
          calls.filter(({ who }) => who === ben),
        );
        expect(both.ledger.totals({ disk: ROOMY })).toEqual(alone.ledger.totals({ disk: ROOMY }));
        const share = { owner: ben, disk: ROOMY };
        expect(both.ledger.share(share)).toEqual(alone.ledger.share(share));
        // The log rebuilds the total, whatever ended in between.
        const { delta } = both.sql
          .prepare<[], { delta: bigint | null }>(
            'SELECT sum(promised_delta) AS delta FROM decisions',
          )
          .get() ?? { delta: null };
        expect(delta ?? 0n).toBe(both.ledger.totals({ disk: ROOMY }).promisedBytes);
        both.sql.close();
        alone.sql.close();
      }),
      { numRuns: runs(60) },
    );
  });
});
