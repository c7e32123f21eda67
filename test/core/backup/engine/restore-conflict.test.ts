import { describe, expect, test } from 'vitest';
import {
  type Existing,
  mayBeUnsaved,
  nsOf,
  settleConflict,
} from '../../../../electron/core/backup/engine/restore-conflict.ts';
import { RESTORE_CONFLICTS } from '../../../../shared/model/restore-conflict.ts';

const kept = { sizeBytes: 10, mtimeNs: 1_000_000_000_000n };
const there = (change: Partial<Existing> = {}): Existing => ({
  kind: 'file',
  sizeBytes: 11,
  mtimeNs: 2_000_000_000_000n,
  changedNs: 9_000_000_000_000n,
  ...change,
});

describe('what becomes of a file whose place is taken', () => {
  test.each(RESTORE_CONFLICTS)('the same file is left alone (%s)', (conflict) => {
    const same = there({ sizeBytes: 10, mtimeNs: kept.mtimeNs + 900n });
    expect(settleConflict(same, kept, conflict, true)).toBe('same');
  });

  test('of that size and time it is trusted, unless it is to be replaced', () => {
    const same = there({ sizeBytes: 10, mtimeNs: kept.mtimeNs });
    expect(settleConflict(same, kept, 'keep-both')).toBe('same');
    expect(settleConflict(same, kept, 'replace')).toBe('compare');
    expect(settleConflict(same, kept, 'replace', false)).toBe('replace');
  });

  test('as large, but of another time: its contents decide', () => {
    const touched = there({ sizeBytes: 10 });
    expect(settleConflict(touched, kept, 'replace')).toBe('compare');
    expect(settleConflict(touched, kept, 'replace', true)).toBe('same');
    expect(settleConflict(touched, kept, 'replace', false)).toBe('replace');
  });

  test('another one goes, stays, or both stay, as was chosen', () => {
    expect(settleConflict(there(), kept, 'keep-both')).toBe('beside');
    expect(settleConflict(there(), kept, 'replace')).toBe('replace');
    expect(settleConflict(there(), kept, 'skip')).toBe('keep');
    expect(settleConflict(there(), kept, undefined)).toBe('keep');
  });

  test('the newer one stays', () => {
    expect(settleConflict(there(), kept, 'newer')).toBe('keep');
    expect(settleConflict(there({ mtimeNs: 1n }), kept, 'newer')).toBe('replace');
    expect(settleConflict(there({ mtimeNs: 1n }), { ...kept, mtimeNs: undefined }, 'newer')).toBe(
      'keep',
    );
  });

  test('a folder never makes way for a file', () => {
    expect(settleConflict(there({ kind: 'folder' }), kept, 'replace')).toBe('keep');
    expect(settleConflict(there({ kind: 'other' }), kept, 'replace')).toBe('keep');
    expect(settleConflict(there({ kind: 'link' }), kept, 'replace')).toBe('replace');
  });
});

describe('what an earlier try may have written without its bytes', () => {
  const MINUTE_NS = 60_000_000_000n;
  const atNs = 1_790_000_000n * 1_000_000_000n;
  const file = { sizeBytes: 10, mtimeNs: kept.mtimeNs };
  const last = { untilNs: atNs + 60n * MINUTE_NS, nextNs: undefined };
  const wasChanged = (changedNs: bigint, nextNs: bigint) =>
    mayBeUnsaved(there({ ...file, changedNs }), file, [{ untilNs: atNs, nextNs }, last]);

  test('changed shortly before its end, or before the next began', () => {
    const nextNs = atNs + 20n * MINUTE_NS;
    expect(wasChanged(atNs - MINUTE_NS, nextNs)).toBe(true);
    expect(wasChanged(atNs + 10n * MINUTE_NS, nextNs)).toBe(true);
    expect(wasChanged(atNs - 10n * MINUTE_NS, nextNs)).toBe(false);
    expect(wasChanged(atNs + 40n * MINUTE_NS, nextNs)).toBe(false);
    expect(wasChanged(last.untilNs, nextNs)).toBe(true);
  });

  test('also where the clock had lost the time with the power when the next began', () => {
    expect(wasChanged(atNs - MINUTE_NS, 1_500_000_000n * 1_000_000_000n)).toBe(true);
  });
});

test('times are read to the nanosecond, whatever the place they were written at', () => {
  expect(nsOf('1970-01-01T00:00:01.000000001Z')).toBe(1_000_000_001n);
  expect(nsOf('1970-01-01T02:00:01.5+02:00')).toBe(1_500_000_000n);
  expect(nsOf('1969-12-31T23:59:59.25Z')).toBe(-750_000_000n);
  expect(nsOf('yesterday')).toBeUndefined();
  expect(nsOf(undefined)).toBeUndefined();
});
