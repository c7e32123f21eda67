import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  blindNote,
  evaluateBlank,
  finishNotes,
  isPoint,
  isRightNote,
  newNoteKeys,
  toBlank,
} from '../../../electron/core/barter/blind-notes.ts';
import {
  base64url,
  denominationsOf,
  keysetIdOf,
  type Note,
  readNote,
  sumOf,
  writeNote,
} from '../../../electron/core/barter/notes.ts';
import { gatherNotes, pickNotes } from '../../../electron/core/barter/wallet/pick-notes.ts';
import { createTurns } from '../../../electron/core/barter/turns.ts';
import type { DeviceId } from '../../../shared/ids.ts';
import { testOwnerId } from '../../fakes/test-ledger.ts';
import { fc } from '../../fakes/properties.ts';

const issuer = { owner: testOwnerId(1), device: testOwnerId(2) as string as DeviceId };
const other = { owner: testOwnerId(3), device: testOwnerId(4) as string as DeviceId };
const expiresMs = Date.UTC(2027, 0, 30);

function keysetOf(keys = newNoteKeys()) {
  const shown = {
    keyset: keysetIdOf(issuer, keys.publicKey, expiresMs),
    key: base64url(keys.publicKey),
    expiresMs,
  };
  return { ...shown, secretKey: keys.secretKey };
}

async function made(keyset: ReturnType<typeof keysetOf>, k = 3): Promise<Note | undefined> {
  const blind = blindNote(issuer, keyset, k);
  const evaluated = evaluateBlank(issuer, keyset, toBlank(blind));
  if (evaluated === undefined) return undefined;
  const answer = { evaluated: [evaluated] };
  const turns = createTurns();
  const notes = await finishNotes(issuer, () => keyset, { blinds: [blind], answer, turns });
  return notes?.[0];
}

describe('a note', () => {
  test('is made without its secret being seen, and is found right by whoever made it', async () => {
    const keyset = keysetOf();
    const note = await made(keyset);
    expect(note && isRightNote(issuer, keyset, note)).toBe(true);
  });

  test('is wrong with another worth, another end, another issuer and another key', async () => {
    const keyset = keysetOf();
    const note = (await made(keyset)) as Note;
    expect(isRightNote(issuer, keyset, { ...note, k: note.k + 1 })).toBe(false);
    expect(isRightNote(issuer, { ...keyset, expiresMs: expiresMs + 1 }, note)).toBe(false);
    expect(isRightNote(other, keyset, note)).toBe(false);
    expect(isRightNote(issuer, keysetOf(), note)).toBe(false);
    expect(isRightNote(issuer, keyset, { ...note, secret: randomBytes(32) })).toBe(false);
    expect(isRightNote(issuer, keyset, { ...note, output: randomBytes(64) })).toBe(false);
  });

  test('is not believed when its maker used another key than the one that is shown', async () => {
    const keyset = keysetOf();
    const blind = blindNote(issuer, keyset, 0);
    const special = evaluateBlank(issuer, keysetOf(), toBlank(blind));
    const answer = { evaluated: special === undefined ? [] : [special] };
    expect(answer.evaluated).toHaveLength(1);
    const turns = createTurns();
    expect(await finishNotes(issuer, () => keyset, { blinds: [blind], answer, turns })).toBe(
      undefined,
    );
  });

  test('is not believed when fewer were made than were asked for', async () => {
    const keyset = keysetOf();
    const blinds = [blindNote(issuer, keyset, 0)];
    const finish = { blinds, answer: { evaluated: [] }, turns: createTurns() };
    expect(await finishNotes(issuer, () => keyset, finish)).toBe(undefined);
  });

  test('has one text, and nothing else reads as a note', async () => {
    const note = (await made(keysetOf())) as Note;
    const text = writeNote(note);
    expect(readNote(text)).toEqual(note);
    for (const wrong of [
      '',
      `${text} `,
      text.toUpperCase(),
      text.replace('.3.', '.03.'),
      text.replace('.3.', '.21.'),
      text.replace('.3.', '.3e0.'),
      `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'z'}`,
      text.split('.').slice(0, 3).join('.'),
    ])
      expect(readNote(wrong), wrong).toBe(undefined);
  });
});

test('points that are none of the curve, and its zero, are told before anything is taken in for them', () => {
  const keyset = keysetOf();
  expect(isPoint(base64url(blindNote(issuer, keyset, 0).point))).toBe(true);
  expect(isPoint(base64url(new Uint8Array(32)))).toBe(false);
  expect(isPoint(base64url(new Uint8Array(32).fill(255)))).toBe(false);
  expect(isPoint('')).toBe(false);
});

describe('denominations', () => {
  test('add up to the sum, in as few notes as can be', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 24n), (units) => {
        const ks = denominationsOf(units);
        expect(sumOf(ks.map((k) => ({ k })))).toBe(units);
        const ones = units.toString(2).slice(-20).replaceAll('0', '').length;
        expect(ks.length).toBe(Number(units >> 20n) + ones);
      }),
    );
  });
});

const pieces = fc.array(
  fc.record({ keyset: fc.constantFrom('one', 'other'), k: fc.integer({ min: 0, max: 8 }) }),
  { maxLength: 12 },
);

describe('picking notes', () => {
  test('finds the very sum wherever the notes have it, or else one note to split', () => {
    fc.assert(
      fc.property(pieces, fc.bigInt(1n, 600n), (have, units) => {
        const picked = pickNotes(have, units);
        const sums = new Set<bigint>([0n]);
        for (const { k } of have)
          for (const sum of new Set(sums)) sums.add(sum + (1n << BigInt(k)));
        if (sumOf(have) < units) expect(picked.type).toBe('short');
        else if (sums.has(units)) {
          expect(picked.type).toBe('exact');
          expect(picked.type === 'exact' && sumOf(picked.notes)).toBe(units);
        } else {
          if (picked.type !== 'split') throw new Error(picked.type);
          const into = picked.into.map((k) => ({ k }));
          expect(sumOf(into)).toBe(sumOf([picked.large]));
          expect(picked.notes).not.toContain(picked.large);
          const after = pickNotes(
            [...picked.notes, ...picked.into.map((k) => ({ keyset: 'new', k }))],
            units,
          );
          expect(after.type).toBe('exact');
        }
      }),
    );
  });

  test('makes fewer of many of the same keyset, worth as much', () => {
    const many = Array.from({ length: 70 }, () => ({ keyset: 'one', k: 0 }));
    const gathered = gatherNotes(many, 64);
    expect(gathered?.notes).toHaveLength(64);
    expect(gathered?.into).toEqual([6]);
    expect(gatherNotes([{ keyset: 'one', k: 2 }], 64)).toBe(undefined);
  });
});
