import { z } from 'zod';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { Sql } from '../database/open-database.ts';
import type { SignedStatement, Statement } from '../identity/statement.ts';

export type FriendDevice = {
  readonly device: DeviceId;
  /** `host:port`, the one that answered last first. */
  readonly addresses: readonly string[];
  readonly revoked: boolean;
};

export type Friend = {
  readonly owner: OwnerId;
  /** What the friend calls himself. */
  readonly name: string;
  /** What I call the friend. */
  readonly petName: string | undefined;
  readonly sinceMs: number;
  readonly lastContactMs: number | undefined;
  readonly blocked: boolean;
  readonly departed: boolean;
  readonly devices: readonly FriendDevice[];
};

/** Friends and their devices. A device belongs to one owner for good. */
export type FriendBook = {
  readonly friends: () => readonly Friend[];
  /**
   * Writes down a friend, or another device of one. Of one instance only the highest serial counts;
   * what it replaces is revoked. The statement must have been verified.
   */
  readonly add: (call: {
    readonly name: string;
    readonly statement: Statement;
    readonly signed: SignedStatement;
    readonly addresses: readonly string[];
    readonly atMs: number;
  }) => Result<undefined, 'superseded' | 'device-of-another'>;
  readonly rename: (call: {
    readonly owner: OwnerId;
    readonly petName: string | undefined;
  }) => void;
  readonly setBlocked: (call: { readonly owner: OwnerId; readonly blocked: boolean }) => void;
  readonly contacted: (call: {
    readonly device: DeviceId;
    readonly atMs: number;
    readonly addresses?: readonly string[] | undefined;
  }) => void;
};

type FriendRecord = {
  readonly owner: OwnerId;
  readonly name: string;
  readonly pet_name: string | null;
  readonly since_ms: bigint;
  readonly last_contact_ms: bigint | null;
  readonly blocked: bigint;
  readonly departed: bigint;
};
type DeviceRecord = {
  readonly device: DeviceId;
  readonly owner: OwnerId;
  readonly instance: string;
  readonly serial: bigint;
  readonly addresses: string;
  readonly revoked: bigint;
};

const addressList = z.array(z.string());

export function openFriendBook(sql: Sql): FriendBook {
  const readFriends = sql.prepare<[], FriendRecord>(
    'SELECT * FROM friends ORDER BY since_ms, owner',
  );
  const readDevices = sql.prepare<[], DeviceRecord>('SELECT * FROM devices ORDER BY serial DESC');
  const readDevice = sql.prepare<[string], DeviceRecord>('SELECT * FROM devices WHERE device = ?');
  const readInstance = sql.prepare<[string, string], DeviceRecord>(
    'SELECT * FROM devices WHERE owner = ? AND instance = ? ORDER BY serial DESC LIMIT 1',
  );
  const upsertFriend = sql.prepare(
    `INSERT INTO friends (owner, name, since_ms, last_contact_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (owner) DO UPDATE SET name = excluded.name, departed = 0, last_contact_ms = excluded.last_contact_ms`,
  );
  const upsertDevice = sql.prepare(
    `INSERT INTO devices (device, owner, instance, serial, statement, addresses, last_contact_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (device) DO UPDATE SET serial = excluded.serial, statement = excluded.statement,
       addresses = excluded.addresses, last_contact_ms = excluded.last_contact_ms`,
  );
  const revokeLower = sql.prepare(
    'UPDATE devices SET revoked = 1 WHERE owner = ? AND instance = ? AND device <> ?',
  );
  const setPetName = sql.prepare('UPDATE friends SET pet_name = ? WHERE owner = ?');
  const setBlocked = sql.prepare('UPDATE friends SET blocked = ? WHERE owner = ?');
  const touchFriend = sql.prepare(
    'UPDATE friends SET last_contact_ms = ? WHERE owner = (SELECT owner FROM devices WHERE device = ?)',
  );
  const touchDevice = sql.prepare(
    'UPDATE devices SET last_contact_ms = ?, addresses = coalesce(?, addresses) WHERE device = ?',
  );

  return {
    friends: () => {
      const devices = Map.groupBy(readDevices.all(), (record) => record.owner);
      return readFriends.all().map((record) => toFriend(record, devices.get(record.owner) ?? []));
    },
    add: ({ name, statement, signed, addresses, atMs }) => {
      const { owner, device, instance, serial, replaces } = statement;
      const known = readDevice.get(device);
      if (known !== undefined && known.owner !== owner) return failed('device-of-another');
      if (known !== undefined && known.revoked === 1n) return failed('superseded');
      const latest = readInstance.get(owner, instance);
      if (latest !== undefined && latest.device !== device && Number(latest.serial) >= serial)
        return failed('superseded');
      upsertFriend.run(owner, name, atMs, atMs);
      const kept = JSON.stringify(signed);
      upsertDevice.run(device, owner, instance, serial, kept, JSON.stringify(addresses), atMs);
      revokeLower.run(owner, instance, device);
      if (replaces !== undefined) revokeLower.run(owner, replaces, device);
      return ok(undefined);
    },
    rename: ({ owner, petName }) => void setPetName.run(petName ?? null, owner),
    setBlocked: ({ owner, blocked }) => void setBlocked.run(blocked ? 1 : 0, owner),
    contacted: ({ device, atMs, addresses }) => {
      touchFriend.run(atMs, device);
      touchDevice.run(atMs, addresses === undefined ? null : JSON.stringify(addresses), device);
    },
  };
}

function toFriend(record: FriendRecord, devices: readonly DeviceRecord[]): Friend {
  return {
    owner: record.owner,
    name: record.name,
    petName: record.pet_name ?? undefined,
    sinceMs: Number(record.since_ms),
    lastContactMs: record.last_contact_ms === null ? undefined : Number(record.last_contact_ms),
    blocked: record.blocked === 1n,
    departed: record.departed === 1n,
    devices: devices.map((device) => ({
      device: device.device,
      addresses: addressList.parse(JSON.parse(device.addresses)),
      revoked: device.revoked === 1n,
    })),
  };
}
