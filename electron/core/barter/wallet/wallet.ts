import type { Async } from '../../../../shared/async.ts';
import type { DeviceId, OwnerId, PlotId, RequestId } from '../../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { DAY_MS, HOUR_MS } from '../../../../shared/units.ts';
import { PROTOCOL_VERSION } from '../../../../shared/wire/messages.ts';
import type { NoteGift } from '../../../../shared/wire/mint.ts';
import { createKeyLocks } from '../../key-locks.ts';
import type { Clock, Logger } from '../../ports.ts';
import { BARTER_OFF, type Refused, UNREACHABLE } from '../call-faults.ts';
import { createCollecting } from './collecting.ts';
import { type Errands, isUndecided, swapErrand } from './errands.ts';
import { createExactly } from './exactly.ts';
import type { Mint } from '../mint/mint.ts';
import type { MintDenial } from '../mint/mint-book.ts';
import type { MintCalls } from './mint-calls.ts';
import { type Issuer, readNote, sumOf, writeNote } from '../notes.ts';
import type { Errand, ErrandEnd, HeldNote, WalletBook } from './wallet-book.ts';

/** What this device does with notes of others (design §3.6). */
export type Wallet = {
  /** Fetches everything that a friend's mints owe to this device; how many units came. */
  readonly collect: (friend: OwnerId) => Promise<Result<bigint, WalletFault>>;
  /** Notes of `issuer` to a friend; settled when he has swapped them. */
  readonly send: (call: {
    readonly friend: OwnerId;
    readonly issuer: OwnerId;
    readonly units: bigint;
  }) => Promise<Result<undefined, WalletFault>>;
  /** A friend sends notes: they are swapped at their issuer before he is answered. */
  readonly receive: (gift: {
    readonly from: OwnerId;
    readonly message: NoteGift;
    readonly bodyHash: Uint8Array;
  }) => Promise<Result<undefined, MintDenial>>;
  /** Notes of the host as a reason for a request; undefined: there are not enough. Held until `settled`. */
  readonly pay: (call: {
    readonly host: OwnerId;
    /** The one that is asked: what another of his has made is no note to it. Absent: nobody knows which it is. */
    readonly device?: DeviceId | undefined;
    readonly requestId: RequestId;
    readonly units: bigint;
    readonly plot: PlotId | undefined;
  }) => Promise<readonly string[] | undefined>;
  readonly settled: (call: {
    readonly host: OwnerId;
    readonly notes: readonly string[];
    /**
     * `spent`: they have paid. `free`: they were refused, and are mine as before. `doubtful`: the issuer is asked what
     * became of them. `unknown`: no answer came, or the request pends with them.
     */
    readonly outcome: 'spent' | 'free' | 'doubtful' | 'unknown';
    /** What it says about the host as an issuer. */
    readonly verdict?: 'honoured' | 'refused' | undefined;
  }) => Promise<void>;
  /** What was left open is asked again, notes that ran out are let go of. Every minute. */
  readonly tick: () => Promise<void>;
};

export type WalletFault =
  | { readonly code: 'notes-short'; readonly haveUnits: bigint }
  /** Nobody answered; what was begun is tried again by itself. */
  | { readonly code: 'unreachable' }
  /** Nothing was sent: they are too large, and whoever could swap them for smaller ones does not answer. */
  | { readonly code: 'issuer-away' }
  /** Set aside for the friend, and sent again by itself until he takes them, or until a day is over. */
  | { readonly code: 'on-their-way' }
  | Refused
  /** The answer's proof is wrong: nothing of it is believed. */
  | { readonly code: 'protocol' };

/** What is not known to have come to its end is looked into after this long. */
const RECOVER_AFTER_MS = 10 * 60_000;
/** Notes on their way to a friend who does not answer come back after this long. */
const SENT_BACK_AFTER_MS = DAY_MS;
/** An errand that was not answered is tried again after a minute, then later and later, up to an hour. */
const RETRY_MS = { first: 60_000, most: HOUR_MS };
/** As often all whose keys I know are asked whether they owe me something: change, or what a plot had cost. */
const COLLECT_EVERY_MS = 6 * HOUR_MS;

export function createWallet({
  book,
  calls,
  errands,
  me,
  comeHome,
  isOn,
  pendingSince,
  clock,
  newRequestId,
  onChange,
  logger,
}: {
  readonly book: Async<WalletBook>;
  readonly calls: MintCalls;
  readonly errands: Errands;
  /** This device as an issuer: notes of its own are not kept but made void. */
  readonly me: Issuer;
  readonly comeHome: Mint['comeHome'];
  readonly isOn: () => boolean;
  /** Since when each request of mine pends with that friend: what it brings stays set aside. */
  readonly pendingSince: (host: OwnerId) => Promise<readonly number[]>;
  readonly clock: Clock;
  readonly newRequestId: () => RequestId;
  readonly onChange: () => void;
  readonly logger: Logger;
}): Wallet {
  const { learn, collect } = createCollecting({ book, calls, errands, isOn, clock, newRequestId });
  const exactly = createExactly({ book, calls, errands, clock });
  const nextMs = new Map<RequestId, { readonly atMs: number; readonly waitMs: number }>();
  /** Choosing notes of one owner and setting them aside, one after the other: two at once would choose the same. */
  const choosing = createKeyLocks();
  /** Which errand a payment is, by its notes, from the reason that is given to the answer that comes. */
  const payments = new Map<string, { readonly errand: Errand; readonly changes: boolean }>();
  let steady: { readonly driftMs: number; readonly sinceMs: number } | undefined;
  let collectAtMs = Number.NEGATIVE_INFINITY;
  let working: Promise<void> | undefined;

  /** Finds notes for a sum and sets them aside. `isExact`: where no more may go out than is wanted. */
  function setAside(
    wanted: {
      readonly owner: OwnerId;
      readonly device?: DeviceId | undefined;
      readonly units: bigint;
      readonly isExact: boolean;
    },
    more: (
      issuer: Issuer,
      notes: readonly HeldNote[],
    ) => Pick<Errand, 'message'> & Pick<Errand, 'requestId' | 'kind' | 'with' | 'plot'>,
  ): Promise<
    Result<{ readonly errand: Errand; readonly notes: readonly HeldNote[] }, WalletFault>
  > {
    const { owner, device, units, isExact } = wanted;
    return choosing.run(owner, async () => {
      const found = await exactly(owner, units, device);
      if (!found.ok) return found;
      const { notes } = found.value;
      const [first] = notes;
      if (first === undefined || (isExact && sumOf(notes) !== units)) return UNREACHABLE;
      const issuer = { owner: first.owner, device: first.device };
      const errand: Errand = {
        ...more(issuer, notes),
        issuer,
        costs: notes.map(({ secret }) => secret),
        blinds: [],
        units,
        beganMs: clock.nowMs(),
      };
      const begun = await errands.begin(errand);
      return begun
        ? ok({ errand, notes })
        : failed({ code: 'notes-short', haveUnits: 0n } as const);
    });
  }

  const warn = (error: unknown) =>
    logger.warn('notes could not be looked after', { error: String(error) });

  /** Whether notes are gone is what their issuer says when they are swapped, each by itself. False: he does not answer. */
  async function recover(errand: Errand, verdict?: 'refused'): Promise<boolean> {
    const held = await book.held(errand.requestId);
    const nowMs = clock.nowMs();
    const instead: Errand[] = [];
    for (const note of held) {
      const { keyset, k } = note;
      const blinds = await errands.blinds(errand.issuer, [{ keyset, k }]);
      if (blinds === undefined) return true;
      const requestId = newRequestId();
      const { issuer, plot, with: partner } = errand;
      const swapped = { requestId, issuer, notes: [note], blinds, nowMs, plot, with: partner };
      instead.push(swapErrand({ kind: 'recover', ...swapped }));
    }
    const { requestId } = errand;
    if (!(await book.instead({ requestId, errands: instead, verdict, atMs: nowMs }))) return true;
    for (const each of instead) if (isSilence(await errands.run(each))) return false;
    return true;
  }

  async function send(call: Parameters<Wallet['send']>[0]): ReturnType<Wallet['send']> {
    if (!isOn()) return BARTER_OFF;
    const { friend, issuer: owner, units } = call;
    const [device] = calls.devices(friend);
    if (device === undefined) return UNREACHABLE;
    const requestId = newRequestId();
    const begun = await setAside({ owner, units, isExact: true }, (issuer, notes) => ({
      requestId,
      kind: 'send',
      with: friend,
      message: { v: PROTOCOL_VERSION, requestId, issuer, notes: notes.map(writeNote) },
      plot: undefined,
    }));
    if (!begun.ok)
      return begun.fault.code === 'unreachable' ? failed({ code: 'issuer-away' }) : begun;
    const sent = await hand(begun.value.errand);
    // Whoever takes it for a no sends them a second time.
    return sent.ok || !isUndecided(sent.fault) ? sent : failed({ code: 'on-their-way' });
  }

  /** Who says no has seen the notes all the same: they are swapped for others, so that his copy is worth nothing. */
  async function hand(errand: Errand): ReturnType<Wallet['send']> {
    const sent = await errands.run(errand);
    if (!sent.ok && sent.fault.code === 'refused' && !isUndecided(sent.fault))
      await recover(errand);
    return sent;
  }

  async function receive({
    from,
    message,
    bodyHash,
  }: Parameters<Wallet['receive']>[0]): Promise<Result<undefined, MintDenial>> {
    const { requestId: id, issuer, notes: texts } = message;
    if (issuer.device === me.device) {
      const asked = { requestId: id, notes: texts };
      return comeHome({ owner: from, message: asked, bodyHash });
    }
    if (!isOn()) return failed({ code: 'barter-off' });
    const asked = { by: from, id, hash: bodyHash };
    const before = await again(asked);
    if (before !== undefined) return before;
    const isKnown = calls
      .devices(issuer.owner)
      .some(({ device, owner }) => device === issuer.device && owner === issuer.owner);
    if (!isKnown) return failed({ code: 'issuer-unknown' });
    const notes = texts.flatMap((text) => readNote(text) ?? []);
    if (notes.length !== texts.length) return failed({ code: 'notes-bad' });
    let blinds = await errands.blinds(issuer, notes);
    if (blinds === undefined) {
      const learnt = await learn(issuer);
      if (!learnt.ok) return failed({ code: 'issuer-unreachable' });
      blinds = await errands.blinds(issuer, notes);
    }
    // Of keys that the issuer does not show to me.
    if (blinds === undefined) return failed({ code: 'notes-bad' });
    const errand = swapErrand({
      kind: 'receive',
      requestId: newRequestId(),
      issuer,
      notes,
      blinds,
      nowMs: clock.nowMs(),
      with: from,
      asked,
    });
    if (await errands.begin(errand)) return swapIn(errand);
    // It came again while the issuer's keys were asked for, or the issuer of many others does not answer.
    return (await again(asked)) ?? failed({ code: 'too-many-waiting' });
  }

  /** What has become of a gift that was begun before. */
  async function again(
    asked: NonNullable<Errand['asked']>,
  ): Promise<Result<undefined, MintDenial> | undefined> {
    const before = await book.asked(asked);
    if (before === undefined) return undefined;
    if (before === 'reused') return failed({ code: 'request-reused' });
    if (before.state !== 'open') return settledAs(before.state);
    const errand = await book.errand(before.requestId);
    return errand === undefined ? failed({ code: 'notes-bad' }) : swapIn(errand);
  }

  async function swapIn(errand: Errand): Promise<Result<undefined, MintDenial>> {
    const swapped = await errands.run(errand);
    if (swapped.ok) return ok(undefined);
    const { fault } = swapped;
    if (fault.code === 'refused') return failed({ code: fault.denial, params: fault.params });
    return failed({ code: fault.code === 'unreachable' ? 'issuer-unreachable' : 'notes-bad' });
  }

  /** Nothing is let go of in the first hour after a start or a jump of the clock, which may go back. */
  function isSteady(nowMs: number, monotonicMs: number): boolean {
    const driftMs = nowMs - monotonicMs;
    if (steady === undefined || Math.abs(driftMs - steady.driftMs) > JUMP_MS)
      steady = { driftMs, sinceMs: monotonicMs };
    return monotonicMs - steady.sinceMs >= STEADY_MS;
  }

  /** What it asks for would be worth nothing, and whoever is asked has long forgotten it. */
  async function isOver({ blinds }: Errand, nowMs: number): Promise<boolean> {
    if (blinds.length === 0) return false;
    const keysets = await Promise.all(blinds.map(({ keyset }) => book.keyset(keyset)));
    return keysets.every(
      (keyset) => keyset === undefined || keyset.expiresMs + FORGOTTEN_MS < nowMs,
    );
  }

  /** Goes on with one of those that are open; false: whoever is asked does not answer. */
  async function goOnWith(errand: Errand, nowMs: number): Promise<boolean> {
    const { kind, beganMs, issuer } = errand;
    // One that was begun while the clock was ahead must not wait until then.
    const ageMs = Math.abs(nowMs - beganMs);
    if (kind === 'pay') {
      // What pends for long must not hold what was paid for something else until it has run out.
      const pends = async () =>
        (await pendingSince(issuer.owner)).some((ms) => Math.abs(ms - beganMs) < RECOVER_AFTER_MS);
      return ageMs < RECOVER_AFTER_MS || (await pends()) || recover(errand);
    }
    if (kind === 'send' && ageMs > SENT_BACK_AFTER_MS) return recover(errand);
    return !isSilence(await (kind === 'send' ? hand : errands.run)(errand));
  }

  /** All that one device has to answer, one after the other; one that is silent is asked for nothing more in this round. */
  async function goOnAt(open: readonly Errand[], at: Round): Promise<void> {
    const { nowMs, monotonicMs, steadily } = at;
    for (const errand of open) {
      const { requestId } = errand;
      const due = nextMs.get(requestId);
      if (due !== undefined && monotonicMs < due.atMs) continue;
      const waitMs = Math.min((due?.waitMs ?? RETRY_MS.first / 2) * 2, RETRY_MS.most);
      nextMs.set(requestId, { atMs: monotonicMs + waitMs, waitMs });
      if (steadily && (await isOver(errand, nowMs))) {
        await book.end({ requestId, end: 'undone', brought: [], atMs: nowMs });
        continue;
      }
      if (!(await goOnWith(errand, nowMs))) return;
    }
  }

  /** One round over what is open; whoever takes his time keeps nobody else's notes waiting. */
  async function goOn(): Promise<void> {
    const nowMs = clock.nowMs();
    const monotonicMs = clock.monotonicMs();
    const steadily = isSteady(nowMs, monotonicMs);
    const open = Map.groupBy(await book.open(), askedFor);
    const round = { nowMs, monotonicMs, steadily };
    await Promise.all([...open.values()].map((each) => goOnAt(each, round).catch(warn)));
    if (nextMs.size > NEXT_MAX) nextMs.clear();
    if (steadily) await book.tidy({ nowMs });
    if (monotonicMs < collectAtMs) return;
    collectAtMs = monotonicMs + COLLECT_EVERY_MS;
    // What one of them makes impossible is not the others' loss.
    for (const owner of await book.issuers({ nowMs })) await collect(owner).catch(warn);
  }

  return {
    collect,
    send,
    receive,
    pay: async ({ host, device, requestId, units, plot }) => {
      if (!isOn() || units <= 0n) return undefined;
      const wanted = { owner: host, device, units, isExact: false };
      const begun = await setAside(wanted, () => ({
        requestId,
        kind: 'pay',
        with: undefined,
        message: null,
        plot,
      }));
      if (!begun.ok) return undefined;
      const { errand, notes } = begun.value;
      const texts = notes.map(writeNote);
      payments.set(texts.join(), { errand, changes: sumOf(notes) !== units });
      return texts;
    },
    settled: async ({ host, notes, outcome, verdict }) => {
      const name = notes.join();
      const payment = payments.get(name);
      payments.delete(name);
      // Not answered, or it pends with these notes: looked into later.
      if (payment === undefined || outcome === 'unknown') return;
      const { errand, changes } = payment;
      if (outcome === 'doubtful') {
        await recover(errand, verdict === 'refused' ? verdict : undefined);
        return;
      }
      const end = outcome === 'spent' ? 'done' : 'undone';
      const { requestId } = errand;
      await book.end({ requestId, end, brought: [], verdict, atMs: clock.nowMs() });
      onChange();
      if (end === 'done' && changes) collect(host).catch(warn);
    },
    tick: async () => {
      if (!isOn()) return;
      working ??= goOn()
        .catch(warn)
        .finally(() => {
          working = undefined;
        });
      await working;
    },
  };
}

type Round = {
  readonly nowMs: number;
  readonly monotonicMs: number;
  readonly steadily: boolean;
};

/** Who is asked for it: what is sent is its receiver's to take, everything else its issuer's to answer. */
function askedFor({ kind, with: friend, issuer }: Errand): string {
  return kind === 'send' && friend !== undefined ? friend : issuer.device;
}

function isSilence(result: Result<unknown, WalletFault>): boolean {
  return !result.ok && result.fault.code === 'unreachable';
}

const NEXT_MAX = 10_000;
const STEADY_MS = HOUR_MS;
const JUMP_MS = HOUR_MS;
/** A mint remembers a week and a day beyond the end what was asked of it. */
const FORGOTTEN_MS = 10 * DAY_MS;

function settledAs(end: ErrandEnd): Result<undefined, MintDenial> {
  return end === 'done'
    ? ok(undefined)
    : failed({ code: end === 'spent' ? 'notes-spent' : 'notes-bad' });
}
