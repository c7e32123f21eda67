import { z } from 'zod';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import { ownerId } from '../../../shared/model/ids.ts';
import type { MemberAccounts } from '../../../shared/wire/accounts.ts';
import type { Sql } from '../database/open-database.ts';
import { numberOf } from '../database/number-of.ts';

/** An account of which this owner is a member, as its keeper said last. */
export type Membership = {
  readonly keeper: OwnerId;
  readonly device: DeviceId;
  readonly account: string;
  readonly planBytes: bigint;
  readonly chargedBytes: bigint;
  readonly closed: boolean;
  /** When the plan ends, by the keeper's clock; none: not by itself. */
  readonly untilMs: number | undefined;
  readonly hosts: readonly OwnerId[];
  readonly asOfMs: number;
};

export type MembershipBook = {
  readonly memberships: () => readonly Membership[];
  /** Friends who keep accounts that count at this device. */
  readonly keepers: () => readonly OwnerId[];
  /** All that this device of a keeper has said; what is not in it is no more. */
  readonly heard: (call: {
    readonly keeper: OwnerId;
    readonly device: DeviceId;
    readonly said: MemberAccounts;
    readonly atMs: number;
  }) => void;
  /** A friend no longer, or a device that counts no longer. */
  readonly forget: (device: DeviceId) => void;
};

type Row = {
  readonly keeper: OwnerId;
  readonly device: DeviceId;
  readonly account: string;
  readonly plan: bigint;
  readonly charged: bigint;
  readonly closed: bigint;
  readonly until_ms: bigint | null;
  readonly hosts: string;
  readonly as_of_ms: bigint;
};

const owners = z.array(ownerId);

export function openMembershipBook(sql: Sql): MembershipBook {
  const readAll = sql.prepare<[], Row>(
    `SELECT memberships.*, account_keepers.as_of_ms FROM memberships JOIN account_keepers USING (device)
     ORDER BY account, device`,
  );
  const readKeepers = sql.prepare<[], { keeper: OwnerId }>(
    'SELECT DISTINCT keeper FROM account_keepers WHERE counts_here = 1 ORDER BY keeper',
  );
  const clear = sql.prepare('DELETE FROM memberships WHERE device = ?');
  const insert = sql.prepare(
    `INSERT INTO memberships (device, account, keeper, plan, charged, closed, hosts, until_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const hear = sql.prepare(
    `INSERT INTO account_keepers (device, keeper, counts_here, as_of_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (device) DO UPDATE SET counts_here = excluded.counts_here, as_of_ms = excluded.as_of_ms`,
  );
  const drop = sql.prepare('DELETE FROM account_keepers WHERE device = ?');
  return {
    memberships: () =>
      readAll.all().map((row) => ({
        keeper: row.keeper,
        device: row.device,
        account: row.account,
        planBytes: row.plan,
        chargedBytes: row.charged,
        closed: row.closed === 1n,
        untilMs: numberOf(row.until_ms),
        hosts: owners.parse(JSON.parse(row.hosts)),
        asOfMs: Number(row.as_of_ms),
      })),
    keepers: () => readKeepers.all().map(({ keeper }) => keeper),
    heard: ({ keeper, device, said, atMs }) => {
      clear.run(device);
      for (const { account, plan, charged, closed, hosts, untilMs } of said.accounts) {
        const how = [closed ? 1n : 0n, JSON.stringify(hosts), untilMs ?? null] as const;
        insert.run(device, account, keeper, plan, charged, ...how);
      }
      hear.run(device, keeper, said.countsHere ? 1n : 0n, atMs);
    },
    forget: (device) => {
      clear.run(device);
      drop.run(device);
    },
  };
}
