import { beforeEach, describe, expect, test } from 'vitest';
import { openChoicesBook } from '../../../electron/core/barter/choices-book.ts';
import { needsIn, type Seen } from '../../../electron/core/barter/translator/doings.ts';
import { openNoteLog } from '../../../electron/core/barter/note-log.ts';
import { openReputationBook } from '../../../electron/core/barter/reputation-book.ts';
import { openDatabase, type Sql } from '../../../electron/core/database/open-database.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { UNIT_BYTES } from '../../../shared/model/notes.ts';

const ben = 'ben' as OwnerId;
const cleo = 'cleo' as OwnerId;

let sql: Sql;
beforeEach(() => {
  const opened = openDatabase(':memory:');
  if (!opened.ok) throw new Error(opened.fault.code);
  sql = opened.value;
});

describe('the log of note movements', () => {
  const entry = (units: bigint, more = {}) => ({
    movement: 'paid' as const,
    issuer: ben,
    with: undefined,
    units,
    atMs: 1000,
    ...more,
  });

  test('is read in pages, the newest first, and no line twice', () => {
    const log = openNoteLog(sql);
    for (let units = 1n; units <= 25n; units += 1n) log.append(entry(units));
    const first = log.page({ limit: 10 });
    expect(first.map(({ units }) => units)).toEqual([
      25n,
      24n,
      23n,
      22n,
      21n,
      20n,
      19n,
      18n,
      17n,
      16n,
    ]);
    const rest = log.page({ before: first.at(-1)?.number, limit: 100 });
    expect(rest.map(({ units }) => units)).toEqual(
      Array.from({ length: 15 }, (_, index) => BigInt(15 - index)),
    );
  });

  test('is only ever added to', () => {
    openNoteLog(sql).append(entry(1n));
    expect(() => sql.exec('UPDATE note_movements SET units = 2')).toThrow('append-only');
    expect(() => sql.exec('DELETE FROM note_movements')).toThrow('append-only');
    expect(() => openNoteLog(sql).append(entry(0n))).toThrow('CHECK');
  });

  test('loses what is older than two years, but never the newest ten thousand lines', () => {
    const log = openNoteLog(sql);
    const yearMs = 365 * 86_400_000;
    sql.transaction(() => {
      for (let line = 0; line < 10_005; line += 1)
        log.append(entry(1n, { atMs: line < 3 ? 0 : yearMs }));
    })();
    const oldest = () => log.page({ limit: 20_000 }).at(-1)?.number;
    log.tidy({ nowMs: 2 * yearMs });
    expect(oldest()).toBe(1);
    log.tidy({ nowMs: 2 * yearMs + 1 });
    expect(oldest()).toBe(4);
    log.tidy({ nowMs: 9 * yearMs });
    expect(oldest()).toBe(6);
  });

  test('knows what was paid to whom since a moment, and nothing of what others paid here', () => {
    const log = openNoteLog(sql);
    log.append(entry(3n));
    log.append(entry(4n, { atMs: 2000 }));
    log.append(entry(5n, { issuer: cleo, atMs: 2000 }));
    log.append(entry(6n, { issuer: 'self', atMs: 2000 }));
    log.append(entry(7n, { movement: 'sent', atMs: 2000 }));
    expect(log.paid({ sinceMs: 1500 })).toEqual([
      { issuer: ben, units: 4n },
      { issuer: cleo, units: 5n },
    ]);
  });
});

describe('how issuers honour their notes', () => {
  test('is counted by issuer; a note that is honoured ends a row of refusals', () => {
    const book = openReputationBook(sql);
    book.refused({ issuer: ben, atMs: 1 });
    book.refused({ issuer: ben, atMs: 2 });
    expect(book.reputations()).toMatchObject([
      { issuer: ben, refused: 2, refusedInARow: 2, lastRefusedMs: 2, honoured: 0 },
    ]);
    book.honoured({ issuer: ben, atMs: 3 });
    book.honoured({ issuer: cleo, atMs: 4 });
    expect(book.reputations()).toMatchObject([
      { issuer: ben, refused: 2, refusedInARow: 0, honoured: 1, lastHonouredMs: 3 },
      { issuer: cleo, refused: 0, honoured: 1, ownRate: undefined },
    ]);
  });

  test('leaves the owner’s word on a rate alone, until he takes it back', () => {
    const book = openReputationBook(sql);
    book.setOwnRate({ issuer: ben, rate: 0.25 });
    book.refused({ issuer: ben, atMs: 1 });
    expect(book.reputations()[0]?.ownRate).toBe(0.25);
    book.setOwnRate({ issuer: ben, rate: null });
    expect(book.reputations()[0]).toMatchObject({ ownRate: undefined, refused: 1 });
  });
});

describe('what the owner has chosen', () => {
  test('begins with GB-months and a translator that is off, and damage costs one choice', () => {
    const book = openChoicesBook(sql);
    expect(book.choices()).toEqual({
      currency: { name: null, perGbMonth: 1 },
      translator: { on: false, mostGiveUnits: 0n, mostWantUnits: 0n },
    });
    book.choose({ currency: { name: 'Taler', perGbMonth: 12 } });
    book.choose({ translator: { on: true, mostGiveUnits: 2n ** 60n, mostWantUnits: 1n } });
    sql.exec(`UPDATE barter_choices SET value = '{"name":7}' WHERE name = 'currency'`);
    expect(book.choices()).toEqual({
      currency: { name: null, perGbMonth: 1 },
      translator: { on: true, mostGiveUnits: 2n ** 60n, mostWantUnits: 1n },
    });
    sql.exec(`UPDATE barter_choices SET value = '{"on":tr' WHERE name = 'translator'`);
    expect(book.choices().translator).toEqual({ on: false, mostGiveUnits: 0n, mostWantUnits: 0n });
  });
});

describe('what is wanted at each friend', () => {
  const photos = {
    name: 'photos',
    hosts: [ben],
    lastBytes: 40n * UNIT_BYTES,
    lastFault: { key: 'fault.refused', params: { friend: 'Ben', denial: 'over-share' } },
  };
  const seen = (more: Partial<Seen> = {}): Seen => ({
    friends: [
      { owner: ben, name: 'Ben', isThere: true, mayAskBytes: undefined },
      { owner: cleo, name: 'Cleo', isThere: false, mayAskBytes: undefined },
    ],
    sets: [photos],
    holdings: [
      { host: ben, set: 'photos', sizeBytes: 30n * UNIT_BYTES, writtenBytes: 28n * UNIT_BYTES },
    ],
    wishes: [],
    paid: [],
    ...more,
  });
  const unitsAt = (facts: Seen, owner: OwnerId) => {
    const need = needsIn(facts).find(({ friend }) => friend === owner);
    return (need?.refusedBytes ?? 0n) / UNIT_BYTES;
  };

  test('is what a set lacks at the friend who refused it room, and at no other', () => {
    expect(unitsAt(seen(), ben)).toBe(10n);
    expect(unitsAt(seen(), cleo)).toBe(0n);
  });

  test('is nothing where the refusal is about something that notes don’t buy', () => {
    const params = { friend: 'Ben', denial: 'paused' };
    const paused = { ...photos, lastFault: { key: 'fault.refused', params } };
    expect(unitsAt(seen({ sets: [paused] }), ben)).toBe(0n);
    expect(unitsAt(seen({ sets: [{ ...photos, lastFault: undefined }] }), ben)).toBe(0n);
  });

  test('is a beginning for a set that was never kept, and counts what waits once', () => {
    const first = { ...photos, lastBytes: undefined };
    expect(unitsAt(seen({ sets: [first], holdings: [] }), ben)).toBe(16n);
    const wishes = [
      { host: ben, set: 'photos', sizeBytes: 10n * UNIT_BYTES },
      { host: cleo, set: undefined, sizeBytes: 5n * UNIT_BYTES },
    ];
    expect(unitsAt(seen({ wishes }), ben)).toBe(10n);
    expect(unitsAt(seen({ wishes }), cleo)).toBe(5n);
    expect(unitsAt(seen({ wishes, sets: [] }), ben)).toBe(10n);
  });

  test('is what a set that grew will want beyond its plot, as far as its keeper gives no more for nothing', () => {
    const grown = { ...photos, lastFault: undefined };
    const at = (writtenUnits: bigint, mayAskUnits: bigint | undefined) => {
      const writtenBytes = writtenUnits * UNIT_BYTES;
      const mayAskBytes = mayAskUnits === undefined ? undefined : mayAskUnits * UNIT_BYTES;
      const facts = seen({
        sets: [grown],
        friends: [{ owner: ben, name: 'Ben', isThere: true, mayAskBytes }],
        holdings: [{ host: ben, set: 'photos', sizeBytes: 40n * UNIT_BYTES, writtenBytes }],
      });
      return unitsAt(facts, ben);
    };
    expect(at(40n, 0n)).toBe(5n);
    expect(at(40n, 2n)).toBe(3n);
    expect(at(40n, 5n)).toBe(0n);
    expect(at(32n, 0n)).toBe(0n);
    // What he would give nobody knows: then his no is waited for.
    expect(at(40n, undefined)).toBe(0n);
  });
});
