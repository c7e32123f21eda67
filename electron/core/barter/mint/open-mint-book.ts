import { z } from 'zod';
import { assert } from '../../../../shared/assert.ts';
import { UNIT_BYTES } from '../../../../shared/model/notes.ts';
import type { Moment } from '../../../../shared/model/moment.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { DAY_S } from '../../../../shared/units.ts';
import {
  type Blank,
  blank,
  type Claim,
  evaluations,
  type Keyset,
  NOTES_MAX,
} from '../../../../shared/wire/mint.ts';
import type { Sql } from '../../database/open-database.ts';
import type { DiskFacts, Totals } from '../../ledger/ledger.ts';
import type { CheckedNote, MintBook, MintCall, MintDenial, MintRequest } from './mint-book.ts';
import type { KeysetRow, MintStore } from './mint-store.ts';
import type { NoteLog } from '../note-log.ts';
import { base64url, sumOf, unitsOf } from '../notes.ts';

type ClaimRow = {
  readonly id: string;
  readonly owner: string;
  readonly units: bigint;
  readonly keyset: string | null;
  readonly plot: string | null;
  readonly why: Claim['why'];
  readonly order_id: string | null;
  readonly part: bigint | null;
};
type RequestRow = {
  readonly body_hash: Buffer;
  readonly blanks: string;
  readonly answer: string | null;
};
type Moved = { readonly keyset: string; readonly units: bigint };

const blanksSchema = z.array(blank).max(NOTES_MAX);
/** As many as an answer lists; whoever has more fetches these first. */
const SHOWN_MAX = 128;
/** What nobody fetched in this time of service is nobody's any more. */
const CLAIM_S = 90 * DAY_S;
/** Found to be over for so long before it ends for good: a clock that jumps and comes back costs nobody a note. */
const OVER_S = DAY_S;
/** Then it is remembered for a while what was spent, for whoever reads the books. */
const REMEMBERED_S = 7 * DAY_S;

/** See `mint-book.ts`. */
export function openMintBook(
  sql: Sql,
  {
    store,
    log,
    totals,
  }: {
    readonly store: MintStore;
    readonly log: NoteLog;
    /** The ledger's, which is opened after this. */
    readonly totals: (call: { readonly disk: DiskFacts }) => Totals;
  },
): MintBook {
  const readClaims = sql.prepare<[string], ClaimRow>(
    "SELECT * FROM mint_claims WHERE owner = ? AND state = 'open' ORDER BY made_ms, id",
  );
  const readClaim = sql.prepare<[string], ClaimRow>(
    "SELECT * FROM mint_claims WHERE id = ? AND state = 'open'",
  );
  const readPart = sql.prepare<[string, number], { id: string }>(
    'SELECT id FROM mint_claims WHERE order_id = ? AND part = ?',
  );
  const readFetched = sql.prepare<[string], { fetched: bigint }>(
    "SELECT count(*) AS fetched FROM mint_claims WHERE order_id = ? AND state = 'fetched'",
  );
  const readWaiting = sql.prepare<[string], { id: string; part: bigint }>(
    "SELECT id, part FROM mint_claims WHERE order_id = ? AND state = 'open' ORDER BY part",
  );
  const readOwed = sql.prepare<[string, string], ClaimRow>(
    "SELECT * FROM mint_claims WHERE plot = ? AND owner = ? AND state = 'open'",
  );
  const setClaim = sql.prepare("UPDATE mint_claims SET state = ? WHERE id = ? AND state = 'open'");
  const setClaimKeyset = sql.prepare(
    "UPDATE mint_claims SET keyset = ?, state = 'fetched' WHERE id = ?",
  );
  const readRequest = sql.prepare<[string, string], RequestRow>(
    'SELECT body_hash, blanks, answer FROM mint_requests WHERE owner = ? AND request_id = ?',
  );
  const insertRequest = sql.prepare(
    `INSERT INTO mint_requests (owner, request_id, body_hash, blanks, keyset, at_ms)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const setAnswer = sql.prepare(
    'UPDATE mint_requests SET answer = ? WHERE owner = ? AND request_id = ?',
  );
  const insertIssue = sql.prepare(
    'INSERT INTO mint_issues (keyset, owner, units, at_ms) VALUES (?, ?, ?, ?)',
  );
  const readNewest = sql.prepare<[], { expires_ms: bigint }>(
    "SELECT expires_ms FROM mint_keysets WHERE state = 'live' AND issued > 0 ORDER BY expires_ms DESC",
  );
  const readClosed = sql.prepare<[number], { closed_ms: bigint }>(
    `SELECT closed_ms FROM mint_totals WHERE closed_ms IS NOT NULL
       AND EXISTS (SELECT 1 FROM mint_keysets WHERE state = 'closed' AND expires_ms > ?)`,
  );
  const sweep = openSweep(sql, log);

  function before({ owner, requestId, bodyHash }: MintRequest): 'same' | 'reused' | undefined {
    const row = readRequest.get(owner, requestId);
    if (row === undefined) return undefined;
    return Buffer.compare(row.body_hash, bodyHash) === 0 ? 'same' : 'reused';
  }

  /** Remembered with that keyset of it which ends last: as long as something that it brings is worth anything. */
  function begin(call: MintCall, moved: readonly Pick<Blank, 'keyset'>[] = call.blanks): void {
    const { owner, requestId, bodyHash, blanks, moment } = call;
    const among = new Set(moved.map((each) => each.keyset));
    const keyset = store.live(moment).find(({ id }) => among.has(id))?.id;
    assert(keyset !== undefined, 'what is moved was found to run');
    insertRequest.run(owner, requestId, bodyHash, JSON.stringify(blanks), keyset, moment.nowMs);
  }

  /** Writes down what is made; the sums were compared before. */
  function issue({ owner, blanks, moment }: MintCall): void {
    for (const { keyset, units } of byKeyset(blanks))
      insertIssue.run(keyset, owner, units, moment.nowMs);
  }

  /** What every request that moves notes begins with; `undefined`: go on. */
  function start(call: MintCall): Result<readonly Blank[], MintDenial> | undefined {
    store.trust(call.moment);
    // Two of the same at once: the first has taken it in, both are answered with what is made of it.
    const known = before(call);
    if (known !== undefined)
      return known === 'same' ? ok(call.blanks) : failed({ code: 'request-reused' });
    const runs = new Set(store.live(call.moment).map(({ id }) => id));
    if (!call.blanks.every(({ keyset }) => runs.has(keyset)))
      return failed({ code: 'keyset-expired' });
    return undefined;
  }

  return {
    shown: ({ owner, moment }) => {
      store.trust(moment);
      const present = store.current(moment);
      return {
        keysets: store.live(moment).map(toKeyset),
        claims: readClaims
          .all(owner)
          .slice(0, SHOWN_MAX)
          .map((row) => toClaim(row, present.id)),
      };
    },
    keys: ({ moment }) => {
      store.trust(moment);
      return store.live(moment).map((row) => ({ ...toKeyset(row), secretKey: row.secret }));
    },
    give: ({ owner, units, why, order, part, moment, disk }) => {
      store.trust(moment);
      const given =
        order === undefined || part === undefined ? undefined : readPart.get(order, part);
      if (given !== undefined) return ok({ claim: given.id });
      const mayIssueUnits = room(totals({ disk }));
      if (units > mayIssueUnits) return failed({ code: 'over-issue', mayIssueUnits });
      store.step();
      return ok({ claim: store.owe({ owner, units, why, order, part, moment }) });
    },
    takeBack: ({ claim }) => setClaim.run('void', claim).changes === 1,
    instalments: ({ order }) => ({
      fetched: Number(readFetched.get(order)?.fetched ?? 0n),
      waiting: readWaiting.all(order).map(({ id, part }) => ({ claim: id, part: Number(part) })),
    }),
    recall: ({ owner, requestId, bodyHash }) => {
      const row = readRequest.get(owner, requestId);
      if (row === undefined) return undefined;
      if (Buffer.compare(row.body_hash, bodyHash) !== 0) return { type: 'reused' };
      if (row.answer !== null)
        return { type: 'answered', answer: evaluations.parse(JSON.parse(row.answer)) };
      return { type: 'begun', blanks: blanksSchema.parse(JSON.parse(row.blanks)) };
    },
    withdraw: (call) => {
      const early = start(call);
      if (early !== undefined) return early;
      const { owner, blanks, moment } = call;
      const claim = readClaim.get(call.claim);
      if (claim === undefined || claim.owner !== owner) return failed({ code: 'claim-unknown' });
      const [made, ...others] = byKeyset(blanks);
      const keyset = claim.keyset ?? made?.keyset;
      if (made === undefined || others.length > 0 || made.keyset !== keyset)
        return failed(unbalanced('one keyset'));
      if (made.units !== claim.units) return failed(unbalanced('as many units as are there'));
      store.step();
      setClaimKeyset.run(made.keyset, claim.id);
      issue(call);
      begin(call);
      const movement = claim.why === 'refund' ? 'returned' : 'issued';
      log.append({
        movement,
        issuer: 'self',
        with: claim.owner as typeof owner,
        units: claim.units,
        atMs: moment.nowMs,
      });
      return ok(blanks);
    },
    swap: (call) => {
      const early = start(call);
      if (early !== undefined) return early;
      const { owner, blanks, notes, moment } = call;
      const problem = store.problemOf(notes, moment);
      if (problem !== undefined) return failed({ code: problem });
      if (!sameSums(byKeyset(notes), byKeyset(blanks)))
        return failed(unbalanced('the same sum in each keyset'));
      store.step();
      store.take(notes, undefined);
      issue(call);
      begin(call);
      const units = sumOf(notes);
      log.append({ movement: 'swapped', issuer: 'self', with: owner, units, atMs: moment.nowMs });
      return ok(blanks);
    },
    change: (call) => {
      const early = start(call);
      if (early !== undefined) return early;
      const { owner, blanks, plot, moment } = call;
      const owed = readOwed.all(plot, owner);
      if (owed.length === 0) return failed({ code: 'claim-unknown' });
      const sums = owed.map(({ keyset, units }) => ({ keyset: keyset ?? '', units }));
      if (!sameSums(added(sums), byKeyset(blanks)))
        return failed(unbalanced('as many units as are owed'));
      store.step();
      for (const { id } of owed) setClaim.run('fetched', id);
      issue(call);
      begin(call);
      const units = sumOf(blanks);
      log.append({
        movement: 'returned',
        issuer: 'self',
        with: owner,
        units,
        plot,
        atMs: moment.nowMs,
      });
      return ok(blanks);
    },
    answered: ({ owner, requestId, answer }) =>
      void setAnswer.run(JSON.stringify(answer), owner, requestId),
    comeHome: (call) => {
      const { owner, notes, moment } = call;
      store.trust(moment);
      const known = before(call);
      if (known !== undefined)
        return known === 'same' ? ok(undefined) : failed({ code: 'request-reused' });
      const problem = store.problemOf(notes, moment);
      if (problem !== undefined) return failed({ code: problem });
      store.step();
      store.take(notes, undefined);
      begin({ ...call, blanks: [] }, notes);
      const units = sumOf(notes);
      log.append({ movement: 'received', issuer: 'self', with: owner, units, atMs: moment.nowMs });
      return ok(undefined);
    },
    state: ({ moment, disk }) => {
      store.trust(moment);
      const { issued, redeemed, expired, owed } = store.totals();
      const expires = readNewest.get()?.expires_ms;
      const closed = readClosed.get(moment.nowMs)?.closed_ms;
      return {
        issuedUnits: issued,
        redeemedUnits: redeemed,
        expiredUnits: expired,
        outstandingUnits: issued - redeemed - expired + owed,
        mayIssueUnits: room(totals({ disk })),
        expiresMs: expires === undefined ? undefined : Number(expires),
        closedMs: closed === undefined ? undefined : Number(closed),
      };
    },
    tidy: ({ moment }) => {
      store.trust(moment);
      return sweep(moment);
    },
    count: () => Number(store.totals().count),
    confirm: ({ count }) => store.confirm(count),
  };
}

/**
 * I1: no more is promised, to plots and to whoever comes with a note, than there is. Whoever stands in line comes
 * before new notes, or they would take the room that he waits for.
 */
function room({ capacityBytes, promisedBytes, outstandingBytes, lineBytes }: Totals): bigint {
  const freeBytes = capacityBytes - promisedBytes - outstandingBytes - lineBytes;
  return freeBytes > 0n ? freeBytes / UNIT_BYTES : 0n;
}

/** So many rows of what nobody can bring any more go in one step: whoever waits for the books waits for no more than that. */
const FORGOTTEN_AT_ONCE = 1000;

/** True: there is more to forget. */
function openSweep(sql: Sql, log: NoteLog): (moment: Moment) => boolean {
  const readOver = sql.prepare<[number], KeysetRow & { readonly over_service: bigint | null }>(
    "SELECT * FROM mint_keysets WHERE state = 'live' AND expires_ms <= ?",
  );
  const setOver = sql.prepare('UPDATE mint_keysets SET over_service = ? WHERE id = ?');
  const notOver = sql.prepare(
    "UPDATE mint_keysets SET over_service = NULL WHERE state = 'live' AND over_service IS NOT NULL AND expires_ms > ?",
  );
  const end = sql.prepare("UPDATE mint_keysets SET state = 'ended' WHERE id = ?");
  const readForgotten = sql.prepare<[number], { id: string }>(
    `SELECT id FROM mint_keysets WHERE state <> 'live' AND secret <> zeroblob(32)
       AND coalesce(over_service, 0) <= ?`,
  );
  const forgetSome = [
    ['mint_spent', 'keyset, nullifier'],
    ['mint_requests', 'owner, request_id'],
    ['mint_issues', 'number'],
    ['mint_plot_holds', 'plot, keyset'],
  ].map(([table, key]) =>
    sql.prepare<[string, number]>(
      `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE keyset = ? LIMIT ?)`,
    ),
  );
  const setForgotten = sql.prepare('UPDATE mint_keysets SET secret = zeroblob(32) WHERE id = ?');
  const voidOld = sql.prepare(
    "UPDATE mint_claims SET state = 'void' WHERE state = 'open' AND made_service <= ?",
  );
  // An instalment that was put out is known as long as its order is, so that none is put out twice.
  const dropClaims = sql.prepare(
    `DELETE FROM mint_claims WHERE state <> 'open' AND made_service <= ?
       AND (keyset IS NULL OR keyset IN (SELECT id FROM mint_keysets WHERE secret = zeroblob(32)))
       AND (order_id IS NULL OR order_id NOT IN (SELECT id FROM standing_orders))`,
  );

  /** False: it was more than goes at once. */
  function forget(id: string): boolean {
    let left = FORGOTTEN_AT_ONCE;
    for (const statement of forgetSome) {
      left -= statement.run(id, left).changes;
      if (left === 0) return false;
    }
    setForgotten.run(id);
    return true;
  }

  return ({ nowMs, serviceS }) => {
    log.tidy({ nowMs });
    notOver.run(nowMs);
    for (const { id, issued, redeemed, over_service } of readOver.all(nowMs)) {
      if (over_service === null) setOver.run(serviceS, id);
      else if (Number(over_service) + OVER_S <= serviceS) {
        end.run(id);
        const units = issued - redeemed;
        if (units > 0n)
          log.append({ movement: 'expired', issuer: 'self', with: undefined, units, atMs: nowMs });
      }
    }
    voidOld.run(serviceS - CLAIM_S);
    const [first, ...others] = readForgotten.all(serviceS - OVER_S - REMEMBERED_S);
    if (first === undefined) return false;
    if (!forget(first.id)) return true;
    dropClaims.run(serviceS - CLAIM_S - REMEMBERED_S);
    return others.length > 0;
  };
}

function toKeyset({ id, public: key, expires_ms }: KeysetRow): Keyset {
  return { keyset: id, key: base64url(key), expiresMs: Number(expires_ms) };
}

function toClaim(row: ClaimRow, present: string): Claim {
  return {
    claim: row.id,
    units: row.units,
    keyset: row.keyset ?? present,
    why: row.why,
    ...(row.plot === null ? {} : { plot: row.plot as NonNullable<Claim['plot']> }),
    ...(row.order_id === null ? {} : { order: row.order_id }),
  };
}

function byKeyset(notes: readonly Pick<CheckedNote, 'keyset' | 'k'>[]): readonly Moved[] {
  return added(notes.map(({ keyset, k }) => ({ keyset, units: unitsOf(k) })));
}

function added(moved: readonly Moved[]): readonly Moved[] {
  const sums = new Map<string, bigint>();
  for (const { keyset, units } of moved) sums.set(keyset, (sums.get(keyset) ?? 0n) + units);
  return [...sums].map(([keyset, units]) => ({ keyset, units }));
}

function sameSums(one: readonly Moved[], other: readonly Moved[]): boolean {
  const sums = new Map(other.map(({ keyset, units }) => [keyset, units]));
  return sums.size === one.length && one.every(({ keyset, units }) => sums.get(keyset) === units);
}

function unbalanced(problem: string): MintDenial {
  return { code: 'bad-request', params: { field: 'blinded', problem } };
}
