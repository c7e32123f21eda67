import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  type AddressBook,
  bookText,
  bounded,
  openBook,
  openWhole,
  readBookText,
  sealBook,
} from '../../../../electron/core/backup/recovery/address-book.ts';
import { PAPER_BYTES_MAX } from '../../../../electron/core/backup/repository/repository-store.ts';
import { PLAN_AT_FIRST } from '../../../../shared/model/backup-plan.ts';
import type { DeviceId, OwnerId, PlotId } from '../../../../shared/ids.ts';
import { fc } from '../../../fakes/properties.ts';

const key = randomBytes(32);
const ben = `${'b'.repeat(51)}a` as OwnerId;

function bookOf(more: Partial<AddressBook> = {}): AddressBook {
  return {
    v: 1,
    owner: 'a'.repeat(52) as OwnerId,
    instance: '0'.repeat(32),
    before: [],
    sequence: 7,
    atMs: 1_790_000_000_000,
    host: 'Laptop',
    friends: [],
    plots: [
      {
        plot: 'a'.repeat(26) as PlotId,
        host: ben,
        class: 'guaranteed',
        size: 9_007_199_254_740_993n,
        untilMs: 5,
        graceS: 6,
        set: 'Documents',
      },
    ],
    sets: [
      {
        name: 'Documents',
        folders: ['/home/ana/Documents'],
        hosts: [ben],
        plan: PLAN_AT_FIRST,
        repository: 'f'.repeat(64),
        sequence: 3,
      },
    ],
    ...more,
  };
}

test('a set that counts further than anybody can is counted anew, or its manifests would be believed by nobody', () => {
  const [set] = bookOf().sets;
  if (set === undefined) throw new Error('no set');
  const counted = [Number.MAX_SAFE_INTEGER, 2 ** 47, 2 ** 47 - 1];
  const sets = counted.map((sequence) => ({ ...set, sequence }));
  const opened = openBook(key, sealBook(key, bookOf({ sets })));
  expect(opened.ok && opened.value.sets.map(({ sequence }) => sequence)).toEqual([
    0,
    0,
    2 ** 47 - 1,
  ]);
});

const friendOf = (name: string, devices = 1): AddressBook['friends'][number] => ({
  owner: ben,
  relation: 'friend',
  name,
  petName: null,
  givenAddress: null,
  blocked: false,
  devices: Array.from({ length: devices }, () => ({
    device: `${'c'.repeat(51)}a` as DeviceId,
    name: null,
    kind: 'desktop',
    signed: { signed: 's'.repeat(2000), signature: 'x'.repeat(88) },
    addresses: ['192.168.1.20:24816'],
  })),
});

describe('an address book', () => {
  test('opens with the key that sealed it, and says the same', () => {
    const book = bookOf({ friends: [friendOf('Ben')], before: ['1'.repeat(32)] });
    expect(openBook(key, sealBook(key, book))).toEqual({ ok: true, value: book });
    expect(readBookText(bookText(book))).toEqual(book);
  });

  test('is as long as many others', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 3000 }), (folder) => {
        const [set] = bookOf().sets;
        if (set === undefined) throw new Error('no set');
        const book = bookOf({ sets: [{ ...set, folders: [folder] }] });
        const sealed = sealBook(key, book);
        expect(sealed.length % 1024).toBe(0);
        expect(openBook(key, sealed)).toEqual({ ok: true, value: book });
      }),
    );
  });

  test('never looks the same twice', () => {
    const [one, other] = [sealBook(key, bookOf()), sealBook(key, bookOf())];
    expect(Buffer.from(one).equals(Buffer.from(other))).toBe(false);
  });

  test('with any bit changed, cut off, longer, or under another key is damaged, and nothing of it is believed', () => {
    const sealed = Buffer.from(sealBook(key, bookOf()));
    // The version in its first line is what it says openly.
    const version = sealed.indexOf(' ') + 1;
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(sealed);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        const isVersion = at === version || at === version + 1;
        expect(openBook(key, changed)).toEqual({
          ok: false,
          fault: isVersion ? 'newer' : 'damaged',
        });
      }),
    );
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), (length) => {
        expect(openBook(key, sealed.subarray(0, length)).ok).toBe(false);
      }),
    );
    expect(openBook(key, Buffer.concat([sealed, Buffer.alloc(1)]))).toMatchObject({
      fault: 'damaged',
    });
    expect(openBook(randomBytes(32), sealed)).toMatchObject({ fault: 'damaged' });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (junk) => !openBook(key, junk).ok));
  });

  test('of a later version says so', () => {
    const later = Buffer.from('allotment-address-book 2\n'.padEnd(1024));
    expect(openBook(key, later)).toEqual({ ok: false, fault: 'newer' });
  });

  test('with a plan that this version can’t read loses the plan only', () => {
    const [set] = bookOf().sets;
    if (set === undefined) throw new Error('no set');
    const plan = { ...PLAN_AT_FIRST, orbit: 'low' } as unknown as typeof PLAN_AT_FIRST;
    const opened = openBook(key, sealBook(key, bookOf({ sets: [{ ...set, plan }] })));
    expect(opened.ok && opened.value.sets).toMatchObject([{ name: 'Documents', plan: null }]);
  });

  test('has what opens a set; where this version can’t read that, or there is none, the set is there all the same', () => {
    const [set] = bookOf().sets;
    if (set === undefined) throw new Error('no set');
    const opening = { config: 'c2VhbGVk', keyName: '8'.repeat(64), keyFile: 'e30=' };
    const read = (each: unknown) => {
      const opened = openBook(
        key,
        sealBook(key, bookOf({ sets: [{ ...set, opening: each as never }] })),
      );
      expect(opened.ok && opened.value.sets).toMatchObject([{ repository: 'f'.repeat(64) }]);
      return opened.ok ? opened.value.sets[0]?.opening : undefined;
    };
    expect(read(opening)).toEqual(opening);
    const odd = [undefined, 'later', { ...opening, keyFile: '' }, { ...opening, keyName: '8' }];
    const long = { ...opening, config: 'A'.repeat(40_000) };
    for (const each of [...odd, long]) expect(read(each)).toBeUndefined();
  });

  test('is told from others by all that it says, also by what only a later version can read', () => {
    const digestOf = (book: object) => {
      const opened = openWhole(key, sealBook(key, book as AddressBook));
      if (!opened.ok) throw new Error(opened.fault);
      expect(opened.value.book).toEqual(bookOf());
      return opened.value.digest;
    };
    expect(digestOf(bookOf())).toBe(digestOf(bookOf()));
    expect(digestOf({ ...bookOf(), orbit: 'low' })).not.toBe(digestOf(bookOf()));
  });

  test('that would be too long keeps those who keep something', () => {
    const others = Array.from({ length: 600 }, (_each, at) => ({
      ...friendOf(`friend ${at}`, 40),
      owner: `${'d'.repeat(51)}q` as OwnerId,
    }));
    const book = bounded(bookOf({ friends: [...others, friendOf('Ben')] }));
    const sealed = sealBook(key, book);
    expect(sealed.length).toBeLessThanOrEqual(PAPER_BYTES_MAX);
    const opened = openBook(key, sealed);
    expect(opened.ok && opened.value.friends[0]?.name).toBe('Ben');
    expect(opened.ok && opened.value.friends.length).toBeGreaterThan(10);
  });

  test('that would be too long names its sets rather than what opens them', () => {
    const [set] = bookOf().sets;
    if (set === undefined) throw new Error('no set');
    const keyFile = 'A'.repeat(20_000);
    const opening = { config: keyFile, keyName: '8'.repeat(64), keyFile };
    const sets = Array.from({ length: 200 }, (_each, at) => ({
      ...set,
      name: `set ${at}`,
      opening,
    }));
    const opened = openBook(key, sealBook(key, bounded(bookOf({ sets }))));
    expect(opened.ok && opened.value.sets.length).toBe(200);
    expect(opened.ok && opened.value.sets[0]?.opening).toBeUndefined();
  });
});
