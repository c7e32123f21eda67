import type { OwnerId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { ACCOUNTS_MAX } from '../../../shared/wire/accounts.ts';
import { type BookMark, markedBook } from '../database/book-mark.ts';
import type { Sql } from '../database/open-database.ts';
import { numberOf } from '../database/number-of.ts';
import type { PolicyBook } from '../ledger/ledger.ts';
import { type ChargeBook, openChargeBook } from './charge-book.ts';

/** An account that this device keeps. */
export type Account = {
  readonly account: string;
  readonly planBytes: bigint;
  /** From then on it counts as closed, by this device's clock; none: it does not end by itself. */
  readonly untilMs: number | undefined;
  readonly closed: boolean;
  /** It came with an older copy of the books, and was closed for it. */
  readonly restored: boolean;
  /** Reserved for requests under way, and given out in tickets. */
  readonly openBytes: bigint;
  /** What hosts have settled. */
  readonly heldBytes: bigint;
  readonly members: readonly OwnerId[];
  /** Where the plan counts; none: at everybody who honours this keeper. */
  readonly hosts: readonly OwnerId[];
  /** Hosts of which the keeper said that they are gone. */
  readonly struck: readonly OwnerId[];
};

export type AccountUse = {
  readonly host: OwnerId;
  readonly member: OwnerId;
  readonly chargedBytes: bigint;
  readonly plots: number;
  readonly comparedMs: number | undefined;
};

/** The keeper's side of accounts (design §3.5). Every method expects to run inside a transaction of its caller. */
export type AccountBook = ChargeBook & {
  readonly accounts: () => readonly Account[];
  /** Who holds how much where, the largest first. */
  readonly usage: (name: string) => readonly AccountUse[];
  readonly account: (name: string) => Account | undefined;
  /** Makes one, or changes it: what is not named stays. */
  readonly setAccount: (change: {
    readonly account: string;
    readonly planBytes?: bigint | undefined;
    /** Null: it does not end by itself. */
    readonly untilMs?: number | null | undefined;
    readonly members?: readonly OwnerId[] | undefined;
    readonly hosts?: readonly OwnerId[] | undefined;
    readonly closed?: boolean | undefined;
    /** The keeper, where this device is to be one of the hosts: his accounts count here from then on. */
    readonly honour?: OwnerId | undefined;
  }) => Result<undefined, 'account-unknown' | 'too-many-accounts' | 'too-many-keepers'>;
  readonly dropAccount: (name: string) => Result<undefined, 'account-unknown' | 'account-in-use'>;
  /** The host is gone for good: what was charged there is given back, and nothing of his counts any more. */
  readonly strike: (call: {
    readonly account: string;
    readonly host: OwnerId;
  }) => Result<undefined, 'account-unknown'>;
  readonly ofMember: (owner: OwnerId) => readonly Account[];
  /** Some account's plan counts at this host. */
  readonly countsAt: (host: OwnerId) => boolean;
  /** How often something was done that only these books know, and that so many are surely on the disk (`book-mark.ts`). */
  readonly count: () => number;
  readonly confirm: (call: { readonly count: number }) => void;
};

/** Rows of use that are shown: a host that makes up members fills no window. */
const USES_MAX = 1000;
/** A reservation is one of many, and what became of it its host tells anew; the file is not written for each of them. */
const STEPS_AHEAD = 64;

type Row = {
  readonly name: string;
  readonly plan: bigint;
  readonly until_ms: bigint | null;
  readonly closed: bigint;
  readonly open: bigint;
  readonly held: bigint;
  readonly restored: bigint;
};

export function openAccountBook(
  sql: Sql,
  { mark, ledger }: { readonly mark: BookMark; readonly ledger: Pick<PolicyBook, 'honour'> },
): AccountBook {
  const readAll = sql.prepare<[], Row>('SELECT * FROM accounts ORDER BY name');
  const readOne = sql.prepare<[string], Row>('SELECT * FROM accounts WHERE name = ?');
  const readOfMember = sql.prepare<[string], Row>(
    `SELECT accounts.* FROM accounts JOIN account_members ON account = name WHERE owner = ? ORDER BY name LIMIT ${ACCOUNTS_MAX}`,
  );
  const count = sql.prepare<[], { accounts: bigint }>('SELECT count(*) AS accounts FROM accounts');
  const owners = (table: string) => ({
    read: sql.prepare<[string], { owner: OwnerId }>(
      `SELECT owner FROM ${table} WHERE account = ? ORDER BY owner`,
    ),
    clear: sql.prepare(`DELETE FROM ${table} WHERE account = ?`),
    add: sql.prepare(`INSERT INTO ${table} (account, owner) VALUES (?, ?) ON CONFLICT DO NOTHING`),
    remove: sql.prepare(`DELETE FROM ${table} WHERE account = ? AND owner = ?`),
  });
  const members = owners('account_members');
  const hosts = owners('account_hosts');
  const struck = owners('account_struck');
  const insert = sql.prepare('INSERT INTO accounts (name, plan) VALUES (?, ?)');
  const setPlan = sql.prepare('UPDATE accounts SET plan = ? WHERE name = ?');
  const setUntil = sql.prepare('UPDATE accounts SET until_ms = ? WHERE name = ?');
  const setClosed = sql.prepare('UPDATE accounts SET closed = ? WHERE name = ?');
  const remove = sql.prepare('DELETE FROM accounts WHERE name = ?');
  const readUsage = sql.prepare<
    [string],
    { host: OwnerId; member: OwnerId; charged: bigint; plots: bigint }
  >(
    `SELECT host, member, bytes AS charged, plots FROM account_use WHERE account = ?
     ORDER BY bytes DESC, host, member LIMIT ${USES_MAX}`,
  );
  const readCompared = sql.prepare<[string], { compared: bigint | null }>(
    'SELECT min(compared_ms) AS compared FROM account_seen WHERE host = ?',
  );
  const voidOf = sql.prepare(
    "UPDATE account_promises SET state = 'void' WHERE account = ? AND host = ? AND state = 'open'",
  );
  const releaseOf = sql.prepare(
    'UPDATE account_held SET bytes = 0 WHERE account = ? AND host = ? AND bytes > 0',
  );
  const closeAll = sql.prepare('UPDATE accounts SET closed = 1, restored = 1');
  const seen = sql.prepare('UPDATE accounts SET restored = 0 WHERE name = ?');
  const forgetCompared = sql.prepare('UPDATE account_seen SET compared_ms = NULL');
  const readChanges = sql.prepare<[], { changes: bigint }>('SELECT changes FROM account_changes');
  const setChanges = sql.prepare('UPDATE account_changes SET changes = ?');
  const marked = markedBook({
    mark,
    read: () => Number(readChanges.get()?.changes ?? 0n),
    write: (changes) => void setChanges.run(changes),
    ahead: STEPS_AHEAD,
  });
  const readCounts = sql.prepare<[string, string], { accounts: bigint }>(
    `SELECT count(*) AS accounts FROM accounts WHERE closed = 0
       AND NOT EXISTS (SELECT 1 FROM account_struck WHERE account = name AND owner = ?)
       AND (NOT EXISTS (SELECT 1 FROM account_hosts WHERE account = name)
         OR EXISTS (SELECT 1 FROM account_hosts WHERE account = name AND owner = ?))`,
  );

  function toAccount(row: Row): Account {
    return {
      account: row.name,
      planBytes: row.plan,
      untilMs: numberOf(row.until_ms),
      closed: row.closed === 1n,
      restored: row.restored === 1n,
      openBytes: row.open,
      heldBytes: row.held,
      members: members.read.all(row.name).map(({ owner }) => owner),
      hosts: hosts.read.all(row.name).map(({ owner }) => owner),
      struck: struck.read.all(row.name).map(({ owner }) => owner),
    };
  }

  // Who was dropped from an older copy since, and what tickets were given out, nobody can tell it any more. What
  // hosts hold they tell anew, each with its next comparison.
  sql.transaction(() => {
    if (!marked.isOlder()) return;
    closeAll.run();
    forgetCompared.run();
    marked.begin();
  })();

  return {
    ...openChargeBook(sql, marked.step),
    accounts: () => readAll.all().map(toAccount),
    usage: (name) =>
      readUsage.all(name).map(({ host, member, charged, plots }) => ({
        host,
        member,
        chargedBytes: charged,
        plots: Number(plots),
        comparedMs: numberOf(readCompared.get(host)?.compared),
      })),
    count: () => Number(readChanges.get()?.changes ?? 0n),
    confirm: ({ count: sure }) => marked.confirm(sure),
    account: (name) => {
      const row = readOne.get(name);
      return row === undefined ? undefined : toAccount(row);
    },
    setAccount: ({ account, planBytes, members: whose, hosts: where, honour, ...change }) => {
      const { untilMs, closed } = change;
      const isNew = readOne.get(account) === undefined;
      // Without a plan it was a slip of the pen: nothing of that name is there to be changed.
      if (isNew && planBytes === undefined) return failed('account-unknown');
      if (isNew && (count.get()?.accounts ?? 0n) >= BigInt(ACCOUNTS_MAX))
        return failed('too-many-accounts');
      // Whatever can be refused comes before anything is written: only what is thrown is rolled back.
      if (honour !== undefined) {
        const honoured = ledger.honour({ keeper: honour, honoured: true });
        if (!honoured.ok) return honoured;
      }
      if (isNew && planBytes !== undefined) insert.run(account, planBytes);
      marked.step();
      if (planBytes !== undefined) setPlan.run(planBytes, account);
      if (untilMs !== undefined) setUntil.run(untilMs, account);
      if (closed !== undefined) {
        setClosed.run(closed ? 1n : 0n, account);
        seen.run(account);
      }
      if (whose !== undefined) {
        members.clear.run(account);
        for (const owner of whose) members.add.run(account, owner);
      }
      if (where !== undefined) {
        hosts.clear.run(account);
        for (const owner of where) {
          hosts.add.run(account, owner);
          struck.remove.run(account, owner);
        }
      }
      return ok(undefined);
    },
    dropAccount: (name) => {
      const row = readOne.get(name);
      if (row === undefined) return failed('account-unknown');
      if (row.open + row.held > 0n) return failed('account-in-use');
      marked.step();
      remove.run(name);
      return ok(undefined);
    },
    strike: ({ account, host }) => {
      if (readOne.get(account) === undefined) return failed('account-unknown');
      marked.step();
      voidOf.run(account, host);
      releaseOf.run(account, host);
      // Struck off is more than not named: where nobody is named, everybody counts.
      struck.add.run(account, host);
      // For the same reason the last who was named stays, or his end would let everybody in.
      if (hosts.read.all(account).some(({ owner }) => owner !== host))
        hosts.remove.run(account, host);
      return ok(undefined);
    },
    ofMember: (owner) => readOfMember.all(owner).map(toAccount),
    countsAt: (host) => (readCounts.get(host, host)?.accounts ?? 0n) > 0n,
  };
}
