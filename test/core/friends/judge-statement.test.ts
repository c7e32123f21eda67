import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../../electron/core/database/open-database.ts';
import { type FriendBook, openFriendBook } from '../../../electron/core/friends/friend-book.ts';
import { openFriendRegistry } from '../../../electron/core/friends/friend-registry.ts';
import { DEVICES_MAX } from '../../../electron/core/friends/judge-statement.ts';
import type { Statement } from '../../../electron/core/identity/statement.ts';
import { certify, testDevice, testInstance, testRoot } from '../../fakes/pairing-parties.ts';
import { fc, runs } from '../../fakes/properties.ts';

const HOUR_MS = 3_600_000;

function book(): FriendBook {
  const opened = openDatabase(':memory:');
  if (!opened.ok) throw new Error(opened.fault.code);
  return openFriendBook(opened.value);
}

const ana = testRoot();

function add(
  friends: FriendBook,
  more: Partial<Statement>,
  call: Partial<Parameters<FriendBook['add']>[0]> = {},
) {
  const { statement, signed } = certify(ana, more);
  const result = friends.add({
    name: 'Ana',
    statement,
    signed,
    addresses: [],
    atMs: HOUR_MS,
    ...call,
  });
  return result.ok ? 'added' : result.fault;
}

const present = (friends: FriendBook) =>
  friends.friends()[0]?.devices.filter(({ revoked }) => !revoked) ?? [];

describe('devices of a friend', () => {
  test('are several, with one name for the friend', () => {
    const friends = book();
    add(friends, {});
    add(friends, {}, { name: 'Ana’s laptop', isIntroduced: true });
    expect(friends.friends()).toMatchObject([{ name: 'Ana' }]);
    expect(present(friends).map(({ name }) => name)).toEqual(['Ana', 'Ana’s laptop']);
  });

  test('came with the friendship, were compared later, or were brought by a word alone, by whatever clock', () => {
    const friends = book();
    const [first, nas] = [testDevice(), testDevice()];
    const instance = testInstance();
    const came = () => Object.fromEntries(present(friends).map((each) => [each.device, each.came]));
    add(friends, { device: first });
    // A clock that was put back a year.
    add(friends, { device: nas, instance }, { isIntroduced: true, atMs: 1 });
    expect(came()).toEqual({ [first]: 'first', [nas]: 'introduced' });
    const said = { name: 'Ana', kind: 'server', addresses: [], share: undefined } as const;
    for (const device of [first, nas])
      friends.told({ ...said, device, leavesMs: undefined, atMs: 2 });
    expect(came()).toEqual({ [first]: 'first', [nas]: 'heard' });
    add(friends, { device: nas, instance });
    add(friends, { device: first }, { isIntroduced: true });
    expect(came()).toEqual({ [first]: 'first', [nas]: 'compared' });
    friends.depart({ owner: ana.owner, moment: { nowMs: 0, serviceS: 0 } });
    add(friends, { device: nas, instance });
    expect(came()[nas]).toBe('first');
  });

  test('a higher serial takes the place of the lower, which never counts again', () => {
    const friends = book();
    const instance = testInstance();
    const [old, renewed] = [testDevice(), testDevice()];
    add(friends, { instance, device: old, serial: 1 });
    expect(add(friends, { instance, device: renewed, serial: 2 })).toBe('added');
    expect(add(friends, { instance, device: old, serial: 1 })).toBe('superseded');
    expect(add(friends, { instance, device: testDevice(), serial: 1 })).toBe('superseded');
    expect(present(friends).map(({ device }) => device)).toEqual([renewed]);
  });

  test('what was replaced is struck off, also a key of it that was never met', () => {
    const friends = book();
    const instance = testInstance();
    add(friends, { instance });
    expect(add(friends, { replaces: instance })).toBe('added');
    expect(present(friends)).toHaveLength(1);
    expect(add(friends, { instance, serial: 9 })).toBe('superseded');
  });

  test('two keys under one serial: the known one goes on, and the clash is written down once an hour', () => {
    const friends = book();
    const instance = testInstance();
    add(friends, { instance });
    const clash = (atMs: number) => {
      expect(add(friends, { instance }, { atMs })).toBe('serial-clash');
      return present(friends).map(({ clashMs }) => clashMs);
    };
    expect(clash(2 * HOUR_MS)).toEqual([2 * HOUR_MS]);
    expect(clash(2 * HOUR_MS + 1)).toEqual([2 * HOUR_MS]);
    expect(clash(4 * HOUR_MS)).toEqual([4 * HOUR_MS]);
  });

  test('a device stays with its owner', () => {
    const friends = book();
    const device = testDevice();
    add(friends, { device });
    const other = certify(testRoot(), { device });
    expect(friends.add({ name: 'Mallory', ...other, addresses: [], atMs: 0 })).toMatchObject({
      fault: 'device-of-another',
    });
    expect(friends.friends()).toHaveLength(1);
  });

  test('an older word about the same key does not lower its serial', () => {
    const friends = book();
    const [device, instance] = [testDevice(), testInstance()];
    add(friends, { device, instance, serial: 5 });
    expect(add(friends, { device, instance, serial: 3 })).toBe('added');
    expect(present(friends)).toMatchObject([{ serial: 5 }]);
    expect(add(friends, { instance, serial: 4 })).toBe('superseded');
  });

  test('are remembered up to a bound, whatever their root signs for', () => {
    const friends = book();
    for (let at = 0; at < DEVICES_MAX; at += 1) expect(add(friends, {})).toBe('added');
    expect(add(friends, {})).toBe('too-many');
    expect(present(friends)).toHaveLength(DEVICES_MAX);
  });

  test('an introduction makes no friends, and brings nobody back who is one no longer', () => {
    const friends = book();
    expect(add(friends, {}, { isIntroduced: true })).toBe('no-friend');
    add(friends, {});
    friends.depart({ owner: ana.owner, moment: { nowMs: 0, serviceS: 0 } });
    expect(add(friends, {}, { isIntroduced: true })).toBe('no-friend');
    expect(friends.friends()).toMatchObject([{ departed: true }]);
    expect(add(friends, {}, { atMs: 5 * HOUR_MS })).toBe('added');
    expect(friends.friends()).toMatchObject([{ departed: false, sinceMs: 5 * HOUR_MS }]);
  });

  test('an introduction leaves an end of the friendship where it was set', () => {
    const friends = book();
    add(friends, {});
    friends.setLeaving({ owner: ana.owner, atServiceS: 77 });
    add(friends, {}, { isIntroduced: true });
    expect(friends.friends()).toMatchObject([{ leavingServiceS: 77 }]);
    // Whoever compares digits again doesn't want it.
    add(friends, {});
    expect(friends.friends()).toMatchObject([{ leavingServiceS: undefined }]);
  });

  test('of which one ends the friendship: the others, who say nothing of it, do not take it back', () => {
    const friends = book();
    const [desk, nas] = [testDevice(), testDevice()];
    const instance = testInstance();
    add(friends, { device: desk });
    add(friends, { device: nas, instance });
    const tell = (device: typeof desk, leavesMs: number | undefined) => {
      const said = {
        name: 'Ana',
        kind: 'server',
        addresses: [],
        share: undefined,
        atMs: 0,
      } as const;
      friends.told({ ...said, device, leavesMs });
      return friends.friends()[0]?.leavesMs;
    };
    expect(tell(nas, 30 * HOUR_MS)).toBe(30 * HOUR_MS);
    expect(tell(desk, undefined)).toBe(30 * HOUR_MS);
    expect(tell(desk, 20 * HOUR_MS)).toBe(20 * HOUR_MS);
    expect(tell(desk, undefined)).toBe(30 * HOUR_MS);
    // One that was struck off has no say.
    add(friends, { replaces: instance }, { isIntroduced: true });
    expect(friends.friends()[0]?.leavesMs).toBeUndefined();
  });

  test('what was found out without a word ends with the next word, and with digits compared anew', () => {
    const friends = book();
    const device = testDevice();
    add(friends, { device });
    const { owner } = ana;
    const leavesMs = () => friends.friends()[0]?.leavesMs;
    const said = { device, name: 'Ana', kind: 'server', addresses: [], share: undefined } as const;
    friends.setLeaves({ owner, leavesMs: 7 });
    expect(leavesMs()).toBe(7);
    friends.told({ ...said, leavesMs: undefined, atMs: 0 });
    expect(leavesMs()).toBeUndefined();
    friends.told({ ...said, leavesMs: 9, atMs: 0 });
    friends.setLeaves({ owner, leavesMs: 7 });
    add(friends, { device });
    expect(leavesMs()).toBeUndefined();
  });

  test('are not heard any more once they are struck off, or the friendship is over', () => {
    const friends = book();
    const [old, device] = [testDevice(), testDevice()];
    const instance = testInstance();
    add(friends, { device: old, instance });
    add(friends, { device, instance, serial: 2 });
    const share = { shareBytes: 1n, useBytes: 0n, mayAskBytes: 1n };
    const said = { name: 'Mallory', kind: 'server', addresses: [], share } as const;
    friends.told({ ...said, device: old, leavesMs: 5, atMs: 0 });
    friends.depart({ owner: ana.owner, moment: { nowMs: 0, serviceS: 0 } });
    friends.told({ ...said, device, leavesMs: 5, atMs: 0 });
    expect(friends.friends()).toMatchObject([
      { name: 'Ana', told: undefined, leavesMs: undefined, departed: true },
    ]);
  });

  test('two that call themselves differently do not rename the friend in turns', () => {
    const friends = book();
    const [first, second] = [testDevice(), testDevice()];
    add(friends, { device: first });
    add(friends, { device: second }, { atMs: 2 * HOUR_MS, isIntroduced: true });
    const tell = (device: typeof first, name: string) =>
      friends.told({
        device,
        name,
        kind: 'laptop',
        addresses: [],
        share: undefined,
        leavesMs: undefined,
        atMs: 0,
      });
    tell(second, 'Laptop');
    expect(friends.friends()).toMatchObject([{ name: 'Ana' }]);
    tell(first, 'Ana Maria');
    expect(friends.friends()).toMatchObject([{ name: 'Ana Maria' }]);
  });
});

test('in whatever order statements come, one device of an instance counts, and it is the highest', () => {
  const devices = Array.from({ length: 6 }, testDevice);
  const instance = testInstance();
  const statement = fc.record({
    device: fc.constantFrom(...devices),
    serial: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 12 }), (statements) => {
      const friends = book();
      let highest = 0;
      for (const each of statements) {
        if (add(friends, { instance, ...each }) === 'added')
          highest = Math.max(highest, each.serial);
        const counting = present(friends);
        expect(counting).toHaveLength(1);
        expect(counting[0]?.serial).toBe(highest);
      }
    }),
    { numRuns: runs(60) },
  );
});

test('what the registry says of a statement is what the book would do', async () => {
  const opened = book();
  const call = (more: Partial<Statement>) => certify(ana, more);
  const instance = testInstance();
  const friends = await openFriendRegistry(asAsync(opened), () => 0);
  const first = call({ instance, serial: 2 });
  for (const each of [
    first,
    call({ instance, serial: 2 }),
    call({ instance, serial: 1 }),
    call({ replaces: instance }),
    first,
    call({ instance, serial: 9 }),
    { ...certify(testRoot(), { device: first.statement.device }) },
  ]) {
    const said = friends.judge(each.statement);
    const added = await friends.add({ name: 'Ana', ...each, addresses: [], atMs: 0 });
    expect(added.ok ? undefined : added.fault).toBe(said);
  }
});

test('contacts are written down also after a clock was put back', async () => {
  let nowMs = 100 * HOUR_MS;
  const opened = book();
  const { statement, signed } = certify(ana);
  const friends = await openFriendRegistry(asAsync(opened), () => nowMs);
  await friends.add({ name: 'Ana', statement, signed, addresses: [], atMs: nowMs });
  const lastContactMs = () => opened.friends()[0]?.lastContactMs;
  friends.contacted(statement.device);
  nowMs = HOUR_MS;
  friends.contacted(statement.device);
  await expect.poll(lastContactMs).toBe(HOUR_MS);
});

/** The book as it is reached through its thread. */
function asAsync(plain: FriendBook): Parameters<typeof openFriendRegistry>[0] {
  const entries = Object.entries(plain).map(([name, run]) => [
    name,
    async (...args: readonly unknown[]) => (run as (...given: unknown[]) => unknown)(...args),
  ]);
  return Object.fromEntries(entries) as Parameters<typeof openFriendRegistry>[0];
}
