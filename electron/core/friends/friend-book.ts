import { z } from 'zod';
import { type ShareState, shareState } from '../../../shared/model/allocate.ts';
import { type MachineKind, machineKindOf } from '../../../shared/model/machine.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { encodeJson } from '../../../shared/wire/json.ts';
import { HOUR_MS } from '../../../shared/units.ts';
import type { Sql } from '../database/open-database.ts';
import { numberOf } from '../database/number-of.ts';
import { type SignedStatement, signedStatement, type Statement } from '../identity/statement.ts';
import { judgeStatement, type Unfit, type WrittenDevice } from './judge-statement.ts';

export type FriendDevice = {
  readonly device: DeviceId;
  /** `host:port`, the one that answered last first. */
  readonly addresses: readonly string[];
  readonly revoked: boolean;
  /** The installation, and which of its keys this is: of two the higher counts. */
  readonly instance: string;
  readonly serial: number;
  /** The installation whose place this one took. */
  readonly replaces: string | undefined;
  readonly name: string | undefined;
  readonly kind: MachineKind;
  readonly addedMs: number;
  readonly came: Came;
  /** It said that it ends the friendship then; undefined: it does not. */
  readonly leavesMs: number | undefined;
  /** When another device claimed to be this installation with the same serial. */
  readonly clashMs: number | undefined;
};

/**
 * How a device came: with it the friendship began; two people compared digits later; or nobody did, and
 * its owner's root signed for it. Whether such a one has ever heard of this device nobody knows, until
 * it was heard of.
 */
export type Came = 'first' | 'compared' | 'introduced' | 'heard';

export type Friend = {
  readonly owner: OwnerId;
  /**
   * Somebody with whom there is no friendship: a guest has a plot here because somebody spoke for him, a host keeps
   * one of mine for the same reason. Absent: a friend.
   */
  readonly relation?: 'guest' | 'host' | undefined;
  /** What the friend calls himself. */
  readonly name: string;
  /** What I call the friend. */
  readonly petName: string | undefined;
  readonly sinceMs: number;
  readonly lastContactMs: number | undefined;
  readonly blocked: boolean;
  readonly departed: boolean;
  /** `host:port` that the friend gave me for reaching him from anywhere. */
  readonly givenAddress: string | undefined;
  /** I end the friendship at this second of service time. */
  readonly leavingServiceS: number | undefined;
  /** The friend ends it then: the first of his devices to do so. */
  readonly leavesMs: number | undefined;
  readonly told: ToldShare | undefined;
  readonly devices: readonly FriendDevice[];
};

/** What a friend said last of my share at his place. */
export type ToldShare = ShareState & { readonly atMs: number };

/** A device of somebody's, and what is known of him. */
export type Added = {
  readonly name: string;
  readonly statement: Statement;
  readonly signed: SignedStatement;
  readonly addresses: readonly string[];
  readonly atMs: number;
  readonly kind?: MachineKind | undefined;
  /** No two people compared digits: it counts only while its owner is a friend, and changes nothing between us. */
  readonly isIntroduced?: boolean | undefined;
  /** Nobody compared digits and nobody will: no friend, unless he is one already. */
  readonly relation?: Friend['relation'];
  /** What I have said of him elsewhere; of whom I know already it changes nothing. */
  readonly recalled?: Pick<Friend, 'petName' | 'givenAddress' | 'blocked'> | undefined;
};

/** Friends and their devices. A device belongs to one owner for good. */
export type FriendBook = {
  readonly friends: () => readonly Friend[];
  /** The owner's word about each device that counts, as it was signed: another installation of mine can check it. */
  readonly statements: () => ReadonlyMap<DeviceId, SignedStatement>;
  /**
   * Writes down a friend, or another device of one. Of one instance only the highest serial counts;
   * what it replaces is revoked. The statement must have been verified. A friend goes by the name that
   * his first device gives. Whoever compares digits again does not want it to end.
   */
  readonly add: (call: Added) => Result<undefined, Unfit['code'] | 'no-friend'>;
  /** All of them or, after a crash, none. Who does not count is left out. */
  readonly addAll: (calls: readonly Added[]) => void;
  readonly rename: (call: {
    readonly owner: OwnerId;
    readonly petName: string | undefined;
  }) => void;
  /** The person's word; it stands, whatever is thought of the books that name him. */
  readonly setBlocked: (call: { readonly owner: OwnerId; readonly blocked: boolean }) => void;
  /** He is blocked until he is let in again, without a word of the person's. Whom the person has blocked stays so. */
  readonly holdBack: (call: { readonly owner: OwnerId }) => void;
  readonly heldBack: () => readonly OwnerId[];
  readonly contacted: (call: {
    readonly device: DeviceId;
    readonly atMs: number;
    readonly addresses?: readonly string[] | undefined;
  }) => void;
  /** What a friend's device says of itself and of my share there. */
  readonly told: (call: {
    readonly device: DeviceId;
    readonly name: string;
    readonly kind: MachineKind;
    readonly addresses: readonly string[];
    readonly share: ShareState | undefined;
    readonly leavesMs: number | undefined;
    readonly atMs: number;
  }) => void;
  readonly setGivenAddress: (call: {
    readonly owner: OwnerId;
    readonly address: string | undefined;
  }) => void;
  /** From when on the friendship is over by this side's wish; undefined: it goes on. */
  readonly setLeaving: (call: {
    readonly owner: OwnerId;
    readonly atServiceS: number | undefined;
  }) => void;
  /** When the friend has ended it without a word; undefined: he has not. Any news of him takes it back. */
  readonly setLeaves: (call: {
    readonly owner: OwnerId;
    readonly leavesMs: number | undefined;
  }) => void;
  /**
   * Friends no longer, and what he had here ends in the same transaction. The devices count for
   * nothing, the name stays for the log. Repeating it is harmless.
   */
  readonly depart: (call: Departure) => void;
};

export type Departure = { readonly owner: OwnerId; readonly moment: Moment };

type FriendRecord = {
  readonly owner: OwnerId;
  readonly relation: 'friend' | 'guest' | 'host';
  readonly name: string;
  readonly pet_name: string | null;
  readonly since_ms: bigint;
  readonly last_contact_ms: bigint | null;
  readonly blocked: bigint;
  readonly departed: bigint;
  readonly given_address: string | null;
  readonly leaving_service: bigint | null;
  readonly leaves_ms: bigint | null;
  readonly told: string | null;
};
type DeviceRecord = {
  readonly device: DeviceId;
  readonly owner: OwnerId;
  readonly instance: string;
  readonly serial: bigint;
  readonly addresses: string;
  readonly revoked: bigint;
  readonly name: string | null;
  readonly kind: string;
  readonly added_ms: bigint;
  readonly replaces: string | null;
  readonly clash_ms: bigint | null;
  readonly came: Came;
  readonly leaves_ms: bigint | null;
};

const toldShare = shareState.extend({ atMs: z.int() });
const CLASH_WRITTEN_EVERY_MS = HOUR_MS;
const addressList = z.array(z.string());

export function openFriendBook(
  sql: Sql,
  /** What ends with a friendship in the books of others. */
  onDepart: (departure: Departure) => void = () => undefined,
): FriendBook {
  const readFriends = sql.prepare<[], FriendRecord>(
    'SELECT * FROM friends ORDER BY since_ms, owner',
  );
  const readDevices = sql.prepare<[], DeviceRecord>('SELECT * FROM devices ORDER BY serial DESC');
  const readDevice = sql.prepare<[string], DeviceRecord>('SELECT * FROM devices WHERE device = ?');
  const readStatements = sql.prepare<[], { device: DeviceId; statement: string }>(
    'SELECT device, statement FROM devices WHERE revoked = 0',
  );
  const readRivals = sql.prepare<[string, string], DeviceRecord>(
    'SELECT * FROM devices WHERE owner = ? OR device = ?',
  );
  const readIsFriend = sql.prepare<[string]>(
    "SELECT 1 FROM friends WHERE owner = ? AND departed = 0 AND relation = 'friend'",
  );
  const readIsGuest = sql.prepare<[string]>(
    "SELECT 1 FROM friends WHERE owner = ? AND departed = 0 AND relation = 'guest'",
  );
  const upsertFriend = sql.prepare(
    `INSERT INTO friends (owner, name, since_ms, last_contact_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (owner) DO UPDATE SET
       name = CASE departed WHEN 1 THEN excluded.name ELSE name END,
       since_ms = iif(departed = 1 OR relation <> 'friend', excluded.since_ms, since_ms), relation = 'friend',
       departed = 0, leaves_ms = NULL, leaving_service = NULL, last_contact_ms = excluded.last_contact_ms`,
  );
  const upsertOther = sql.prepare(
    `INSERT INTO friends (owner, name, since_ms, last_contact_ms, relation) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (owner) DO UPDATE SET
       name = iif(departed = 1, excluded.name, name),
       since_ms = iif(departed = 1, excluded.since_ms, since_ms),
       relation = iif(departed = 1 OR (relation = 'host' AND excluded.relation = 'guest'), excluded.relation, relation),
       departed = 0, last_contact_ms = excluded.last_contact_ms`,
  );
  const upsertDevice = sql.prepare(
    `INSERT INTO devices (device, owner, instance, serial, statement, addresses, last_contact_ms, added_ms, name, kind, replaces, came)
     VALUES (@device, @owner, @instance, @serial, @kept, @reach, @atMs, @atMs, @name, @kind, @replaces, @came)
     ON CONFLICT (device) DO UPDATE SET serial = max(serial, excluded.serial),
       statement = CASE WHEN excluded.serial >= serial THEN excluded.statement ELSE statement END,
       replaces = coalesce(excluded.replaces, replaces),
       addresses = iif(excluded.addresses = '[]', addresses, excluded.addresses), last_contact_ms = excluded.last_contact_ms, name = excluded.name,
       kind = excluded.kind, came = excluded.came`,
  );
  const revokeLower = sql.prepare(
    'UPDATE devices SET revoked = 1 WHERE owner = ? AND instance = ? AND device <> ?',
  );
  const noteClash = sql.prepare(
    'UPDATE devices SET clash_ms = ? WHERE device = ? AND coalesce(clash_ms, 0) < ?',
  );
  // Two devices of a friend may be called differently; then the older one names the friend.
  const setTold = sql.prepare(
    `UPDATE friends SET name = CASE (SELECT device FROM devices WHERE owner = friends.owner AND revoked = 0
       ORDER BY added_ms, device LIMIT 1) WHEN ? THEN ? ELSE name END, leaves_ms = NULL, told = coalesce(?, told), last_contact_ms = ? WHERE owner = ?`,
  );
  const setSaid = sql.prepare(
    `UPDATE devices SET name = ?, kind = ?, addresses = ?, leaves_ms = ?, last_contact_ms = ?,
       came = CASE came WHEN 'introduced' THEN 'heard' ELSE came END WHERE device = ?`,
  );
  const stayAll = sql.prepare('UPDATE devices SET leaves_ms = NULL WHERE owner = ?');
  const setGiven = sql.prepare('UPDATE friends SET given_address = ? WHERE owner = ?');
  const setLeaving = sql.prepare('UPDATE friends SET leaving_service = ? WHERE owner = ?');
  const setLeaves = sql.prepare('UPDATE friends SET leaves_ms = ? WHERE owner = ?');
  const setDeparted = sql.prepare(
    `UPDATE friends SET departed = 1, blocked = 0, held_back = 0, leaving_service = NULL, leaves_ms = NULL, told = NULL,
       given_address = NULL WHERE owner = ?`,
  );
  const isKnown = sql.prepare<[string]>('SELECT 1 FROM friends WHERE owner = ?');
  const recall = sql.prepare(
    'UPDATE friends SET pet_name = @petName, given_address = @givenAddress, blocked = @blocked WHERE owner = @owner',
  );
  const setPetName = sql.prepare('UPDATE friends SET pet_name = ? WHERE owner = ?');
  const setBlocked = sql.prepare('UPDATE friends SET blocked = ?, held_back = 0 WHERE owner = ?');
  const holdBack = sql.prepare(
    'UPDATE friends SET blocked = 1, held_back = 1 WHERE owner = ? AND blocked = 0',
  );
  const readHeldBack = sql
    .prepare<[], OwnerId>('SELECT owner FROM friends WHERE held_back = 1')
    .pluck();
  const touchFriend = sql.prepare(
    'UPDATE friends SET last_contact_ms = ? WHERE owner = (SELECT owner FROM devices WHERE device = ?)',
  );
  const touchDevice = sql.prepare(
    'UPDATE devices SET last_contact_ms = ?, addresses = coalesce(?, addresses) WHERE device = ?',
  );

  function add({
    name,
    statement,
    signed,
    addresses,
    atMs,
    kind = 'desktop',
    ...how
  }: Added): ReturnType<FriendBook['add']> {
    const { relation } = how;
    const { owner, device, instance, serial, replaces } = statement;
    const unfit = judgeStatement(statement, readRivals.all(owner, device).map(toWritten));
    if (unfit?.code === 'serial-clash')
      // It tries again every few minutes; that is one clash, not a write each time.
      noteClash.run(atMs, unfit.with, atMs - CLASH_WRITTEN_EVERY_MS);
    if (unfit !== undefined) return failed(unfit.code);
    const isFriend = readIsFriend.get(owner) !== undefined;
    // Somebody vouches for a friend, or he keeps something on a voucher: he stays the friend that he is.
    const isIntroduced = how.isIntroduced === true || (relation !== undefined && isFriend);
    if (isIntroduced && !isFriend && readIsGuest.get(owner) === undefined)
      return failed('no-friend');
    const isNew = isKnown.get(owner) === undefined;
    if (relation !== undefined && !isFriend) upsertOther.run(owner, name, atMs, atMs, relation);
    else if (!isIntroduced) {
      upsertFriend.run(owner, name, atMs, atMs);
      stayAll.run(owner);
    }
    if (isNew && how.recalled !== undefined) {
      const { petName = null, givenAddress = null, blocked } = how.recalled;
      recall.run({ owner, petName, givenAddress, blocked: blocked ? 1 : 0 });
    }
    const came = cameNow(readDevice.get(device)?.came, { isFriend, isIntroduced });
    const kept = JSON.stringify(signed);
    const reach = JSON.stringify(addresses);
    const said = { kept, reach, replaces: replaces ?? null };
    upsertDevice.run({ device, owner, instance, serial, ...said, atMs, name, kind, came });
    revokeLower.run(owner, instance, device);
    if (replaces !== undefined) revokeLower.run(owner, replaces, device);
    return ok(undefined);
  }

  return {
    friends: () => {
      const devices = Map.groupBy(readDevices.all(), (record) => record.owner);
      return readFriends.all().map((record) => toFriend(record, devices.get(record.owner) ?? []));
    },
    statements: () =>
      new Map(
        readStatements.all().flatMap(({ device, statement }) => {
          const parsed = signedStatement.safeParse(JSON.parse(statement));
          return parsed.success ? [[device, parsed.data] as const] : [];
        }),
      ),
    add,
    addAll: (calls) => {
      for (const call of calls) add(call);
    },
    rename: ({ owner, petName }) => void setPetName.run(petName ?? null, owner),
    setBlocked: ({ owner, blocked }) => void setBlocked.run(blocked ? 1 : 0, owner),
    holdBack: ({ owner }) => void holdBack.run(owner),
    heldBack: () => readHeldBack.all(),
    contacted: ({ device, atMs, addresses }) => {
      touchFriend.run(atMs, device);
      touchDevice.run(atMs, addresses === undefined ? null : JSON.stringify(addresses), device);
    },
    told: ({ device, name, kind, addresses, share, leavesMs, atMs }) => {
      const known = readDevice.get(device);
      // Heard in the moment in which it was struck off, or in which the friendship ended.
      if (known === undefined || known.revoked === 1n) return;
      if (readIsFriend.get(known.owner) === undefined) return;
      const told = share === undefined ? null : encodeJson({ ...share, atMs });
      setTold.run(device, name, told, atMs, known.owner);
      setSaid.run(name, kind, JSON.stringify(addresses), leavesMs ?? null, atMs, device);
    },
    setGivenAddress: ({ owner, address }) => void setGiven.run(address ?? null, owner),
    setLeaving: ({ owner, atServiceS }) => void setLeaving.run(atServiceS ?? null, owner),
    setLeaves: ({ owner, leavesMs }) => void setLeaves.run(leavesMs ?? null, owner),
    depart: ({ owner, moment }) => {
      onDepart({ owner, moment });
      setDeparted.run(owner);
      stayAll.run(owner);
    },
  };
}

/** What was compared once stays so; a friendship that begins anew begins with whoever was compared for it. */
function cameNow(
  before: Came | undefined,
  { isFriend, isIntroduced }: { readonly isFriend: boolean; readonly isIntroduced: boolean },
): Came {
  if (isIntroduced) return before ?? 'introduced';
  if (!isFriend) return 'first';
  return before === 'first' ? 'first' : 'compared';
}

function toWritten({
  device,
  owner,
  instance,
  serial,
  revoked,
  replaces,
}: DeviceRecord): WrittenDevice {
  return {
    device,
    owner,
    instance,
    serial: Number(serial),
    revoked: revoked === 1n,
    replaces: replaces ?? undefined,
  };
}

function toFriend(record: FriendRecord, devices: readonly DeviceRecord[]): Friend {
  return {
    owner: record.owner,
    ...(record.relation === 'friend' ? {} : { relation: record.relation }),
    name: record.name,
    petName: record.pet_name ?? undefined,
    sinceMs: Number(record.since_ms),
    lastContactMs: numberOf(record.last_contact_ms),
    blocked: record.blocked === 1n,
    departed: record.departed === 1n,
    givenAddress: record.given_address ?? undefined,
    leavingServiceS: numberOf(record.leaving_service),
    leavesMs: firstOf([record, ...devices.filter(({ revoked }) => revoked === 0n)]),
    told: record.told === null ? undefined : toldShare.parse(JSON.parse(record.told)),
    devices: devices.map((device) => ({
      device: device.device,
      addresses: addressList.parse(JSON.parse(device.addresses)),
      revoked: device.revoked === 1n,
      instance: device.instance,
      serial: Number(device.serial),
      replaces: device.replaces ?? undefined,
      name: device.name ?? undefined,
      kind: machineKindOf(device.kind),
      addedMs: Number(device.added_ms),
      came: device.came,
      leavesMs: numberOf(device.leaves_ms),
      clashMs: numberOf(device.clash_ms),
    })),
  };
}

function firstOf(all: readonly { readonly leaves_ms: bigint | null }[]): number | undefined {
  const dates = all.flatMap(({ leaves_ms: leavesMs }) => numberOf(leavesMs) ?? []);
  return dates.length === 0 ? undefined : Math.min(...dates);
}
