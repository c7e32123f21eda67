import type { OwnerId } from '../../../../shared/ids.ts';
import type { Sql } from '../../database/open-database.ts';
import type { StoreObject, StoreObjectType } from '../repository/repository-store.ts';

/** Objects that were found damaged or missing in a copy and are not repaired yet. */
export type DamagedObject = {
  readonly set: string;
  readonly host: OwnerId;
  readonly type: StoreObjectType;
  readonly name: string;
  readonly foundMs: number;
};

export type Loss = { readonly set: string; readonly objects: number; readonly atMs: number };

type Of = {
  readonly set: string;
  readonly host: OwnerId;
  readonly objects: readonly StoreObject[];
};

export type DamageBook = {
  readonly damage: (set: string) => readonly DamagedObject[];
  readonly noteDamage: (call: Of & { readonly atMs: number }) => void;
  /** The friend said on which drive it was. */
  readonly noteDrive: (call: Omit<Of, 'objects'> & { readonly drive: string }) => void;
  /** They are whole there again. */
  readonly noteRepaired: (call: Of & { readonly atMs: number }) => void;
  /** No copy has these any more: they are given up. */
  readonly noteLost: (
    call: Omit<Of, 'host' | 'objects'> & { readonly objects: number; readonly atMs: number },
  ) => void;
  /** What was given up last, set by set. */
  readonly losses: () => readonly Loss[];
  /** They were whole all along, are nobody's loss, or nobody will ever have them again. */
  readonly forgetDamage: (call: Of) => void;
};

/** Whoever has lost more than these has lost the plot. */
const DAMAGE_MAX = 100_000;

type DamageRecord = {
  readonly set_name: string;
  readonly host: string;
  readonly type: StoreObjectType;
  readonly name: string;
  readonly found_ms: bigint;
};

export function openDamageBook(sql: Sql): DamageBook {
  const read = sql.prepare<[string], DamageRecord>(
    'SELECT * FROM copy_damage WHERE set_name = ? ORDER BY host, type, name',
  );
  const count = sql
    .prepare<[{ readonly set: string; readonly host: OwnerId }], bigint>(
      'SELECT count(*) FROM copy_damage WHERE set_name = @set AND host = @host',
    )
    .pluck();
  const insert = sql.prepare(
    `INSERT INTO copy_damage (set_name, host, type, name, found_ms)
     SELECT set_name, host, @type, @name, @atMs FROM copies WHERE set_name = @set AND host = @host
     ON CONFLICT DO NOTHING`,
  );
  const remove = sql.prepare(
    'DELETE FROM copy_damage WHERE set_name = @set AND host = @host AND type = @type AND name = @name',
  );
  const setRepaired = sql.prepare(
    'UPDATE copies SET repaired_ms = @atMs WHERE set_name = @set AND host = @host',
  );
  const setDrive = sql.prepare(
    'UPDATE copies SET drive = @drive WHERE set_name = @set AND host = @host',
  );
  const setLost = sql.prepare(
    'UPDATE sets SET lost_ms = @atMs, lost_objects = @objects WHERE name = @set',
  );
  const readLost = sql.prepare<[], { name: string; lost_ms: bigint; lost_objects: bigint }>(
    'SELECT name, lost_ms, lost_objects FROM sets WHERE lost_ms IS NOT NULL ORDER BY name',
  );

  function forgetDamage({ set, host, objects }: Of): number {
    return objects.reduce(
      (sum, { type, name }) => sum + remove.run({ set, host, type, name }).changes,
      0,
    );
  }

  return {
    damage: (set) =>
      read.all(set).map((record) => ({
        set: record.set_name,
        host: record.host as OwnerId,
        type: record.type,
        name: record.name,
        foundMs: Number(record.found_ms),
      })),
    noteDamage: ({ set, host, objects, atMs }) => {
      let known = Number(count.get({ set, host }) ?? 0n);
      for (const { type, name } of objects) {
        if (known >= DAMAGE_MAX) return;
        // A lock lasts as long as its job, and nothing is restored from it: nobody would ever repair it.
        if (type === 'locks') continue;
        known += insert.run({ set, host, type, name, atMs }).changes;
      }
    },
    noteDrive: (call) => void setDrive.run(call),
    noteLost: (call) => void setLost.run(call),
    losses: () =>
      readLost.all().map(({ name: set, lost_ms: atMs, lost_objects: objects }) => ({
        set,
        objects: Number(objects),
        atMs: Number(atMs),
      })),
    noteRepaired: ({ atMs, ...of }) => {
      if (forgetDamage(of) > 0) setRepaired.run({ set: of.set, host: of.host, atMs });
    },
    forgetDamage: (of) => void forgetDamage(of),
  };
}
