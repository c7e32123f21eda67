import { z } from 'zod';
import type { Async } from '../../../../shared/async.ts';
import type { OwnerId, PlotId, RequestId } from '../../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { HOUR_MS } from '../../../../shared/units.ts';
import { PROTOCOL_VERSION } from '../../../../shared/wire/messages.ts';
import {
  type Claim,
  DENOMINATION_MAX,
  type MintInfo,
  NOTES_MAX,
} from '../../../../shared/wire/mint.ts';
import type { Clock } from '../../ports.ts';
import { BARTER_OFF, UNREACHABLE } from '../call-faults.ts';
import { toBlank } from '../blind-notes.ts';
import type { Errands } from './errands.ts';
import type { MintCalls } from './mint-calls.ts';
import { denominationsOf, type Issuer, sumOf } from '../notes.ts';
import type { Errand, WalletBook } from './wallet-book.ts';
import type { WalletFault } from './wallet.ts';

/** Fetches what friends' mints owe to this device: presents, instalments, change, what was paid for nothing. */
export type Collecting = {
  /** Reads an issuer's keys; those that are believed are known from then on. */
  readonly learn: (issuer: Issuer) => Promise<Result<MintInfo, WalletFault>>;
  /** How many units came, from all devices of that friend. */
  readonly collect: (friend: OwnerId) => Promise<Result<bigint, WalletFault>>;
};

export function createCollecting({
  book,
  calls,
  errands,
  isOn,
  clock,
  newRequestId,
}: {
  readonly book: Async<WalletBook>;
  readonly calls: MintCalls;
  readonly errands: Errands;
  readonly isOn: () => boolean;
  readonly clock: Clock;
  readonly newRequestId: () => RequestId;
}): Collecting {
  type Round = { readonly run: Promise<Result<bigint, WalletFault>>; next?: Round['run'] };
  const rounds = new Map<OwnerId, Round>();
  /** Until when nothing is fetched from whoever gave what was wrong: each piece of that is mathematics here. */
  const doubted = new Map<Issuer['device'], number>();

  async function learn(issuer: Issuer): Promise<Result<MintInfo, WalletFault>> {
    const info = await calls.info(issuer);
    if (!info.ok) return info.fault.code === 'unknown' ? UNREACHABLE : failed(info.fault);
    if (info.value.device !== issuer.device || info.value.owner !== issuer.owner)
      return failed({ code: 'protocol' });
    await book.pin({ issuer, keysets: info.value.keysets, nowMs: clock.nowMs() });
    return ok(info.value);
  }

  /** One claim, or everything that is owed for one plot. */
  async function fetch(
    issuer: Issuer,
    { claims, plot }: { readonly claims: readonly Claim[]; readonly plot: PlotId | undefined },
  ): Promise<Result<bigint, WalletFault>> {
    // Added up before: many small sums of one plot would be more notes than a message holds.
    const sums = new Map<string, bigint>();
    for (const { units, keyset } of claims) sums.set(keyset, (sums.get(keyset) ?? 0n) + units);
    const [first] = claims;
    // More than a message holds is more than anybody shares; it is not even worked out into notes.
    if (first === undefined || [...sums.values()].some((units) => units > UNITS_MAX))
      return NOTHING;
    const wanted = [...sums].flatMap(([keyset, units]) =>
      denominationsOf(units).map((k) => ({ keyset, k })),
    );
    if (wanted.length === 0 || wanted.length > NOTES_MAX) return NOTHING;
    const blinds = await errands.blinds(issuer, wanted);
    if (blinds === undefined) return NOTHING;
    const requestId = newRequestId();
    const of = plot === undefined ? { claim: first.claim } : { plot };
    const errand: Errand = {
      requestId,
      kind: plot === undefined ? 'withdraw' : 'change',
      issuer,
      with: undefined,
      costs: [],
      blinds,
      message: { v: PROTOCOL_VERSION, requestId, ...of, blinded: blinds.map(toBlank) },
      units: sumOf(wanted),
      plot,
      order: first.order,
      beganMs: clock.nowMs(),
    };
    await errands.begin(errand);
    const run = await errands.run(errand);
    return run.ok ? ok(errand.units) : run;
  }

  async function collectFrom(issuer: Issuer): Promise<Result<bigint, WalletFault>> {
    const doubtedMs = doubted.get(issuer.device);
    if (doubtedMs !== undefined && clock.monotonicMs() < doubtedMs) return PROTOCOL;
    const info = await learn(issuer);
    if (!info.ok) return info;
    // Under way already: its answer is asked for again by itself.
    const open = new Set((await book.open()).flatMap(({ message }) => namesIn(message)));
    const groups = Map.groupBy(info.value.claims, ({ claim, plot }) => plot ?? claim);
    let units = 0n;
    for (const [name, claims] of groups) {
      if (open.has(name)) continue;
      const fetched = await fetch(issuer, { claims, plot: claims[0]?.plot });
      if (fetched.ok) units += fetched.value;
      else if (fetched.fault.code === 'unreachable') return fetched;
      else if (fetched.fault.code === 'protocol') {
        doubted.set(issuer.device, clock.monotonicMs() + DOUBTED_MS);
        return fetched;
      }
    }
    return ok(units);
  }

  async function collectAll(friend: OwnerId): Promise<Result<bigint, WalletFault>> {
    if (!isOn()) return BARTER_OFF;
    let result: Result<bigint, WalletFault> = UNREACHABLE;
    for (const issuer of calls.devices(friend)) {
      const next = await collectFrom(issuer);
      if (next.ok && result.ok) result = ok(next.value + result.value);
      else if (next.ok || !result.ok) result = next;
    }
    return result;
  }

  function begin(friend: OwnerId): Round['run'] {
    const run = collectAll(friend).finally(() => rounds.delete(friend));
    rounds.set(friend, { run });
    return run;
  }

  function collect(friend: OwnerId): Promise<Result<bigint, WalletFault>> {
    const under = rounds.get(friend);
    if (under === undefined) return begin(friend);
    // What the friend has been asked already may not know of what I am asked to fetch: one more round, for all who wait.
    under.next ??= under.run.then(
      () => collect(friend),
      () => collect(friend),
    );
    return under.next;
  }

  return { learn, collect };
}

/** What as many notes as a message holds can be worth. */
const UNITS_MAX = BigInt(NOTES_MAX) << BigInt(DENOMINATION_MAX);
const DOUBTED_MS = HOUR_MS;
/** Nothing can be done with it, and nothing was. */
const NOTHING = ok(0n);
const PROTOCOL = failed({ code: 'protocol' } as const);

const named = z.object({ claim: z.string().optional(), plot: z.string().optional() });

/** What a message fetches. */
function namesIn(message: unknown): readonly string[] {
  const { claim, plot } = named.safeParse(message).data ?? {};
  return [claim, plot].filter((name) => name !== undefined);
}
