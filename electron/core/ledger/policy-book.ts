import { z } from 'zod';
import type { OwnerId } from '../../../shared/ids.ts';
import {
  type GroundKind,
  type Policy,
  policy as policySchema,
} from '../../../shared/model/policy.ts';
import { halves, WEIGHT_STEP } from '../../../shared/model/weight.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import type { Facts } from '../../../shared/policy/facts.ts';
import { positive } from '../../../shared/policy/guards.ts';
import { steadyCapacity } from '../../../shared/policy/steady.ts';
import { failed, ok } from '../../../shared/result.ts';
import { encodeJson } from '../../../shared/wire/json.ts';
import { LETS_IN } from '../../../shared/policy/grounds.ts';
import { assert } from '../../../shared/assert.ts';
import type { AllocateRequest } from '../../../shared/model/allocate.ts';
import type { Sql } from '../database/open-database.ts';
import type { Gathered, GroundBooks } from './ground-book.ts';
import type { DiskFacts, Offer, Pause, PolicyBook, Totals } from './ledger.ts';
import type { WaitingBook } from './waiting-book.ts';

/**
 * Until the owner has said how much, a friend gets nothing and is told so: fair sharing with weight
 * 0 (design §3.2).
 */
const POLICY_AT_FIRST: Policy = { guards: {}, grounds: [{ kind: 'fair-share', weight: 0 }] };

/** People that are no friends come with something that speaks for them, and have one plot each (design §3.1). */
const GUESTS_AT_FIRST: Policy = { guards: { maxPlots: 1 }, grounds: [{ kind: 'voucher' }] };

const offerSchema = z.object({
  folder: z.string(),
  offerBytes: z.string().transform(BigInt),
  keepFreeBytes: z.string().transform(BigInt),
  volume: z.string(),
});

const pauseSchema = z.object({ sinceMs: z.number(), untilMs: z.number() });

export type FriendRecord = {
  readonly blocked: bigint;
  readonly departed: bigint;
  readonly policy: string | null;
  readonly leaving_service: bigint | null;
  readonly relation: 'friend' | 'guest' | 'host';
  readonly over_ends_service: bigint | null;
};

/** The owner's side of a decision: what is offered, to whom, and where things stand. */
export type Standing = Omit<PolicyBook, 'honour'> & {
  readonly friend: (owner: OwnerId) => FriendRecord | undefined;
  readonly policyOf: (friend: FriendRecord) => Policy;
  /** Remembers what the disk bears, so that shares follow it in steps only. */
  readonly steady: (disk: DiskFacts) => void;
  readonly facts: (
    owner: OwnerId,
    friend: FriendRecord,
    at: {
      readonly disk: DiskFacts;
      readonly moment?: Moment | undefined;
      /** The request that is decided, and what witnesses have gathered for it; none: his standing. */
      readonly request?: AllocateRequest | undefined;
      readonly gathered?: Gathered | undefined;
      /** Where in the line the request stands; undefined: behind everybody. */
      readonly place?: number | undefined;
      /** The owner has said yes to this very request. */
      readonly approved?: boolean | undefined;
      /** It waits already: what the owner says to another one meanwhile is no answer to it. */
      readonly waits?: boolean | undefined;
    },
  ) => Facts;
};

type TotalsRecord = {
  readonly promised: bigint;
  readonly written: bigint;
  readonly lent: bigint;
  readonly weights: bigint;
  readonly fair: bigint;
};

export function openPolicyBook(
  sql: Sql,
  waiting: Pick<WaitingBook, 'line' | 'place' | 'forgive' | 'leastRefused'>,
  grounds: GroundBooks,
): Standing {
  const readMeta = sql.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?');
  const writeMeta = sql.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const dropMeta = sql.prepare('DELETE FROM meta WHERE key = ?');
  const readFriend = sql.prepare<[string], FriendRecord>(
    `SELECT blocked, departed, policy, leaving_service, relation, over_ends_service
     FROM friends WHERE owner = ?`,
  );
  // What a friend vouched for out of his share is inside of it, whoever has the plot.
  const readTotals = sql.prepare<[], TotalsRecord>(
    'SELECT promised, written, lent, weights, fair FROM totals',
  );
  const readUsage = sql.prepare<
    [string],
    { ground: GroundKind; promised: bigint; plots: bigint; lent: bigint }
  >('SELECT ground, promised, plots, lent FROM usage WHERE owner = ?');
  const readVouched = sql.prepare<[string], { ground: GroundKind; promised: bigint }>(
    'SELECT ground, promised FROM vouched WHERE introducer = ?',
  );
  const writeFriendPolicy = sql.prepare(
    "UPDATE friends SET policy = ?, weight = iif(relation = 'friend', ?, 0) WHERE owner = ?",
  );
  const writeDefaultWeight = sql.prepare(
    "UPDATE friends SET weight = ? WHERE policy IS NULL AND relation = 'friend'",
  );
  const parsed = new Map<string, Policy>();

  function parsePolicy(text: string): Policy {
    let value = parsed.get(text);
    if (value === undefined) {
      value = policySchema.parse(JSON.parse(text));
      if (parsed.size >= PARSED_MAX) parsed.clear();
      parsed.set(text, value);
    }
    return value;
  }

  function defaultPolicy(): Policy {
    const row = readMeta.get('default-policy');
    return row === undefined ? POLICY_AT_FIRST : parsePolicy(row.value);
  }

  function guestsPolicy(): Policy {
    const row = readMeta.get('guests-policy');
    if (row === undefined) return GUESTS_AT_FIRST;
    const policy = parsePolicy(row.value);
    return { ...policy, grounds: policy.grounds.filter(({ kind }) => LETS_IN.has(kind)) };
  }

  function policyOf(friend: FriendRecord): Policy {
    if (friend.policy !== null) return parsePolicy(friend.policy);
    return friend.relation === 'friend' ? defaultPolicy() : guestsPolicy();
  }

  /** The text that was read last, and what it says: an owner changes his offer once in a while. */
  let lastOffer: { readonly text: string; readonly offer: Offer } | undefined;

  function offer(): Offer | undefined {
    const text = readMeta.get('offer')?.value;
    if (text === undefined) return undefined;
    if (lastOffer?.text !== text) lastOffer = { text, offer: offerSchema.parse(JSON.parse(text)) };
    return lastOffer.offer;
  }

  function pause(): Pause | undefined {
    const row = readMeta.get('pause');
    return row === undefined ? undefined : pauseSchema.parse(JSON.parse(row.value));
  }

  function remembered(): bigint | undefined {
    const row = readMeta.get(STEADY);
    return row === undefined ? undefined : BigInt(row.value);
  }

  /** Everything but the line, which is not the same for everybody. */
  function sums(disk: DiskFacts, present: Offer | undefined): Omit<Totals, 'lineBytes'> {
    const row = readTotals.get();
    assert(row !== undefined, 'the totals are a row of the schema');
    const capacityBytes = capacity(present, row.written, disk);
    const outstandingBytes = grounds.outstandingBytes();
    const otherwise = row.promised - row.fair + outstandingBytes;
    return {
      capacityBytes,
      promisedBytes: row.promised,
      writtenBytes: row.written,
      weightSum: Number(row.weights) * WEIGHT_STEP,
      fairBytes: positive(steadyCapacity(remembered(), capacityBytes) - otherwise),
      presentFairBytes: positive(capacityBytes - otherwise),
      fairPromisedBytes: row.fair,
      lentBytes: row.lent,
      outstandingBytes,
    };
  }

  function totals({ disk }: { readonly disk: DiskFacts }): Totals {
    return { ...sums(disk, offer()), lineBytes: waiting.line() };
  }

  const book: Standing = {
    offer,
    setOffer: (next) => {
      writeMeta.run('offer', encodeJson(next));
      // The owner's own word is followed at once.
      dropMeta.run(STEADY);
    },
    policy: ({ owner }) => {
      if (owner === 'guests') return { policy: guestsPolicy(), own: false };
      const friend = owner === undefined ? undefined : readFriend.get(owner);
      if (friend === undefined) return { policy: defaultPolicy(), own: false };
      return { policy: policyOf(friend), own: friend.policy !== null };
    },
    setPolicy: ({ owner, policy }) => {
      if (owner === 'guests') {
        writeMeta.run('guests-policy', encodeJson(policy ?? GUESTS_AT_FIRST));
        return ok(undefined);
      }
      waiting.forgive(owner);
      if (owner === undefined) {
        const next = policy ?? POLICY_AT_FIRST;
        writeMeta.run('default-policy', encodeJson(next));
        writeMeta.run('default-weight', String(weightOf(next)));
        writeDefaultWeight.run(weightOf(next));
        return ok(undefined);
      }
      const text = policy === undefined ? null : encodeJson(policy);
      const weight = weightOf(policy ?? defaultPolicy());
      return writeFriendPolicy.run(text, weight, owner).changes === 1
        ? ok(undefined)
        : failed('friend-unknown');
    },
    totals,
    pause,
    setPause: (next) =>
      void (next === undefined
        ? dropMeta.run('pause')
        : writeMeta.run('pause', JSON.stringify(next))),
    friend: (owner) => readFriend.get(owner),
    policyOf,
    steady: (disk) => {
      // Without its drive a home can't say.
      if (!disk.volumePresent) return;
      const before = remembered();
      const { capacityBytes } = totals({ disk });
      const next = steadyCapacity(before, capacityBytes);
      if (next !== before) writeMeta.run(STEADY, `${next}`);
    },
    facts: (owner, friend, at) => {
      const { disk, moment, place, approved = false, request, gathered = {} } = at;
      const present = offer();
      const total = sums(disk, present);
      const { capacityBytes, promisedBytes, fairBytes, weightSum, outstandingBytes } = total;
      const why = request?.why ?? [];
      const useByGround: Partial<Record<GroundKind, bigint>> = {};
      let useBytes = 0n;
      let lentBytes = 0n;
      let plots = 0;
      for (const row of readUsage.all(owner)) {
        useByGround[row.ground] = row.promised;
        useBytes += row.promised;
        lentBytes += row.lent;
        plots += Number(row.plots);
      }
      let vouchedBytes = 0n;
      for (const { ground, promised } of readVouched.all(owner)) {
        // Out of his own share: for his grounds it is his use, whoever has the plot.
        useByGround[ground] = (useByGround[ground] ?? 0n) + promised;
        vouchedBytes += promised;
      }
      useBytes += vouchedBytes;
      return {
        blocked: friend.blocked === 1n || friend.departed === 1n,
        leaving: friend.leaving_service !== null,
        paused: pause() !== undefined,
        offerBytes: present?.offerBytes,
        volumePresent: disk.volumePresent,
        capacityBytes,
        promisedBytes,
        useBytes,
        lentBytes,
        useByGround,
        lendableBytes: positive(fairBytes - total.fairPromisedBytes),
        othersLentBytes: total.lentBytes - lentBytes,
        lineBytes: waiting.line(owner, place),
        standsInLine: (place ?? waiting.place(owner)) !== undefined,
        minuteOfDay: moment?.minuteOfDay,
        approved,
        refusedBytes: at.waits === true ? undefined : waiting.leastRefused(owner),
        isEnding: friend.over_ends_service !== null,
        fairBytes,
        weightSum,
        plots,
        outstandingBytes,
        vouchedBytes,
        evidence: grounds.evidence(
          {
            owner,
            request,
            plot: request?.plot,
            why,
            moment,
            standing: (other) => {
              const record = readFriend.get(other);
              if (record === undefined) return undefined;
              const at = { disk, moment };
              return { policy: policyOf(record), facts: book.facts(other, record, at) };
            },
          },
          gathered,
        ),
      };
    },
  };
  return book;
}

const STEADY = 'steady-capacity';

/** Policies are few; the bound only stops a flood of edits from growing the cache for ever. */
const PARSED_MAX = 1000;

/** A friend's weight is that of the first fair share among his grounds; in halves, as it is stored. */
function weightOf(policy: Policy): bigint {
  for (const ground of policy.grounds)
    if (ground.kind === 'fair-share') return halves(ground.weight);
  return 0n;
}

/**
 * C = min(offer, written + max(0, free − keepFree)). `written` and not `promised`: a promise that
 * nobody has written to yet still shows as free space on the disk and must not be counted twice.
 */
function capacity(offer: Offer | undefined, writtenBytes: bigint, disk: DiskFacts): bigint {
  if (offer === undefined || !disk.volumePresent) return 0n;
  const spare = disk.freeBytes - offer.keepFreeBytes;
  const bearable = writtenBytes + (spare > 0n ? spare : 0n);
  return bearable < offer.offerBytes ? bearable : offer.offerBytes;
}
