import { expect } from 'vitest';
import { DAY_S } from '../../../../shared/units.ts';
import type { Stage } from './stage.ts';

/** All that came of a world ends, and the logs lose what is about it: nothing stays but sums, and every sum is right. */
export function forgetAll({ engine, moment, disk }: Stage): void {
  const { sql, ledger, guests, mint } = engine.books();
  const numberOf = (text: string) => Number(sql.prepare<[], bigint>(text).pluck().get());
  const at = moment();
  const plots = () => ledger.plots({ moment: at });
  for (const { owner, plot } of plots()) ledger.release({ owner, plot, moment: at });
  // What was protected would go later.
  sql.exec("UPDATE plots SET leaves_service = 0 WHERE state NOT IN ('released', 'gone')");
  ledger.sweep({ moment: at, mayEndOn: disk(), disk: disk() });
  for (const { plot } of plots()) ledger.erased({ plot, moment: at });
  sql.exec(`DELETE FROM decisions WHERE number < (SELECT max(number) FROM decisions)`);
  // So much later that nothing is about to end any more, however often the notes are looked through.
  for (const years of [6, 7, 8]) {
    const serviceS = at.serviceS + years * 365 * DAY_S;
    const later = { ...at, nowMs: at.nowMs + years * 365 * DAY_S * 1000, serviceS };
    ledger.sweep({ moment: later, mayEndOn: undefined, disk: disk() });
    guests.forget(later);
    while (mint.tidy({ moment: later }));
  }
  // The newest plot keeps its number, and the newest line of the log is about somebody.
  expect(numberOf('SELECT count(*) FROM plots WHERE unlogged = 0')).toBeLessThanOrEqual(1);
  expect(numberOf('SELECT count(*) FROM plots WHERE unlogged = 1')).toBeLessThanOrEqual(1);
  // Those may be two people's; nobody else is remembered.
  const strangers = `SELECT count(*) FROM friends WHERE relation <> 'friend' AND departed = 1
    AND owner NOT IN (SELECT owner FROM plots UNION SELECT owner FROM decisions)`;
  expect(numberOf(strangers)).toBe(0);
  for (const table of ['answers', 'voucher_links', 'mint_spent', 'mint_issues', 'mint_claims'])
    expect(numberOf(`SELECT count(*) FROM ${table}`), table).toBe(0);
  expect(sql.pragma('foreign_key_check')).toEqual([]);
  expect(ledger.totals({ disk: disk() })).toMatchObject({ promisedBytes: 0n, writtenBytes: 0n });
  expect(numberOf('SELECT count(*) FROM usage WHERE promised <> 0 OR written <> 0')).toBe(0);
  const replayed =
    '(SELECT sum(promised_delta) FROM decisions) + (SELECT promised FROM log_before)';
  expect(numberOf(`SELECT ${replayed}`)).toBe(0);
}
