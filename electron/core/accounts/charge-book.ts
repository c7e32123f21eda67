import type { DenialCode } from '../../../shared/denial.ts';
import type { DeviceId, OwnerId, PlotId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { DAY_MS } from '../../../shared/units.ts';
import {
  COMPARED_MAX,
  type ComparisonAnswer,
  type ComparisonRequest,
  type HeldPlot,
  type ReservationAnswer,
  type ReservationRequest,
  type Settlement,
  type SettlementAnswer,
  type TicketRequest,
} from '../../../shared/wire/accounts.ts';
import type { Sql } from '../database/open-database.ts';
import { numberOf } from '../database/number-of.ts';
import { TICKET_S, type Ticket } from './ticket.ts';

/**
 * What is charged to accounts, by the word of the hosts. A reservation or a ticket stays charged until its host says what
 * became of it, never by time alone (design §3.5); so however many hosts ask at once, whoever crashes and whatever
 * is lost on the way, no more is ever promised than the plan has.
 */
export type ChargeBook = {
  readonly reserve: (
    call: ReservationRequest & { readonly from: Host; readonly atMs: number },
  ) => Result<ReservationAnswer, Refusal>;
  /** What is signed as a ticket; asked for again with the same id, the same one with more time. */
  readonly issue: (
    call: TicketRequest & {
      readonly keeper: DeviceId;
      readonly member: OwnerId;
      readonly newJti: string;
      readonly atMs: number;
    },
  ) => Result<Ticket, Refusal>;
  readonly settle: (call: {
    readonly from: Host;
    readonly items: readonly Settlement[];
    readonly atMs: number;
  }) => SettlementAnswer;
  /** Puts right whatever has drifted from what the host has. */
  readonly compare: (
    call: ComparisonRequest & { readonly from: Host; readonly atMs: number },
  ) => ComparisonAnswer;
  /**
   * Devices that their owner has struck off: nobody will ever hear of them again, and what is left of their plots the
   * successor tells of. Whether anything was charged there.
   */
  readonly gone: (devices: readonly DeviceId[]) => boolean;
};

/** Who says it: by his pinned key, never by the message. */
export type Host = { readonly owner: OwnerId; readonly device: DeviceId };

export type Refusal = {
  readonly code: Extract<
    DenialCode,
    'account-unknown' | 'account-closed' | 'account-over-plan' | 'request-reused' | 'rate-limited'
  >;
  readonly params: Readonly<Record<string, string>>;
};

/** Requests under way of one host on one account: beyond it somebody only collects. */
const OPEN_MAX = 1000n;
/**
 * Tickets of one member for one host: they are open until the host says what became of them, once a day, and whoever only
 * collects them must leave room for the others.
 */
const TICKETS_MAX = 200n;
/** Plots of one device that are written down, those that it has let go of among them. */
const HELD_MAX = 200_000n;
/** From here on nothing new is set aside for it, so that whatever was can always be written down. */
const HELD_FULL = 100_000n;
/** Promises of one device that are remembered; beyond it the oldest of those that are over go. */
const PROMISES_MAX = 20_000n;
const FORGOTTEN_AT_ONCE = 1000;
/** More than any disk; so that no sum of what hosts say leaves 64 bits. */
const CHARGE_BYTES_MAX = 2n ** 53n;
const TOTAL_BYTES_MAX = 2n ** 62n;
/** What was settled is remembered for messages that come late, and none comes after a month. */
const REMEMBERED_MS = 30 * DAY_MS;

type AccountRow = {
  readonly plan: bigint;
  readonly closed: bigint;
  readonly until_ms: bigint | null;
  readonly open: bigint;
  readonly held: bigint;
};
type PromiseRow = {
  readonly device: DeviceId;
  readonly id: string;
  readonly host: OwnerId;
  readonly account: string;
  readonly member: OwnerId;
  readonly state: 'open' | 'settled' | 'void';
  readonly bytes: bigint;
  readonly until_ms: bigint | null;
};
type HeldRow = {
  readonly plot: PlotId;
  readonly account: string;
  readonly member: OwnerId;
  readonly bytes: bigint;
  readonly seq: bigint;
};

/** `step`: called before anything is written that nobody but these books knows. */
export function openChargeBook(sql: Sql, step: () => void): ChargeBook {
  const readAccount = sql.prepare<[string], AccountRow>(
    'SELECT plan, closed, until_ms, open, held FROM accounts WHERE name = ?',
  );
  const isMember = sql.prepare<[string, string]>(
    'SELECT 1 FROM account_members WHERE account = ? AND owner = ?',
  );
  const isStruck = sql.prepare<[string, string]>(
    'SELECT 1 FROM account_struck WHERE account = ? AND owner = ?',
  );
  const readHosts = sql.prepare<[string, string], { hosts: bigint; named: bigint | null }>(
    'SELECT count(*) AS hosts, sum(owner = ?) AS named FROM account_hosts WHERE account = ?',
  );
  const readPromise = sql.prepare<[string, string], PromiseRow>(
    'SELECT * FROM account_promises WHERE device = ? AND id = ?',
  );
  const readAsked = sql.prepare<[string, string, string, string], PromiseRow>(
    `SELECT * FROM account_promises
     WHERE member = ? AND request = ? AND state = 'open' AND device = ? AND account = ?`,
  );
  const countOpen = sql.prepare<[string, string], { open: bigint }>(
    "SELECT count(*) AS open FROM account_promises WHERE account = ? AND host = ? AND state = 'open'",
  );
  const countTickets = sql.prepare<[string, string, string], { open: bigint }>(
    `SELECT count(*) AS open FROM account_promises
     WHERE account = ? AND host = ? AND state = 'open' AND member = ? AND kind = 'ticket'`,
  );
  const insertPromise = sql.prepare(
    `INSERT INTO account_promises (device, id, host, account, member, kind, state, bytes, request, until_ms, since_ms)
     VALUES (@device, @id, @host, @account, @member, @kind, @state, @bytes, @request, @untilMs, @atMs)`,
  );
  const extend = sql.prepare(
    'UPDATE account_promises SET until_ms = ? WHERE device = ? AND id = ?',
  );
  const endPromise = sql.prepare(
    "UPDATE account_promises SET state = ? WHERE device = ? AND id = ? AND state = 'open'",
  );
  const readOpenOf = sql.prepare<[string], { id: string; until_ms: bigint | null }>(
    `SELECT id, until_ms FROM account_promises WHERE device = ? AND state = 'open' ORDER BY since_ms LIMIT ${COMPARED_MAX}`,
  );
  const forget = sql.prepare(
    "DELETE FROM account_promises WHERE device = ? AND state <> 'open' AND since_ms < ?",
  );
  const readHeld = sql.prepare<[string, string], HeldRow>(
    'SELECT * FROM account_held WHERE device = ? AND plot = ?',
  );
  const readRange = sql.prepare<[string, string, string, number], HeldRow>(
    `SELECT * FROM account_held WHERE device = ? AND plot > ? AND plot <= ? AND seq < ? AND bytes > 0
     ORDER BY plot LIMIT ${COMPARED_MAX}`,
  );
  const readRows = sql.prepare<[string], { rows: bigint; promises: bigint }>(
    'SELECT rows, promises FROM account_seen WHERE device = ?',
  );
  const forgetOldest = sql.prepare(
    `DELETE FROM account_promises WHERE device = @device AND id IN
       (SELECT id FROM account_promises WHERE device = @device AND state <> 'open'
        ORDER BY since_ms LIMIT ${FORGOTTEN_AT_ONCE})`,
  );
  const voidAllOf = sql.prepare(
    "UPDATE account_promises SET state = 'void' WHERE device = ? AND state = 'open'",
  );
  const releaseAllOf = sql.prepare(
    'UPDATE account_held SET bytes = 0 WHERE device = ? AND bytes > 0',
  );
  const insertHeld = sql.prepare(
    'INSERT INTO account_held (device, plot, host, account, member, bytes, seq) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const setHeld = sql.prepare(
    'UPDATE account_held SET bytes = ?, seq = ? WHERE device = ? AND plot = ?',
  );
  const forgetHeld = sql.prepare(
    'DELETE FROM account_held WHERE device = ? AND bytes = 0 AND seq < ?',
  );
  const readSeen = sql.prepare<[string], { seq: bigint; compared_seq: bigint }>(
    'SELECT seq, compared_seq FROM account_seen WHERE device = ?',
  );
  const see = sql.prepare(
    `INSERT INTO account_seen (device, host, seq) VALUES (?, ?, ?)
     ON CONFLICT (device) DO UPDATE SET seq = max(seq, excluded.seq)`,
  );
  const noteCompared = sql.prepare(
    'UPDATE account_seen SET compared_ms = ?, compared_seq = max(compared_seq, ?) WHERE device = ?',
  );

  function countsAt(account: string, host: OwnerId): boolean {
    if (isStruck.get(account, host) !== undefined) return false;
    const named = readHosts.get(host, account);
    return named === undefined || named.hosts === 0n || (named.named ?? 0n) > 0n;
  }

  /** The account if it covers this member at this host; to everybody else it is not there. */
  function covering(account: string, member: OwnerId, host: OwnerId): AccountRow | undefined {
    const row = readAccount.get(account);
    if (row === undefined || isMember.get(account, member) === undefined) return undefined;
    return countsAt(account, host) ? row : undefined;
  }

  function mayCharge(
    account: string,
    { bytes, atMs }: { readonly bytes: bigint; readonly atMs: number },
    { owner, device }: Host,
  ): Result<AccountRow, Refusal> {
    const row = readAccount.get(account);
    if (row === undefined) return refuse('account-unknown');
    if (isRowClosed(row, atMs)) return refuse('account-closed');
    const charged = row.open + row.held;
    if (bytes > CHARGE_BYTES_MAX || charged + bytes > row.plan)
      return refuse('account-over-plan', {
        planBytes: `${row.plan}`,
        useBytes: `${charged}`,
        mayAskBytes: `${row.plan > charged ? row.plan - charged : 0n}`,
      });
    const isFull =
      (countOpen.get(account, owner)?.open ?? 0n) >= OPEN_MAX ||
      (readRows.get(device)?.rows ?? 0n) >= HELD_FULL;
    return isFull ? refuse('rate-limited') : ok(row);
  }

  /** Whoever has more promises than can be under way only makes others remember them. */
  function makeRoom({ owner, device }: Host): void {
    see.run(device, owner, 0n);
    if ((readRows.get(device)?.promises ?? 0n) >= PROMISES_MAX) forgetOldest.run({ device });
  }

  function standing(account: string, reserved: boolean): Result<ReservationAnswer, Refusal> {
    const row = readAccount.get(account);
    if (row === undefined) return refuse('account-unknown');
    return ok({ reserved, plan: row.plan, charged: row.open + row.held });
  }

  const reserve: ChargeBook['reserve'] = ({ from, reservation, quote, ...ask }) => {
    const { account, member, bytes, atMs } = ask;
    if (covering(account, member, from.owner) === undefined) return refuse('account-unknown');
    if (quote === true) {
      const may = mayCharge(account, { bytes, atMs }, from);
      return may.ok ? standing(account, false) : may;
    }
    const known = readPromise.get(from.device, reservation);
    if (known !== undefined) {
      const isSame = known.account === account && known.member === member && known.bytes === bytes;
      // What was given back is not taken up again by a message that comes late.
      return isSame && known.state !== 'void' ? standing(account, true) : refuse('request-reused');
    }
    const may = mayCharge(account, { bytes, atMs }, from);
    if (!may.ok) return may;
    makeRoom(from);
    step();
    insertPromise.run({
      device: from.device,
      id: reservation,
      host: from.owner,
      account,
      member,
      kind: 'reservation',
      state: 'open',
      bytes,
      atMs,
      ...UNBOUND,
    });
    return standing(account, true);
  };

  const issue: ChargeBook['issue'] = ({ keeper, member, account, host, device, ...ask }) => {
    const { newJti, atMs, bytes, durationS, requestId, requestHash } = ask;
    const row = covering(account, member, host);
    if (row === undefined) return refuse('account-unknown');
    // Also for one that is out already: with more time each time it would outlive the account for as long as it is asked for.
    if (isRowClosed(row, atMs)) return refuse('account-closed');
    const untilMs = atMs + TICKET_S * 1000;
    const ticket = { keeper, account, member, device, bytes, durationS, requestHash };
    const request = `${requestId} ${requestHash} ${bytes} ${durationS}`;
    const asked = readAsked.get(member, request, device, account);
    if (asked !== undefined) {
      extend.run(untilMs, device, asked.id);
      return ok({ ...ticket, jti: asked.id, untilMs });
    }
    const may = mayCharge(account, { bytes, atMs }, { owner: host, device });
    if (!may.ok) return may;
    if ((countTickets.get(account, host, member)?.open ?? 0n) >= TICKETS_MAX)
      return refuse('rate-limited');
    makeRoom({ owner: host, device });
    step();
    insertPromise.run({
      id: newJti,
      kind: 'ticket',
      state: 'open',
      device,
      host,
      account,
      member,
      bytes,
      request,
      untilMs,
      atMs,
    });
    return ok({ ...ticket, jti: newJti, untilMs });
  };

  /**
   * The host has it so. What he says counts also beyond the plan: it lies there, and nothing more is granted.
   * `reservedBytes`: what was set aside for it, and so counts wherever the plan counts by now.
   */
  function hold(
    from: Host,
    { plot, account, member, bytes }: HeldPlot,
    { seq, reservedBytes = 0n }: { readonly seq: number; readonly reservedBytes?: bigint },
  ): boolean {
    const may = (added: bigint) => mayHold(from, { account, bytes: added, reservedBytes });
    const known = readHeld.get(from.device, plot);
    if (known !== undefined) {
      if (known.account !== account || Number(known.seq) > seq) return false;
      // Where the plan does not count (any more), it gets less, never more.
      if (bytes > known.bytes && !may(bytes - known.bytes)) return false;
      setHeld.run(bytes, seq, from.device, plot);
      return known.bytes !== bytes;
    }
    // Let go of and forgotten: a message that comes after a whole comparison is from before it.
    if (seq < Number(readSeen.get(from.device)?.compared_seq ?? 0n)) return false;
    if (!may(bytes) || (readRows.get(from.device)?.rows ?? 0n) >= HELD_MAX) return false;
    insertHeld.run(from.device, plot, from.owner, account, member, bytes, seq);
    return true;
  }

  function mayHold(
    from: Host,
    {
      account,
      bytes,
      reservedBytes,
    }: Pick<HeldPlot, 'account' | 'bytes'> & { readonly reservedBytes: bigint },
  ): boolean {
    const row = readAccount.get(account);
    if (row === undefined) return false;
    if (bytes > reservedBytes && !countsAt(account, from.owner)) return false;
    return bytes <= CHARGE_BYTES_MAX && row.open + row.held + bytes <= TOTAL_BYTES_MAX;
  }

  function settleOne(from: Host, item: Settlement, atMs: number): void {
    if (item.state === 'settled') {
      const { seq, promise = '' } = item;
      const open = readPromise.get(from.device, promise);
      const isOpen = open?.state === 'open' && open.account === item.account;
      const reservedBytes = isOpen ? open.bytes : 0n;
      // First out, then in: a growth that is settled is never charged twice.
      endPromise.run('settled', from.device, promise);
      hold(from, item, { seq, reservedBytes });
      return;
    }
    if (item.state === 'released') {
      const known = readHeld.get(from.device, item.plot);
      if (known !== undefined && Number(known.seq) <= item.seq)
        setHeld.run(0n, item.seq, from.device, item.plot);
      return;
    }
    const known = readPromise.get(from.device, item.promise);
    if (known !== undefined) {
      endPromise.run('void', from.device, item.promise);
      return;
    }
    // Given back before it was asked for: the request for it is still on its way.
    if (!countsAt(item.account, from.owner) || readAccount.get(item.account) === undefined) return;
    makeRoom(from);
    insertPromise.run({
      device: from.device,
      id: item.promise,
      host: from.owner,
      account: item.account,
      member: from.owner,
      kind: 'reservation',
      state: 'void',
      bytes: 0n,
      atMs,
      ...UNBOUND,
    });
  }

  function lastSeq({ device }: Host): number {
    return Number(readSeen.get(device)?.seq ?? 0n);
  }

  const settle: ChargeBook['settle'] = ({ from, items, atMs }) => {
    see.run(from.device, from.owner, 0n);
    for (const item of items) {
      settleOne(from, item, atMs);
      see.run(from.device, from.owner, item.seq);
    }
    return { seq: lastSeq(from) };
  };

  const compare: ChargeBook['compare'] = ({ from, seq, after, upTo, plots, atMs }) => {
    see.run(from.device, from.owner, seq);
    const named = new Set(plots.map(({ plot }) => plot));
    const corrected = plots.filter((plot) => hold(from, plot, { seq })).map(({ plot }) => plot);
    const dropped = readRange
      .all(from.device, after ?? '', upTo ?? LAST_PLOT, seq)
      .filter(({ plot }) => !named.has(plot));
    for (const { plot } of dropped) setHeld.run(0n, seq, from.device, plot);
    const isLast = upTo === null;
    if (isLast) {
      noteCompared.run(atMs, seq, from.device);
      forget.run(from.device, atMs - REMEMBERED_MS);
      forgetHeld.run(from.device, seq);
    }
    const uncovered = plots.filter(({ account, member }) => {
      const row = covering(account, member, from.owner);
      return row === undefined || isRowClosed(row, atMs);
    });
    return {
      seq: lastSeq(from),
      uncovered: uncovered.map(({ plot }) => plot),
      corrected,
      dropped: dropped.map(({ plot, account, member, bytes }) => ({
        plot,
        account,
        member,
        bytes,
      })),
      open: isLast
        ? readOpenOf.all(from.device).map(({ id, until_ms }) => ({
            promise: id,
            ...(until_ms === null ? {} : { untilMs: Number(until_ms) }),
          }))
        : [],
    };
  };

  return {
    reserve,
    issue,
    settle,
    compare,
    gone: (devices) => {
      let changed = 0;
      for (const device of devices)
        changed += voidAllOf.run(device).changes + releaseAllOf.run(device).changes;
      return changed > 0;
    },
  };
}

/** Nothing new is granted on it: its keeper closed it, or its time is over. */
export function isClosed(
  { closed, untilMs }: { readonly closed: boolean; readonly untilMs: number | undefined },
  nowMs: number,
): boolean {
  return closed || (untilMs !== undefined && untilMs <= nowMs);
}

function isRowClosed({ closed, until_ms }: AccountRow, nowMs: number): boolean {
  const untilMs = numberOf(until_ms);
  return isClosed({ closed: closed === 1n, untilMs }, nowMs);
}

/** A reservation is bound to nothing but its id. */
const UNBOUND = { request: null, untilMs: null };
/** After every plot's id: `7` is the last letter of base32. */
const LAST_PLOT = '~';

function refuse(
  code: Refusal['code'],
  params: Refusal['params'] = {},
): { readonly ok: false; readonly fault: Refusal } {
  return failed({ code, params });
}
