import { describe, expect, it } from 'vitest';
import type { Sql } from '../../../electron/core/database/open-database.ts';
import type { Ledger } from '../../../electron/core/ledger/ledger.ts';
import type { Policy } from '../../../shared/model/policy.ts';
import { GB } from '../../../shared/units.ts';
import {
  addFriend,
  hashOf,
  openTestLedger,
  ROOMY,
  testOwnerId,
  testRequest,
} from '../../fakes/test-ledger.ts';
import { fc } from '../../fakes/properties.ts';

const FRIENDS = 3;
const moment = { nowMs: 1000, serviceS: 1000 };
const disk = ROOMY;

const anyPolicy: fc.Arbitrary<Policy> = fc
  .oneof(
    fc.nat(6).map((half) => ({ kind: 'fair-share', weight: half / 2 }) as const),
    fc.bigInt({ min: 1n, max: 40n * GB }).map((bytes) => ({ kind: 'quota', bytes }) as const),
    fc.constant({ kind: 'always' } as const),
  )
  .map((ground) => ({ guards: {}, grounds: [ground] }));
const anyOffer = fc.bigInt({ min: 0n, max: 200n * GB });

/** A few friends, each with a policy and something promised. */
function openWorld(policies: readonly (Policy | undefined)[]): { sql: Sql; ledger: Ledger } {
  const { sql, ledger } = openTestLedger();
  ledger.setOffer({ folder: '/o', offerBytes: 100n * GB, keepFreeBytes: 0n, volume: 'v' });
  for (const [index, policy] of policies.entries()) {
    const owner = testOwnerId(index + 1);
    addFriend(sql, owner, `friend ${index}`);
    if (policy !== undefined) ledger.setPolicy({ owner, policy });
    const request = testRequest(3n * GB);
    ledger.allocate({ owner, request, bodyHash: hashOf(request), moment, disk });
    // Beyond a share of his own, so that some of it is lent where anything is.
    const loan = { ...testRequest(40n * GB), accept: 'borrowed' as const };
    ledger.allocate({ owner, request: loan, bodyHash: hashOf(loan), moment, disk });
  }
  return { sql, ledger };
}

function contents(sql: Sql): unknown {
  const tables = sql
    .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .all();
  return tables.map(({ name }) => [name, sql.prepare(`SELECT * FROM ${name}`).all()]);
}

describe('preview()', () => {
  it('announces exactly what is there after really setting it, and leaves no trace', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(anyPolicy, { nil: undefined }), {
          minLength: FRIENDS,
          maxLength: FRIENDS,
        }),
        fc.record({
          who: fc.option(fc.nat(FRIENDS - 1), { nil: undefined }),
          policy: fc.option(anyPolicy, { nil: undefined }),
          back: fc.boolean(),
          offerBytes: fc.option(anyOffer, { nil: undefined }),
        }),
        (policies, { who, policy, back, offerBytes }) => {
          const { sql, ledger } = openWorld(policies);
          const owner = who === undefined ? undefined : testOwnerId(who + 1);
          const wish = back && owner !== undefined ? null : policy;
          const before = contents(sql);
          const preview = ledger.preview({ owner, policy: wish, offerBytes, disk });
          expect(contents(sql)).toEqual(before);
          const present = preview.map((row) => ledger.share({ owner: row.owner, disk }).shareBytes);
          expect(preview.map((row) => row.presentShareBytes)).toEqual(present);

          const offer = ledger.offer();
          if (offer !== undefined && offerBytes !== undefined)
            ledger.setOffer({ ...offer, offerBytes });
          if (wish !== undefined) ledger.setPolicy({ owner, policy: wish ?? undefined });
          for (const row of preview) {
            const share = ledger.share({ owner: row.owner, disk });
            expect([row.shareBytes, row.mayAskBytes, row.lentBytes, row.mayBorrowBytes]).toEqual([
              share.shareBytes,
              share.mayAskBytes,
              share.lentBytes ?? 0n,
              share.mayBorrowBytes ?? 0n,
            ]);
            expect(row.promisedBytes).toBe(share.useBytes);
          }
          sql.close();
        },
      ),
    );
  });

  it('is taken back inside a transaction as well, and leaves the rest of it alone', () => {
    const { sql, ledger } = openWorld([undefined, undefined]);
    sql.exec('BEGIN IMMEDIATE');
    ledger.setPause({ sinceMs: 1, untilMs: 2 });
    ledger.preview({ owner: undefined, policy: undefined, offerBytes: 1n, disk });
    sql.exec('COMMIT');
    expect(ledger.offer()?.offerBytes).toBe(100n * GB);
    expect(ledger.pause()).toEqual({ sinceMs: 1, untilMs: 2 });
    sql.close();
  });

  it('says nothing of friends who are gone, and nothing impossible before anything is offered', () => {
    const { sql, ledger } = openTestLedger();
    addFriend(sql, testOwnerId(1), 'Ana');
    addFriend(sql, testOwnerId(2), 'Ben');
    sql.prepare('UPDATE friends SET departed = 1 WHERE owner = ?').run(testOwnerId(2));
    const away = { volumePresent: false, freeBytes: 0n };
    const call = { owner: undefined, policy: undefined, offerBytes: GB, disk: away };
    expect(ledger.preview(call)).toMatchObject([{ owner: testOwnerId(1), mayAskBytes: 0n }]);
    expect(ledger.offer()).toBeUndefined();
    sql.close();
  });
});
