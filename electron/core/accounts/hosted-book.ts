import type { DeviceId, OwnerId, PlotId, RequestId } from '../../../shared/ids.ts';
import { assert } from '../../../shared/assert.ts';
import { REASONS_MAX } from '../../../shared/model/allocate.ts';
import { policy as policySchema } from '../../../shared/model/policy.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import type { AccountEvidence, AccountPlace } from '../../../shared/policy/grounds/account.ts';
import type { HeldPlot } from '../../../shared/wire/accounts.ts';
import type { Sql } from '../database/open-database.ts';
import type { GroundBook, GroundGrant } from '../ledger/ground-book.ts';
import { openOutboxBook, type OutboxBook } from './outbox-book.ts';

/**
 * What the witness brings: the evidence, if there is any, and every reservation that was begun for it. Ours, never the
 * friend's.
 */
export type AccountGathered = {
  readonly evidence: AccountEvidence;
  readonly begun: readonly string[];
};

/** The host's side of accounts (design §3.5). Every method expects to run inside a transaction of its caller. */
export type HostedBook = OutboxBook & {
  /**
   * Written down before the keeper is asked, so that whatever happens in between leads to a void. `answered`: this
   * request has its answer already; `full`: the keeper has so much to be told first. Nobody is to be asked then.
   */
  readonly begin: (call: {
    readonly id: string;
    readonly place: AccountPlace;
    readonly owner: OwnerId;
    readonly requestId: RequestId;
    readonly nowMs: number;
  }) => 'begun' | 'answered' | 'full';
  /** The keeper has said that he set nothing aside. */
  readonly refused: (id: string) => void;
  readonly isSpent: (call: { readonly device: DeviceId; readonly jti: string }) => boolean;
  /** On which account a plot stands, and its present size. */
  readonly placeOf: (
    plot: PlotId,
  ) => (AccountPlace & { readonly sizeBytes: bigint; readonly promisedBytes: bigint }) | undefined;
  /** Accounts on which this friend has something here. */
  readonly accountsOf: (member: OwnerId) => readonly AccountPlace[];
  /** Owners whose accounts count here, by any of the owner's policies. */
  readonly honoured: () => readonly OwnerId[];
  /** Requests that were never decided: whoever decided them crashed or was broken off. */
  readonly tidy: (at: { readonly nowMs: number }) => void;
};

/** A request is decided within seconds after its keeper was asked. */
const UNDECIDED_MS = 600_000;

type PlotRow = {
  readonly plot: PlotId;
  readonly keeper: OwnerId;
  readonly device: DeviceId;
  readonly account: string;
  readonly member: OwnerId;
  readonly good_service: bigint;
  readonly covered: bigint;
};
type IntentRow = {
  readonly id: string;
  readonly keeper: OwnerId;
  readonly device: DeviceId;
  readonly account: string;
  readonly since_ms: bigint;
};

export function openHostedBook(sql: Sql): {
  readonly book: HostedBook;
  readonly ground: GroundBook;
} {
  const readAnswer = sql.prepare<[string, string]>(
    'SELECT 1 FROM answered WHERE owner = ? AND request_id = ?',
  );
  const insertIntent = sql.prepare(
    'INSERT INTO account_intents (id, keeper, device, account, since_ms) VALUES (?, ?, ?, ?, ?)',
  );
  const readIntent = sql.prepare<[string], IntentRow>('SELECT * FROM account_intents WHERE id = ?');
  const readIntents = sql.prepare<[], IntentRow>('SELECT * FROM account_intents');
  const dropIntent = sql.prepare('DELETE FROM account_intents WHERE id = ?');
  const readSpent = sql.prepare<[string, string]>(
    'SELECT 1 FROM account_spent WHERE device = ? AND jti = ?',
  );
  const spend = sql.prepare('INSERT INTO account_spent (device, jti, at_ms) VALUES (?, ?, ?)');
  const readPlot = sql.prepare<[string], PlotRow>('SELECT * FROM account_plots WHERE plot = ?');
  const readSize = sql.prepare<[string], { size: bigint; promised: bigint }>(
    'SELECT size, promised FROM plots WHERE id = ?',
  );
  const writePlot = sql.prepare(
    `INSERT INTO account_plots (plot, keeper, device, account, member, good_service) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (plot) DO UPDATE SET good_service = excluded.good_service, covered = 1`,
  );
  const readAccountsOf = sql.prepare<[string], AccountPlace>(
    `SELECT DISTINCT keeper, device, account FROM account_plots WHERE member = ?
     ORDER BY keeper, device, account LIMIT ${REASONS_MAX}`,
  );
  const dropPlot = sql.prepare('DELETE FROM account_plots WHERE plot = ?');
  // Most friends have no policy of their own, and most policies nothing of accounts in them.
  const readPolicies = sql.prepare<[], { policy: string }>(
    `SELECT value AS policy FROM meta WHERE key = 'default-policy' AND value LIKE '%"account"%'
     UNION ALL SELECT policy FROM friends WHERE departed = 0 AND policy LIKE '%"account"%'`,
  );
  const outbox = openOutboxBook(sql);

  function giveBack(id: string, nowMs: number): void {
    const intent = readIntent.get(id);
    if (intent === undefined) return;
    dropIntent.run(id);
    const { keeper, device, account } = intent;
    outbox.put({ keeper, device }, { state: 'void', promise: id, account }, nowMs);
  }

  /** What the witness brought is looked at again inside the savepoint: it may have been used or given back meanwhile. */
  function checked(evidence: AccountEvidence): AccountEvidence {
    if (
      evidence.type === 'ticket' &&
      readSpent.get(evidence.device, evidence.promise) !== undefined
    )
      return { type: 'refused', code: 'ticket-replayed' };
    if (evidence.type === 'reserved' && readIntent.get(evidence.promise) === undefined)
      return { type: 'refused', code: 'account-server-unreachable' };
    return evidence;
  }

  function held(plot: PlotId, moment: Moment): AccountEvidence | undefined {
    const row = readPlot.get(plot);
    if (row === undefined) return undefined;
    const sinceGoodS = moment.serviceS - Number(row.good_service);
    return { type: 'held', keeper: row.keeper, covered: row.covered === 1n, sinceGoodS };
  }

  function granted({ owner, plot, promisedBytes, evidence, moment }: GroundGrant): void {
    const said = evidence as AccountEvidence | undefined;
    assert(
      said?.type === 'reserved' || said?.type === 'ticket',
      'nothing is granted on an account that was not asked',
    );
    const { keeper, device, account, promise } = said;
    if (said.type === 'ticket') spend.run(device, promise, moment.nowMs);
    else dropIntent.run(promise);
    for (const other of said.others) giveBack(other, moment.nowMs);
    writePlot.run(plot, keeper, device, account, owner, moment.serviceS);
    const item = { state: 'settled', promise, account, member: owner, plot } as const;
    outbox.put({ keeper, device }, { ...item, bytes: promisedBytes }, moment.nowMs);
  }

  // Nobody waits for an answer that was asked for before this start.
  sql.transaction(() => {
    for (const { id, since_ms } of readIntents.all()) giveBack(id, Number(since_ms));
  })();

  const ground: GroundBook = {
    kind: 'account',
    evidence: ({ request, plot, gathered, moment }) => {
      if (gathered !== undefined) return checked((gathered as AccountGathered).evidence);
      const isRenewal = request === undefined && plot !== undefined && moment !== undefined;
      return isRenewal ? held(plot, moment) : undefined;
    },
    granted,
    passed: ({ gathered, moment }) => {
      if (gathered === undefined) return;
      for (const id of (gathered as AccountGathered).begun) giveBack(id, moment?.nowMs ?? 0);
    },
    resized: ({ plot, promisedBytes, moment }) => {
      const row = readPlot.get(plot);
      if (row === undefined) return;
      const { keeper, device, account, member } = row;
      const item: HeldPlot = { plot, account, member, bytes: promisedBytes };
      outbox.put({ keeper, device }, { state: 'settled', ...item }, moment.nowMs);
    },
    ended: ({ plot, moment }) => {
      const row = readPlot.get(plot);
      if (row === undefined) return;
      const { keeper, device, account } = row;
      dropPlot.run(plot);
      outbox.put({ keeper, device }, { state: 'released', account, plot }, moment.nowMs);
    },
  };

  return {
    ground,
    book: {
      ...outbox,
      begin: ({ id, place, owner, requestId, nowMs }) => {
        if (readAnswer.get(owner, requestId) !== undefined) return 'answered';
        if (outbox.isFull(place.device)) return 'full';
        insertIntent.run(id, place.keeper, place.device, place.account, nowMs);
        return 'begun';
      },
      refused: (id) => void dropIntent.run(id),
      isSpent: ({ device, jti }) => readSpent.get(device, jti) !== undefined,
      placeOf: (plot) => {
        const row = readPlot.get(plot);
        const now = readSize.get(plot);
        if (row === undefined || now === undefined) return undefined;
        const { keeper, device, account } = row;
        return { keeper, device, account, sizeBytes: now.size, promisedBytes: now.promised };
      },
      accountsOf: (member) => readAccountsOf.all(member),
      honoured: () => {
        const grounds = readPolicies
          .all()
          .flatMap(({ policy }) => policySchema.parse(JSON.parse(policy)).grounds);
        const keepers = grounds.flatMap((each) => (each.kind === 'account' ? each.keepers : []));
        return [...new Set(keepers)];
      },
      tidy: ({ nowMs }) => {
        for (const { id, since_ms } of readIntents.all())
          if (Math.abs(nowMs - Number(since_ms)) > UNDECIDED_MS) giveBack(id, nowMs);
      },
    },
  };
}
