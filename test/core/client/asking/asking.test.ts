import { expect, test } from 'vitest';
import { createAsking } from '../../../../electron/core/client/asking/asking.ts';
import {
  collectReasons,
  type ReasonSource,
} from '../../../../electron/core/client/asking/reasons.ts';
import type { Friend } from '../../../../electron/core/friends/friend-book.ts';
import { fault, type Fault } from '../../../../shared/fault.ts';
import type { AllocateRequest, Answer } from '../../../../shared/model/allocate.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { DAY_MS } from '../../../../shared/units.ts';
import { testOwnerId } from '../../../fakes/test-ledger.ts';

const BEN = { owner: testOwnerId(1), name: 'Ben' } as Friend;
const CLEO = { owner: testOwnerId(2), name: 'Cleo' } as Friend;
const LOST = failed(fault('unreachable', { friend: 'Ben' }));
const GRANTED = { type: 'granted', plot: 'p' } as unknown as Answer;
const DENIED = { type: 'denied', reasons: [{ code: 'paused' }] } as unknown as Answer;
const WISH = { size: 10n, duration: { want: 60 }, purpose: 'photos' };

/** A friend who hears everything, and of whose answers some get lost. */
function world(answers: readonly Result<Answer, Fault>[], more: readonly ReasonSource[] = []) {
  const clock = { monotonicMs: () => 0 };
  const asked: Omit<AllocateRequest, 'v'>[] = [];
  const next = async (_host: Friend, request: Omit<AllocateRequest, 'v'>) => {
    asked.push(request);
    return answers[asked.length - 1] ?? failed(fault('internal'));
  };
  let count = 0;
  const counts = async () => {
    count += 1;
    return [{ kind: 'x-count', count }] as never;
  };
  const asking = createAsking({
    peers: { allocate: next, quote: next },
    reasons: collectReasons([{ cost: 'free', reasons: counts }, ...more]),
    clock,
  });
  return { asking, asked, clock };
}

test('what was asked and not answered is asked again to the letter, since it may have been granted', async () => {
  const { asking, asked } = world([LOST, LOST, ok(GRANTED), ok(GRANTED)]);
  expect(await asking.allocate(BEN, WISH)).toEqual(LOST);
  expect(await asking.allocate(BEN, { ...WISH })).toEqual(LOST);
  expect(await asking.allocate(BEN, WISH)).toEqual(ok(GRANTED));
  expect(asked[1]).toEqual(asked[0]);
  expect(asked[2]).toEqual(asked[0]);
  // What is wished once more after an answer is another wish.
  await asking.allocate(BEN, WISH);
  expect(asked[3]?.requestId).not.toBe(asked[0]?.requestId);
});

test('a no that was lost is no answer to what is asked now', async () => {
  const { asking, asked } = world([LOST, ok(DENIED), ok(GRANTED)]);
  await asking.allocate(BEN, WISH);
  expect(await asking.allocate(BEN, WISH)).toEqual(ok(GRANTED));
  expect(asked[2]?.requestId).not.toBe(asked[0]?.requestId);
});

test('of somebody else, or for something else, it is another request', async () => {
  const { asking, asked } = world([LOST, ok(GRANTED), ok(GRANTED)]);
  await asking.allocate(BEN, WISH);
  await asking.allocate(CLEO, WISH);
  await asking.allocate(BEN, { ...WISH, purpose: 'music' });
  expect(new Set(asked.map(({ requestId }) => requestId)).size).toBe(3);
});

test('what was refused before it was heard is asked anew', async () => {
  const refused = failed(fault('wrong-key', { friend: 'Ben' }));
  const { asking, asked } = world([refused, ok(GRANTED)]);
  await asking.allocate(BEN, WISH);
  await asking.allocate(BEN, WISH);
  expect(asked[1]?.requestId).not.toBe(asked[0]?.requestId);
});

test('what was not answered a day ago is another wish now: the plot of then may have been let go of', async () => {
  const { asking, asked, clock } = world([LOST, ok(GRANTED)]);
  await asking.allocate(BEN, WISH);
  clock.monotonicMs = () => DAY_MS;
  await asking.allocate(BEN, WISH);
  expect(asked[1]?.requestId).not.toBe(asked[0]?.requestId);
});

test('a better request whose answer was lost is asked again too, and nothing is paid meanwhile', async () => {
  const ticket: ReasonSource = {
    cost: 'free',
    reasons: async () => [],
    after: async (_host, _wish, _answer, tried) =>
      tried.length === 0 ? ([{ kind: 'x-ticket' }] as never) : undefined,
  };
  const { asking, asked } = world([ok(DENIED), LOST, ok(GRANTED)], [ticket]);
  expect(await asking.allocate(BEN, WISH)).toEqual(LOST);
  expect(asked).toHaveLength(2);
  expect(await asking.allocate(BEN, WISH)).toEqual(ok(GRANTED));
  expect(asked[2]).toEqual(asked[1]);
});
