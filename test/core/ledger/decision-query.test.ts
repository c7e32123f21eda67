import { describe, expect, it } from 'vitest';
import {
  decisionStatements,
  openDecisionQuery,
} from '../../../electron/core/ledger/decision-query.ts';
import type { DecisionQuery } from '../../../electron/core/ledger/ledger.ts';
import { DECISION_KINDS, DECISION_OUTCOMES } from '../../../shared/model/decision-kinds.ts';
import { openTestLedger, testOwnerId } from '../../fakes/test-ledger.ts';
import { fc } from '../../fakes/properties.ts';

const OWNERS = [testOwnerId(1), testOwnerId(2)] as const;

/** Few times, so that many decisions share one; in any order, as after a clock that was put back. */
const anyDecision = fc.record({
  owner: fc.constantFrom(...OWNERS),
  kind: fc.constantFrom(...DECISION_KINDS),
  outcome: fc.constantFrom(...DECISION_OUTCOMES),
  atMs: fc.integer({ min: 0, max: 12 }),
});
type Drawn = { owner: string; kind: string; outcome: string; atMs: number };

const anyFilter = fc.record(
  {
    owner: fc.constantFrom(...OWNERS),
    kinds: fc.array(fc.constantFrom(...DECISION_KINDS), { minLength: 1, maxLength: 4 }),
    outcomes: fc.array(fc.constantFrom(...DECISION_OUTCOMES), { minLength: 1, maxLength: 3 }),
    sinceMs: fc.integer({ min: 0, max: 13 }),
    untilMs: fc.integer({ min: 0, max: 13 }),
  },
  { requiredKeys: [] },
);

function openLog(decisions: readonly Drawn[]) {
  const { sql } = openTestLedger();
  const insert = sql.prepare(
    `INSERT INTO decisions (at_ms, owner, kind, outcome, promised_delta, params, steps) VALUES (?, ?, ?, ?, 0, '{}', '[]')`,
  );
  for (const { atMs, owner, kind, outcome } of decisions) insert.run(atMs, owner, kind, outcome);
  return { sql, find: openDecisionQuery(sql) };
}

function expected(decisions: readonly Drawn[], filter: Partial<DecisionQuery>): readonly number[] {
  const isTimed = filter.sinceMs !== undefined || filter.untilMs !== undefined;
  return decisions
    .map((decision, index) => ({ ...decision, number: index + 1 }))
    .filter(
      ({ owner, kind, outcome, atMs }) =>
        (filter.owner ?? owner) === owner &&
        (filter.kinds?.includes(kind as never) ?? true) &&
        (filter.outcomes?.includes(outcome as never) ?? true) &&
        atMs >= (filter.sinceMs ?? 0) &&
        atMs <= (filter.untilMs ?? 13),
    )
    .sort((one, other) =>
      isTimed ? other.atMs - one.atMs || other.number - one.number : other.number - one.number,
    )
    .map(({ number }) => number);
}

describe('the log of decisions', () => {
  it('shows page by page exactly what a filter means, newest first', () => {
    fc.assert(
      fc.property(
        fc.array(anyDecision, { maxLength: 80 }),
        anyFilter,
        fc.integer({ min: 1, max: 9 }),
        (decisions, filter, limit) => {
          const { sql, find } = openLog(decisions);
          const shown: number[] = [];
          for (;;) {
            const page = find({ ...filter, before: shown.at(-1), limit }).map(Number);
            shown.push(...page);
            if (page.length < limit) break;
          }
          expect(shown).toEqual(expected(decisions, filter));
          sql.close();
        },
      ),
    );
  });

  it.each(Object.entries(decisionStatements))(
    'walks an index and nothing else: %s',
    (_name, statement) => {
      const { sql } = openLog([]);
      const places = Array.from(statement.matchAll(/\?/g), () => 1);
      const plan = sql
        .prepare<number[], { detail: string }>(`EXPLAIN QUERY PLAN ${statement}`)
        .all(...places)
        .map(({ detail }) => detail);
      expect(plan).toHaveLength(1);
      expect(plan[0]).toMatch(/^SEARCH decisions USING (COVERING INDEX|INTEGER PRIMARY KEY)/);
      sql.close();
    },
  );
});
