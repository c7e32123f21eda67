import { describe, expect, test } from 'vitest';
import { type IssuerRecord, issuerRate } from '../../../shared/model/issuer-rate.ts';
import { fc } from '../../fakes/properties.ts';

const FRESH: IssuerRecord = { honoured: 0, refused: 0, refusedInARow: 0, awayDays: 0 };

const records = fc
  .record({
    honoured: fc.nat(1000),
    refused: fc.nat(100),
    row: fc.nat(100),
    awayDays: fc.option(fc.double({ min: 0, max: 400, noNaN: true }), { nil: undefined }),
  })
  .map(({ row, ...each }) => ({ ...each, refusedInARow: Math.min(row, each.refused) }));

describe('what an issuer’s unit is worth', () => {
  test('is 1 at first, and after two weeks of holidays', () => {
    expect(issuerRate(FRESH)).toBe(1);
    expect(issuerRate({ ...FRESH, awayDays: 14 })).toBe(1);
    expect(issuerRate({ ...FRESH, awayDays: undefined })).toBe(1);
  });

  test('falls by refusals, faster by several in a row, and comes back by notes that are honoured', () => {
    expect(issuerRate({ ...FRESH, refused: 1, refusedInARow: 1 })).toBe(0.5);
    expect(issuerRate({ ...FRESH, refused: 2, refusedInARow: 2 })).toBe(0.17);
    expect(issuerRate({ ...FRESH, honoured: 20, refused: 1 })).toBe(0.86);
  });

  test('falls while he is away, to a tenth when his notes have run out', () => {
    expect(issuerRate({ ...FRESH, awayDays: 52 })).toBe(0.55);
    expect(issuerRate({ ...FRESH, awayDays: 90 })).toBe(0.1);
  });

  test('is never above 1 nor below 0, and no further refusal nor absence ever raises it', () => {
    fc.assert(
      fc.property(records, fc.double({ min: 0, max: 100, noNaN: true }), (record, days) => {
        const rate = issuerRate(record);
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual(1);
        const { refused, refusedInARow, awayDays = 0 } = record;
        const worse = { ...record, refused: refused + 1, refusedInARow: refusedInARow + 1 };
        expect(issuerRate(worse)).toBeLessThanOrEqual(rate);
        expect(issuerRate({ ...record, awayDays: awayDays + days })).toBeLessThanOrEqual(rate);
        const better = { ...record, honoured: record.honoured + 1, refusedInARow: 0 };
        expect(issuerRate(better)).toBeGreaterThanOrEqual(rate);
      }),
    );
  });

  test('is what the owner says, whatever happened', () => {
    fc.assert(
      fc.property(records, fc.double({ min: 0, max: 1000, noNaN: true }), (record, own) => {
        expect(issuerRate(record, own)).toBe(own);
      }),
    );
  });
});
