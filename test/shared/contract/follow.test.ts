import { describe, expect, it } from 'vitest';
import {
  FOLLOW_FROM_START,
  type Followed,
  type Following,
  heardEvent,
  lostCore,
  readSnapshot,
} from '../../../shared/contract/follow.ts';
import type { AppEvent } from '../../../shared/contract/views.ts';
import { fc } from '../../fakes/properties.ts';

/** Only what changes matters here; a name stands for the whole state. */
function snapshot(revision: number, epoch = 'a', name = `${epoch}${revision}`): Followed {
  return { epoch, revision, asOfMs: revision, settings: { name } } as unknown as Followed;
}
function event(revision: number, epoch = 'a'): AppEvent {
  const settings = { name: `${epoch}${revision}` } as never;
  return { epoch, revision, asOfMs: revision, changed: { settings } };
}
const live = (at: Followed): Following => ({ snapshot: at, isReading: false, early: [] });
const nameIn = ({ snapshot: at }: Following) => at?.settings.name;

describe('following the core', () => {
  it('takes the slices of the next event and leaves the others as they were', () => {
    const before = { ...snapshot(4), friends: [] };
    const after = heardEvent(live(before), event(5));
    expect(after).toMatchObject({ isReading: false, snapshot: { revision: 5, friends: [] } });
    expect(nameIn(after)).toBe('a5');
  });

  it('ignores what the snapshot holds already', () => {
    const state = live(snapshot(4));
    expect(heardEvent(state, event(4))).toBe(state);
  });

  it.each([
    ['a gap', event(6)],
    ['another run of the core', event(5, 'b')],
    ['an old revision of another run', event(1, 'b')],
  ])('reads again after %s, and keeps showing what it knew', (_what, heard) => {
    expect(heardEvent(live(snapshot(4)), heard)).toEqual({
      snapshot: snapshot(4),
      isReading: true,
      early: [],
    });
  });

  it('applies what came while the snapshot was read', () => {
    const reading = [event(3), event(4), event(5)].reduce(heardEvent, FOLLOW_FROM_START);
    const state = readSnapshot(reading, snapshot(4));
    expect(state.isReading).toBe(false);
    expect(nameIn(state)).toBe('a5');
  });

  it('reads again when something is missing between the snapshot and what came meanwhile', () => {
    const reading = [event(7), event(8)].reduce(heardEvent, FOLLOW_FROM_START);
    expect(readSnapshot(reading, snapshot(4))).toMatchObject({ isReading: true, early: [] });
  });

  it('does not go round in circles over an event of a core that is gone', () => {
    const lost = lostCore(heardEvent(live(snapshot(4)), event(5)));
    const late = heardEvent(lost, event(6));
    const first = readSnapshot(late, snapshot(0, 'b'));
    expect(first.isReading).toBe(true);
    expect(readSnapshot(first, snapshot(0, 'b'))).toEqual(live(snapshot(0, 'b')));
  });

  it('ends up with the core’s own state, whatever is lost, doubled or late', () => {
    const plan = fc.array(
      fc.record({ drop: fc.boolean(), twice: fc.boolean(), restart: fc.boolean() }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(plan, fc.nat(5), (steps, readEvery) => {
        let epoch = 0;
        let revision = 0;
        let state = FOLLOW_FROM_START;
        const core = () => snapshot(revision, `e${epoch}`);
        for (const [i, { drop, twice, restart }] of steps.entries()) {
          if (restart) {
            epoch += 1;
            revision = 0;
            if (!drop) state = lostCore(state);
          }
          revision += 1;
          const heard = event(revision, `e${epoch}`);
          for (let n = drop ? 0 : twice ? 2 : 1; n > 0; n -= 1) state = heardEvent(state, heard);
          if (state.isReading && i % (readEvery + 1) === 0) state = readSnapshot(state, core());
          if (!state.isReading && !drop) expect(nameIn(state)).toBe(core().settings.name);
        }
        // One more event, and at most two readings.
        revision += 1;
        state = heardEvent(state, event(revision, `e${epoch}`));
        for (let i = 0; i < 2 && state.isReading; i += 1) state = readSnapshot(state, core());
        expect(state.isReading).toBe(false);
        expect(nameIn(state)).toBe(core().settings.name);
      }),
    );
  });
});
