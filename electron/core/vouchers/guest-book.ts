import type { OwnerId } from '../../../shared/ids.ts';
import type { AllocateRequest, Answer, Step } from '../../../shared/model/allocate.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { LETS_IN } from '../../../shared/policy/grounds.ts';
import type { Sql } from '../database/open-database.ts';
import type { FriendBook } from '../friends/friend-book.ts';
import type { SignedStatement, Statement } from '../identity/statement.ts';
import { plainDenial } from '../ledger/decision-log.ts';
import type { Gathered } from '../ledger/ground-book.ts';
import type { DiskFacts, Ledger, Reply } from '../ledger/ledger.ts';
import { VOUCHER_WITHIN_MS } from './voucher.ts';

/** People that are no friends: how a stranger becomes a guest, and a stranger again. */
export type GuestBook = {
  /**
   * A stranger asks for room. Only a grant, or a wait for the owner's word, leaves a trace of him; undefined: nothing
   * that he showed speaks for him, so he hears what every stranger hears.
   */
  readonly admit: (call: {
    readonly name: string;
    readonly statement: Statement;
    readonly signed: SignedStatement;
    readonly request: AllocateRequest;
    readonly bodyHash: Uint8Array;
    readonly gathered: Gathered;
    readonly moment: Moment;
    readonly disk: DiskFacts;
  }) => Reply | undefined;
  /**
   * Whoever has nothing here and keeps nothing of mine is a stranger again; a guest is forgotten with the last row of the log
   * that is about him. True: somebody is.
   */
  readonly forget: (moment: Moment) => boolean;
};

export function openGuestBook(
  sql: Sql,
  {
    friends,
    ledger,
  }: {
    readonly friends: Pick<FriendBook, 'add'>;
    readonly ledger: Pick<Ledger, 'allocate'>;
  },
): GuestBook {
  const becomeHosts = sql.prepare(
    `UPDATE friends SET relation = 'host' WHERE relation = 'guest' AND departed = 0 AND blocked = 0
       AND NOT EXISTS (SELECT 1 FROM plots WHERE plots.owner = friends.owner AND state <> 'gone')
       AND NOT EXISTS (SELECT 1 FROM waiting WHERE waiting.owner = friends.owner AND open = 1)
       AND EXISTS (SELECT 1 FROM holdings WHERE holdings.host = friends.owner)`,
  );
  const readIdle = sql.prepare<[number], { owner: OwnerId }>(
    `SELECT owner FROM friends WHERE relation <> 'friend' AND departed = 0 AND blocked = 0
       AND NOT EXISTS (SELECT 1 FROM plots WHERE plots.owner = friends.owner AND state <> 'gone')
       AND NOT EXISTS (SELECT 1 FROM waiting WHERE waiting.owner = friends.owner AND open = 1)
       AND NOT EXISTS (SELECT 1 FROM holdings WHERE holdings.host = friends.owner)
       AND NOT EXISTS (SELECT 1 FROM vouchers_held AS held WHERE held.host = friends.owner AND held.until_ms > ?)`,
  );
  const countWaiting = sql.prepare<[], { guests: bigint }>(
    `SELECT count(*) AS guests FROM friends WHERE relation = 'guest' AND departed = 0
       AND EXISTS (SELECT 1 FROM waiting WHERE waiting.owner = friends.owner AND open = 1)
       AND NOT EXISTS (SELECT 1 FROM plots WHERE plots.owner = friends.owner AND state <> 'gone')`,
  );
  // Whoever kept something of mine stays, as a friend would: sets still name him, and books of my other devices would bring
  // him back. Nor is a device forgotten that was struck off and whose word still stands in a voucher.
  const readGone = sql.prepare<[string], { owner: OwnerId; known: bigint }>(
    `SELECT owner, EXISTS (SELECT 1 FROM decisions WHERE decisions.owner = friends.owner)
       OR EXISTS (SELECT 1 FROM plots WHERE plots.owner = friends.owner)
       OR EXISTS (SELECT 1 FROM answers WHERE answers.owner = friends.owner)
       OR EXISTS (SELECT 1 FROM waiting WHERE waiting.owner = friends.owner)
       OR EXISTS (SELECT 1 FROM holdings WHERE holdings.host = friends.owner)
       OR EXISTS (SELECT 1 FROM voucher_links AS links WHERE links.introducer = friends.owner) AS known
     FROM friends WHERE relation <> 'friend' AND relation <> 'host' AND departed = 1 AND blocked = 0 AND owner > ?
     ORDER BY owner LIMIT ${LOOKED_AT_ONCE}`,
  );
  // Samples of his use go by themselves.
  const drop = ['usage', 'devices', 'friends'].map((table) =>
    sql.prepare(`DELETE FROM ${table} WHERE owner = ?`),
  );
  // Shown again, it is written down again; until then whoever gave it can still see what became of it.
  const forgetLinks = sql.prepare(
    `DELETE FROM voucher_links WHERE until_ms < ?
       AND NOT EXISTS (SELECT 1 FROM plots WHERE voucher = voucher_links.hash AND state <> 'gone')
       AND NOT EXISTS (SELECT 1 FROM voucher_links AS below WHERE below.parent = voucher_links.hash)`,
  );
  let looked = '';
  // Whoever comes again comes as anybody would: what was set for him alone was about the plot that is gone.
  const setDeparted = sql.prepare('UPDATE friends SET departed = 1, policy = NULL WHERE owner = ?');

  /** Some at a time, and each in turn. */
  function forgetGone(): boolean {
    const gone = readGone.all(looked);
    looked = gone.length < LOOKED_AT_ONCE ? '' : (gone.at(-1)?.owner ?? '');
    const unknown = gone.filter(({ known }) => known === 0n);
    for (const { owner } of unknown) for (const statement of drop) statement.run(owner);
    return unknown.length > 0;
  }

  return {
    admit: ({ name, statement, signed, request, bodyHash, gathered, moment, disk }) => {
      sql.exec('SAVEPOINT stranger');
      const added = friends.add({
        name,
        statement,
        signed,
        // A guest calls and is not called.
        addresses: [],
        atMs: moment.nowMs,
        relation: 'guest',
      });
      const { owner } = statement;
      const reply = added.ok
        ? ledger.allocate({ owner, request, bodyHash, gathered, moment, disk })
        : undefined;
      const waits = reply?.answer.type === 'pending';
      // Waiting is charged to nobody, and one friend can vouch for any number of keys.
      const isCrowded = waits && (countWaiting.get()?.guests ?? 0n) > WAITING_GUESTS_MAX;
      const isIn = reply?.answer.type === 'granted' || (waits && !isCrowded);
      if (!isIn) sql.exec('ROLLBACK TO stranger');
      sql.exec('RELEASE stranger');
      if (isCrowded) return plainDenial('too-many-waiting');
      return isIn || (reply !== undefined && isSpokenFor(reply.answer)) ? reply : undefined;
    },
    forget: ({ nowMs }) => {
      forgetLinks.run(nowMs - VOUCHER_WITHIN_MS);
      const changed = becomeHosts.run().changes;
      const idle = readIdle.all(nowMs);
      for (const { owner } of idle) setDeparted.run(owner);
      return forgetGone() || changed > 0 || idle.length > 0;
    },
  };
}

/** More strangers at once than anybody will answer one by one. */
const WAITING_GUESTS_MAX = 32n;
/** Of people who are gone, with each look. */
const LOOKED_AT_ONCE = 200;

/** What he showed is sound, and only more, or longer, than there is: he may know that. */
function isSpokenFor(answer: Answer): boolean {
  if (answer.type === 'pending') return true;
  return answer.steps.some((step) => LETS_IN.has(step.by) && isSound(step));
}

function isSound({ verdict, code, params }: Step): boolean {
  if (verdict === 'allow' || verdict === 'limit' || code === 'voucher-used-up') return true;
  // Notes that are good, and too few.
  return code === 'notes-short' && (params?.['haveUnits'] ?? '0') !== '0';
}
