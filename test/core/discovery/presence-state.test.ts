import { describe, expect, it } from 'vitest';
import {
  type DeviceState,
  GAP_MS,
  nextState,
  type PresenceEvent,
  REFRESH_MS,
  unknownDevice,
} from '../../../electron/core/discovery/presence-state.ts';
import { fc } from '../../fakes/properties.ts';

const at = (nowMs: number, chance = 0.5) => ({ nowMs, chance });
const ANSWERED: PresenceEvent = { type: 'answered' };
const SILENT: PresenceEvent = { type: 'failed', trouble: 'unreachable' };

/** Calls the device when it is due, and it ends as said, after no time. */
function call(state: DeviceState, end: PresenceEvent): { state: DeviceState; nowMs: number } {
  const nowMs = state.dueMs;
  return {
    nowMs,
    state: nextState(nextState(state, { type: 'calls' }, at(nowMs)), end, at(nowMs)),
  };
}

function online(nowMs = 0): DeviceState {
  return nextState(
    nextState(unknownDevice(at(nowMs, 0)), { type: 'calls' }, at(nowMs)),
    ANSWERED,
    at(nowMs),
  );
}

const anyEvent: fc.Arbitrary<PresenceEvent> = fc.oneof(
  fc.constant<PresenceEvent>({ type: 'lost' }),
  fc.constant<PresenceEvent>({ type: 'look' }),
  fc.constant<PresenceEvent>({ type: 'wanted' }),
  fc.constant<PresenceEvent>({ type: 'news' }),
  fc.constant<PresenceEvent>({ type: 'goes' }),
  fc.boolean().map<PresenceEvent>((moved) => ({ type: 'sighted', moved })),
  fc.boolean().map<PresenceEvent>((proved) => ({ type: 'heard', proved })),
);
const anyEnd: fc.Arbitrary<PresenceEvent> = fc.oneof(
  fc.constant(ANSWERED),
  fc.constant<PresenceEvent>({ type: 'answered', goes: true }),
  fc.constant<PresenceEvent>({ type: 'dropped' }),
  fc
    .constantFrom('unreachable', 'wrong-key', 'not-friends', 'revoked', 'no-address')
    .map<PresenceEvent>((trouble) => ({ type: 'failed', trouble }) as PresenceEvent),
);
const anyStep = fc.record({
  event: anyEvent,
  end: anyEnd,
  afterMs: fc.integer({ min: 0, max: 20_000 }),
  lastsMs: fc.integer({ min: 0, max: 12_000 }),
  chance: fc.double({ min: 0, max: 0.999, noNaN: true }),
});

describe('one device of a friend', () => {
  it('is called soon after the start, and counts as there only when its key has answered', () => {
    const first = unknownDevice(at(0));
    expect(first).toMatchObject({ state: 'unknown' });
    expect(first.dueMs).toBeLessThan(300);
    expect(nextState(first, { type: 'sighted', moved: false }, at(10)).state).toBe('unknown');
    expect(call(first, ANSWERED).state.state).toBe('online');
  });

  it('is asked again every five minutes while it is there, give or take a minute', () => {
    for (const chance of [0, 0.5, 0.999]) {
      const { dueMs } = nextState(online(), ANSWERED, at(0, chance));
      expect(dueMs).toBeGreaterThanOrEqual(REFRESH_MS * 0.8);
      expect(dueMs).toBeLessThanOrEqual(REFRESH_MS * 1.2);
    }
  });

  it('that calls us needs no call of ours', () => {
    const heard = nextState(online(), { type: 'heard', proved: true }, at(200_000));
    expect(heard.dueMs).toBe(200_000 + REFRESH_MS);
  });

  it('that calls us twice is still called once, to learn whether it is reached there', () => {
    const once = nextState(unknownDevice(at(0)), { type: 'heard', proved: false }, at(100));
    const twice = nextState(once, { type: 'heard', proved: true }, at(200));
    expect(twice.dueMs).toBe(once.dueMs);
    const called = nextState(nextState(twice, { type: 'calls' }, at(1100)), ANSWERED, at(1110));
    const again = nextState(called, { type: 'heard', proved: true }, at(5000));
    expect(again.dueMs).toBe(5000 + REFRESH_MS);
  });

  it('is away after three missed answers, two and five seconds apart', () => {
    let { state, nowMs } = call(online(), SILENT);
    expect(state).toMatchObject({ state: 'online', dueMs: nowMs + 2000 });
    ({ state, nowMs } = call(state, SILENT));
    expect(state).toMatchObject({ state: 'online', dueMs: nowMs + 5000 });
    ({ state } = call(state, SILENT));
    expect(state).toMatchObject({ state: 'away', trouble: 'unreachable' });
  });

  it('is asked less and less while it is away, down to every five minutes', () => {
    let { state, nowMs } = call(unknownDevice(at(0)), SILENT);
    const waits: number[] = [];
    for (let count = 0; count < 12; count += 1) {
      waits.push(Math.round((state.dueMs - nowMs) / 1000));
      ({ state, nowMs } = call(state, SILENT));
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  });

  it('that refuses us is away at once, and why is kept', () => {
    const refused = call(online(), { type: 'failed', trouble: 'not-friends' }).state;
    expect(refused).toMatchObject({ state: 'away', trouble: 'not-friends' });
  });

  it('without an address waits until something is learnt', () => {
    const nowhere = call(unknownDevice(at(0)), { type: 'failed', trouble: 'no-address' }).state;
    expect(nowhere.dueMs).toBe(Number.POSITIVE_INFINITY);
    const seen = nextState(nowhere, { type: 'sighted', moved: false }, at(60_000));
    expect(seen.dueMs).toBe(60_000);
  });

  it('is called at once when it is seen again, or when networks changed, however long it was away', () => {
    let { state, nowMs } = call(unknownDevice(at(0)), SILENT);
    for (let count = 0; count < 12; count += 1) ({ state, nowMs } = call(state, SILENT));
    const later = nowMs + 50_000;
    expect(nextState(state, { type: 'sighted', moved: false }, at(later)).dueMs).toBe(later);
    const looked = nextState(state, { type: 'look' }, at(later));
    expect(looked.dueMs).toBeLessThanOrEqual(later + 300);
    // And what follows begins with short waits again.
    const again = call(looked, SILENT);
    expect(again.state.dueMs - again.nowMs).toBe(1000);
  });

  it('stays gone when a call that was under way at its goodbye is answered', () => {
    const calling = nextState(online(), { type: 'calls' }, at(1000));
    const gone = nextState(calling, { type: 'goes' }, at(1001));
    const ended = nextState(gone, ANSWERED, at(1002));
    expect(ended).toMatchObject({ state: 'away', calling: false, gone: false });
    // The next answer counts again.
    expect(call(ended, ANSWERED).state.state).toBe('online');
  });

  it('that answers only to say goodbye is not there', () => {
    expect(call(online(), { type: 'answered', goes: true }).state).toMatchObject({
      state: 'away',
      calling: false,
    });
  });

  it('that said goodbye is away at once and not asked at once', () => {
    const gone = nextState(online(), { type: 'goes' }, at(1000));
    expect(gone).toMatchObject({ state: 'away', trouble: null });
    expect(gone.dueMs).toBeGreaterThan(20_000);
  });

  it('that is there is not called for being seen where it was', () => {
    const there = online();
    expect(nextState(there, { type: 'sighted', moved: false }, at(50))).toEqual(there);
    expect(nextState(there, { type: 'sighted', moved: true }, at(2000)).dueMs).toBe(2000);
    expect(nextState(there, { type: 'lost' }, at(2000)).dueMs).toBe(2000);
  });

  it('hears news at most every five seconds', () => {
    const there = online();
    expect(nextState(there, { type: 'news' }, at(10)).dueMs).toBe(5000);
    expect(nextState(there, { type: 'news' }, at(9000)).dueMs).toBe(9000);
  });

  it('is not called more and more because somebody announces it again and again', () => {
    let { state, nowMs } = call(unknownDevice(at(0, 0)), SILENT);
    let calls = 0;
    const endMs = nowMs + 600_000;
    for (; nowMs < endMs; nowMs += 100) {
      state = nextState(state, { type: 'sighted', moved: true }, at(nowMs));
      if (state.dueMs > nowMs) continue;
      calls += 1;
      state = nextState(nextState(state, { type: 'calls' }, at(nowMs)), SILENT, at(nowMs));
    }
    // Ten at once, then two a minute, and what back-off brings besides.
    expect(calls).toBeLessThan(60);
  });

  it('is proved where it claims to be at most once a minute', () => {
    let state = online();
    let calls = 0;
    for (let nowMs = 0; nowMs < 600_000; nowMs += 500) {
      state = nextState(state, { type: 'heard', proved: false }, at(nowMs));
      if (state.dueMs > nowMs) continue;
      calls += 1;
      state = nextState(nextState(state, { type: 'calls' }, at(nowMs)), ANSWERED, at(nowMs));
    }
    expect(calls).toBeLessThanOrEqual(11);
  });

  it('somebody waits for is called within a second, whatever it says or is said of it meanwhile', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 20 }), fc.boolean(), (events, isCalling) => {
        let state = online(10_000);
        if (isCalling) state = nextState(state, { type: 'calls' }, at(20_000));
        state = nextState(state, { type: 'wanted' }, at(20_000));
        for (const event of events) state = nextState(state, event, at(20_010));
        if (isCalling) state = nextState(state, { type: 'dropped' }, at(20_020));
        for (const event of events) state = nextState(state, event, at(20_030));
        expect(state.dueMs).toBeLessThanOrEqual(20_020 + GAP_MS);
      }),
    );
  });
});

describe('whatever happens to a device', () => {
  /** Runs events and calls against a clock; a call in progress that is due again is begun anew. */
  function live(
    steps: readonly {
      event: PresenceEvent;
      end: PresenceEvent;
      afterMs: number;
      lastsMs: number;
      chance: number;
    }[],
    look: (state: DeviceState, nowMs: number, begun: boolean) => void,
  ) {
    let state = unknownDevice(at(0, 0.3));
    let nowMs = 0;
    let ends: { atMs: number; event: PresenceEvent } | undefined;
    const begin = (end: PresenceEvent, lastsMs: number, chance: number) => {
      if (ends !== undefined) state = nextState(state, { type: 'dropped' }, at(nowMs, chance));
      state = nextState(state, { type: 'calls' }, at(nowMs, chance));
      ends = { atMs: nowMs + lastsMs, event: end };
      look(state, nowMs, true);
    };
    for (const { event, end, afterMs, lastsMs, chance } of steps) {
      const untilMs = nowMs + afterMs;
      for (;;) {
        const next = Math.min(state.dueMs, ends?.atMs ?? Number.POSITIVE_INFINITY);
        if (next > untilMs) break;
        nowMs = Math.max(nowMs, next);
        if (ends !== undefined && ends.atMs <= state.dueMs) {
          state = nextState(state, ends.event, at(nowMs, chance));
          ends = undefined;
          look(state, nowMs, false);
        } else begin(end, lastsMs, chance);
      }
      nowMs = untilMs;
      state = nextState(state, event, at(nowMs, chance));
      look(state, nowMs, false);
    }
  }

  it('two calls are at least a second apart', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        let lastMs = Number.NEGATIVE_INFINITY;
        live(steps, (_state, nowMs, begun) => {
          if (!begun) return;
          // But for what adding fractions of a millisecond loses.
          expect(nowMs - lastMs).toBeGreaterThan(GAP_MS - 0.001);
          lastMs = nowMs;
        });
      }),
    );
  });

  it('it is online only after its key was heard, and never forgotten while it has an address', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        live(steps, (state, nowMs) => {
          if (state.state === 'online') expect(state.trouble).toBeNull();
          const isNowhere = state.trouble === 'no-address';
          if (!state.calling && !isNowhere)
            expect(state.dueMs).toBeLessThanOrEqual(nowMs + REFRESH_MS * 1.2 + 1);
          expect(state.calling || state.dueMs >= state.lastCallMs + GAP_MS).toBe(true);
        });
      }),
    );
  });

  it('without a contact nothing makes it online', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const mute = steps.map((step) => ({
          ...step,
          end: step.end.type === 'answered' ? SILENT : step.end,
          event: step.event.type === 'heard' ? ({ type: 'look' } as const) : step.event,
        }));
        live(mute, (state) => expect(state.state).not.toBe('online'));
      }),
    );
  });
});
