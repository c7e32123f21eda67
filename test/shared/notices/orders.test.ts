import { describe, expect, test } from 'vitest';
import type { NoticeFacts } from '../../../shared/notices/facts.ts';
import { dismissNotice, judgeNotices } from '../../../shared/notices/judge.ts';
import type { NoticeMemory } from '../../../shared/notices/memory.ts';
import { GB } from '../../../shared/units.ts';
import { sayNotice } from '../../../shared/words/say.ts';
import { createTranslator } from '../../../electron/headless/translator.ts';
import { NOON_MS, nothingTold, quiet } from '../../fakes/notice-facts.ts';

type OrderFacts = NonNullable<NoticeFacts['orders']>[number];
const order = (more: Partial<OrderFacts> = {}): OrderFacts => ({
  order: 'one',
  name: 'Ana',
  isAsked: false,
  giveBytes: GB,
  wantBytes: 2n * GB,
  periodS: 30 * 86_400,
  problem: undefined,
  ...more,
});
const told = (orders: NoticeFacts['orders'], memory: NoticeMemory = nothingTold) =>
  judgeNotices(memory, quiet({ orders }), NOON_MS);

describe('standing orders', () => {
  test('that a friend proposes are told with what is swapped, until they are answered', async () => {
    const memory = told([order({ isAsked: true })]);
    expect(memory.notices).toMatchObject([
      { id: 'order-asks:one', level: 'warning', path: 'barter' },
    ]);
    const [notice] = memory.notices;
    const said = notice && sayNotice(await createTranslator(), notice);
    expect(said?.body.replaceAll(/[\u2068\u2069]/g, '')).toBe(
      'Every 30 days you would get notes of Ana over 2 GB and give notes of yours over 1 GB. Say yes or no under Barter.',
    );
    expect(told([order()], memory).notices).toEqual([]);
  });

  test('that stand still are told with the reason, once for each reason', async () => {
    const first = told([order({ problem: 'over-issue-here' })]);
    expect(first.notices).toMatchObject([{ kind: 'order-stuck', params: { friend: 'Ana' } }]);
    const [notice] = first.notices;
    const said = notice && sayNotice(await createTranslator(), notice);
    expect(said?.body).toContain('There is no room for more notes of yours');
    const seen = dismissNotice(first, 'order-stuck:one') ?? first;
    const same = told([order({ problem: 'over-issue-here' })], seen);
    expect(same.notices).toMatchObject([{ dismissed: true }]);
    const other = told([order({ problem: 'off-there' })], same);
    expect(other.notices).toMatchObject([{ dismissed: false }]);
  });

  test('that wait for a friend who is away, for my own pause or for barter itself are no news', () => {
    for (const problem of ['friend-away', 'paused-here', 'friend-owes'])
      expect(told([order({ problem })]).notices, problem).toEqual([]);
    expect(told(undefined).notices).toEqual([]);
  });
});
