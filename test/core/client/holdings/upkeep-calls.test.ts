import { describe, expect, it } from 'vitest';
import type { Message } from '../../../../electron/core/client/connection/peer-client.ts';
import { createUpkeepCalls } from '../../../../electron/core/client/holdings/upkeep-calls.ts';
import type { Friend } from '../../../../electron/core/friends/friend-book.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import type { PlotId } from '../../../../shared/ids.ts';
import type { Answer } from '../../../../shared/model/allocate.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { testPlotId } from '../../../fakes/test-ledger.ts';

const ben = { name: 'Ben' } as Friend;
const PLOTS = [1, 2, 3].map(testPlotId);
const answer = (ttl: number) => ({ type: 'granted', ttl }) as Answer;

/** Two devices of Ben's: the first keeps plots 1 and 2, the second plot 3. */
function world(second: (plots: readonly PlotId[]) => Result<unknown, Fault>) {
  const singles: PlotId[] = [];
  const batches: (readonly PlotId[])[] = [];
  const answersTo = (plots: readonly PlotId[]) =>
    ok({ answers: plots.map((plot) => ({ plot, answer: answer(1) })) });
  const calls = createUpkeepCalls({
    renew: async (_host, plot) => {
      singles.push(plot);
      return ok(answer(2));
    },
    toPlotDevices: async <T>(
      _host: Friend,
      plots: readonly PlotId[],
      messageOf: (plots: readonly PlotId[]) => Message<T>,
    ) => {
      const on = [plots.slice(0, 2), plots.slice(2)];
      return on.map((kept, device) => {
        messageOf(kept);
        batches.push(kept);
        return { plots: kept, result: (device === 0 ? answersTo(kept) : second(kept)) as never };
      });
    },
    toEach: async () => [],
  });
  return { calls, singles, batches, answersTo };
}

describe('renewing many plots', () => {
  it('is one call for each device of the friend', async () => {
    const { calls, batches, singles } = world((plots) =>
      ok({ answers: plots.map((plot) => ({ plot, answer: answer(1) })) }),
    );
    const answers = await calls.renewMany(ben, PLOTS, { want: 1 });
    expect(batches).toEqual([PLOTS.slice(0, 2), PLOTS.slice(2)]);
    expect([...answers.keys()]).toEqual(PLOTS);
    expect(singles).toEqual([]);
  });

  it('is done one by one where a device has never heard of it', async () => {
    const { calls, singles } = world(() =>
      failed(fault('refused', { friend: 'Ben', denial: 'bad-request' })),
    );
    const answers = await calls.renewMany(ben, PLOTS, { want: 1 });
    expect(singles).toEqual(PLOTS.slice(2));
    expect(answers.get(testPlotId(3))).toEqual(ok(answer(2)));
    expect(answers.get(testPlotId(1))).toEqual(ok(answer(1)));
  });

  it('says of each plot that its device could not be reached', async () => {
    const off = failed(fault('unreachable', { friend: 'Ben', detail: 'off' }));
    const { calls, singles } = world(() => off);
    const answers = await calls.renewMany(ben, PLOTS, { want: 1 });
    expect(answers.get(testPlotId(3))).toEqual(off);
    expect(singles).toEqual([]);
  });
});
