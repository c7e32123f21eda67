import { describe, expect, it } from 'vitest';
import {
  askedIn,
  planNotifications,
  type Told,
  toldAtFirst,
} from '../../electron/main/notification-plan.ts';
import type { NoticeView } from '../../shared/contract/views.ts';
import { NOW_MS, notice, request } from './snapshots.ts';
import { fc } from '../fakes/properties.ts';

type Options = Partial<Parameters<typeof planNotifications>[1]>;
const NOTHING_TOLD: Told = { atMs: new Map(), shown: new Map() };
function plan(notices: readonly NoticeView[], more: Options = {}, before: Told = NOTHING_TOLD) {
  const all = { notices, level: 'all', isFocused: false, ...more } as const;
  return planNotifications(before, all);
}
const ids = (notices: readonly NoticeView[]) => notices.map(({ id }) => id);

const away = notice('friend-away', { id: 'friend-away:a' });
const fills = notice('share-fills', { id: 'share-fills:a', level: 'info' });

describe('what can be answered in a notification', () => {
  const asks = (ticket: string) => notice('friend-asks', { id: `friend-asks:${ticket}` });
  const waits = request('Anna');
  const { ticket } = waits;

  it('is the request that it is about', () => {
    expect(askedIn(asks(ticket), [request('Ben'), waits])).toEqual(waits);
  });

  it('is nothing once it was answered, is gone, or waits for room', () => {
    for (const requests of [
      [],
      [{ ...waits, answered: false }],
      [{ ...waits, why: 'queue' as const }],
    ])
      expect(askedIn(asks(ticket), requests)).toBeUndefined();
  });

  it('is nothing where the notice is about something else', () => {
    const other = notice('request-refused', { id: `friend-asks:${ticket}` });
    expect(askedIn(other, [waits])).toBeUndefined();
  });
});

describe('which notices become notifications', () => {
  it('each one once', () => {
    const first = plan([away]);
    expect(ids(first.show)).toEqual(['friend-away:a']);
    const again = plan([away], {}, first.told);
    expect(again).toMatchObject({ show: [], close: [] });
  });

  it('again when it happens anew', () => {
    const { told } = plan([away]);
    const anew = { ...away, atMs: NOW_MS + 5000 };
    const { show, close } = plan([anew], {}, told);
    expect(ids(show)).toEqual(['friend-away:a']);
    expect(close).toEqual(['friend-away']);
  });

  it.each([
    ['all', ['friend-away:a', 'share-fills:a']],
    ['warnings', ['friend-away:a']],
    ['off', []],
  ] as const)('by the level "%s"', (level, expected) => {
    expect(ids(plan([away, fills], { level }).show)).toEqual(expected);
  });

  it('none while the window is in front, and none of those afterwards', () => {
    const focused = plan([away], { isFocused: true });
    expect(focused.show).toEqual([]);
    expect(plan([away], {}, focused.told).show).toEqual([]);
  });

  const atFirst = (notices: readonly NoticeView[]) =>
    toldAtFirst(notices, { startedAtMs: NOW_MS - 1000, nowMs: NOW_MS + 1000 });

  it('none of what had happened before the program started', () => {
    const old = { ...away, atMs: NOW_MS - 86_400_000 };
    expect(plan([old], {}, atFirst([old])).show).toEqual([]);
  });

  it('what happens while the program starts, before anybody could look', () => {
    expect(ids(plan([away], {}, atFirst([away])).show)).toEqual(['friend-away:a']);
  });

  it('what happens after the clock was put back, and nothing old for it', () => {
    const old = { ...fills, atMs: NOW_MS + 86_400_000 };
    const told = atFirst([old]);
    const earlier = { ...away, atMs: NOW_MS - 7_200_000 };
    const first = plan([old, earlier], {}, told);
    expect(ids(first.show)).toEqual(['friend-away:a']);
    const anew = { ...away, atMs: NOW_MS - 86_400_000 };
    expect(ids(plan([old, anew], {}, first.told).show)).toEqual(['friend-away:a']);
  });

  it('the newest in place of the older of its kind', () => {
    const { told } = plan([away]);
    const other = notice('friend-away', { id: 'friend-away:b', atMs: NOW_MS + 10 });
    const { show, close } = plan([away, other], {}, told);
    expect(ids(show)).toEqual(['friend-away:b']);
    expect(close).toEqual(['friend-away']);
    const third = notice('friend-away', { id: 'friend-away:c', atMs: NOW_MS + 5 });
    expect(ids(plan([away, other, third]).show)).toEqual(['friend-away:b']);
  });

  it('takes away what is no longer true or was put away in the window', () => {
    const { told } = plan([away, fills]);
    expect(plan([fills], {}, told).close).toEqual(['friend-away']);
    expect(plan([{ ...away, dismissed: true }, fills], {}, told).close).toEqual(['friend-away']);
  });

  it('never shows two of a kind at once, never one twice, and remembers no more than there are', () => {
    const some = fc.array(
      fc.record({
        kind: fc.constantFrom('friend-away', 'share-fills', 'volume-missing' as const),
        who: fc.constantFrom('a', 'b', 'c'),
        at: fc.integer({ min: 0, max: 5 }),
        dismissed: fc.boolean(),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(some, fc.boolean()), { maxLength: 12 }), (rounds) => {
        let told = NOTHING_TOLD;
        const shownAt = new Map<string, number>();
        const onScreen = new Map<string, string>();
        for (const [list, isFocused] of rounds) {
          const byId = new Map(
            list.map(({ kind, who, at, dismissed }) => [
              `${kind}:${who}`,
              notice(kind, { id: `${kind}:${who}`, atMs: NOW_MS + at, dismissed }),
            ]),
          );
          const next = plan([...byId.values()], { isFocused }, told);
          told = next.told;
          for (const kind of next.close) expect(onScreen.delete(kind)).toBe(true);
          for (const { id, kind, atMs } of next.show) {
            expect(onScreen.has(kind)).toBe(false);
            onScreen.set(kind, id);
            const wasThereAll = byId.get(id)?.atMs;
            expect(wasThereAll).toBe(atMs);
            shownAt.set(id, atMs);
          }
          expect(told.atMs.size).toBeLessThanOrEqual(byId.size);
        }
      }),
    );
  });
});
