import type { Async } from '../../../../shared/async.ts';
import type { OwnerId, PlotId, RequestId } from '../../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { PROTOCOL_VERSION } from '../../../../shared/wire/messages.ts';
import {
  change,
  type Evaluations,
  type Keyset,
  noteGift,
  swap,
  withdrawal,
} from '../../../../shared/wire/mint.ts';
import type { Clock } from '../../ports.ts';
import { UNREACHABLE } from '../call-faults.ts';
import { blindNote, finishNotes, toBlank } from '../blind-notes.ts';
import type { MintCalls, MintFault } from './mint-calls.ts';
import { type Issuer, type Note, sumOf, writeNote } from '../notes.ts';
import type { Turns } from '../turns.ts';
import type { Blind, Errand, ErrandEnd, HeldNote, WalletBook } from './wallet-book.ts';
import type { WalletFault } from './wallet.ts';

/**
 * Requests that move notes, from the first line in the book to the last. Each is sent as it was written down until
 * it is answered, so a lost reply, a crash and a friend who is away cost nothing but time.
 */
export type Errands = {
  /** Blanks of these worths; fails where the keys that are asked for are not known, or are none. */
  readonly blinds: (
    issuer: Issuer,
    wanted: readonly { readonly keyset: string; readonly k: number }[],
  ) => Promise<readonly Blind[] | undefined>;
  readonly begin: (errand: Errand) => Promise<boolean>;
  /** Sends it once; what is not answered stays open. */
  readonly run: (errand: Errand) => Promise<Result<undefined, WalletFault>>;
  /** Notes of one issuer for others of the same keysets and sums. */
  readonly swap: (call: {
    readonly notes: readonly HeldNote[];
    readonly wanted: readonly { readonly keyset: string; readonly k: number }[];
    readonly nowMs: number;
  }) => Promise<Result<undefined, WalletFault>>;
};

export function createErrands({
  book,
  calls,
  turns,
  clock,
  newRequestId,
  onChange,
}: {
  readonly book: Async<WalletBook>;
  readonly calls: MintCalls;
  readonly turns: Turns;
  readonly clock: Clock;
  readonly newRequestId: () => RequestId;
  readonly onChange: () => void;
}): Errands {
  /** Of one errand, one run at a time: the second would only hear the same. */
  const running = new Map<RequestId, Promise<Result<undefined, WalletFault>>>();

  async function keysetsOf(ids: readonly string[]): Promise<ReadonlyMap<string, Keyset & Issuer>> {
    const found = await Promise.all([...new Set(ids)].map((id) => book.keyset(id)));
    return new Map(found.flatMap((each) => (each === undefined ? [] : [[each.keyset, each]])));
  }

  async function end(
    { requestId }: Errand,
    how: ErrandEnd,
    more: { readonly brought?: readonly Note[]; readonly verdict?: 'honoured' | 'refused' } = {},
  ): Promise<void> {
    const { brought = [], verdict } = more;
    await book.end({ requestId, end: how, brought, verdict, atMs: clock.nowMs() });
    onChange();
  }

  /** Undefined: what was written down is no message of this kind any more. */
  function send(errand: Errand): Promise<Result<Evaluations | undefined, MintFault>> | undefined {
    const { kind, issuer, message } = errand;
    switch (kind) {
      case 'withdraw': {
        const parsed = withdrawal.safeParse(message).data;
        return parsed && calls.withdraw(issuer, parsed);
      }
      case 'change': {
        const parsed = change.safeParse(message).data;
        return parsed && calls.change(issuer, parsed);
      }
      case 'swap':
      case 'receive':
      case 'recover': {
        const parsed = swap.safeParse(message).data;
        return parsed && calls.swap(issuer, parsed);
      }
      default:
        return undefined;
    }
  }

  async function gift(errand: Errand): Promise<Result<undefined, WalletFault>> {
    const parsed = noteGift.safeParse(errand.message).data;
    if (parsed === undefined || errand.with === undefined) return failed({ code: 'protocol' });
    const [friend] = calls.devices(errand.with);
    if (friend === undefined) return UNREACHABLE;
    const answered = await calls.gift(friend, parsed);
    if (answered.ok) {
      await end(errand, 'done');
      return ok(undefined);
    }
    return refused(errand, answered.fault);
  }

  /** A refusal is the end of it, unless it says that asking again may help. */
  async function refused(
    errand: Errand,
    fault: MintFault,
  ): Promise<Result<undefined, WalletFault>> {
    if (fault.code === 'unknown') return UNREACHABLE;
    // Whether what I sent is gone is the issuer's to say (`wallet.ts`), not the friend's: he has seen the notes.
    const isOpen = errand.kind === 'send';
    if (LATER.has(fault.denial) || isOpen) return failed(fault);
    const isSpent = fault.denial === 'notes-spent';
    const blamed = errand.kind === 'swap' && GONE.has(fault.denial);
    await end(errand, isSpent ? 'spent' : 'undone', blamed ? { verdict: 'refused' } : {});
    return failed(fault);
  }

  async function runOnce(errand: Errand): Promise<Result<undefined, WalletFault>> {
    if (errand.kind === 'send') return gift(errand);
    const sent = send(errand);
    if (sent === undefined) return failed({ code: 'protocol' });
    const answered = await sent;
    if (!answered.ok) return refused(errand, answered.fault);
    const { blinds, issuer } = errand;
    const known = await keysetsOf(blinds.map(({ keyset }) => keyset));
    const notes =
      answered.value &&
      (await finishNotes(issuer, (id) => known.get(id), { blinds, answer: answered.value, turns }));
    if (notes === undefined) {
      // Taken in, and nothing right was given for it: the issuer's doing, whatever the reason.
      await end(errand, 'spent', { verdict: 'refused' });
      return failed({ code: 'protocol' });
    }
    await end(errand, 'done', { brought: notes });
    return ok(undefined);
  }

  const errands: Errands = {
    blinds: async (issuer, wanted) => {
      const known = await keysetsOf(wanted.map(({ keyset }) => keyset));
      const blinds: Blind[] = [];
      for (const { keyset, k } of wanted) {
        const keys = known.get(keyset);
        if (keys === undefined || keys.device !== issuer.device) return undefined;
        const blind = await turns.take(() => blindWith(issuer, keys, k));
        if (blind === undefined) return undefined;
        blinds.push(blind);
      }
      return blinds;
    },
    begin: async (errand) => {
      const begun = await book.begin(errand);
      if (begun) onChange();
      return begun;
    },
    run: (errand) => {
      const under = running.get(errand.requestId);
      if (under !== undefined) return under;
      const run = runOnce(errand).finally(() => running.delete(errand.requestId));
      running.set(errand.requestId, run);
      return run;
    },
    swap: async ({ notes, wanted, nowMs }) => {
      const [first] = notes;
      if (first === undefined) return ok(undefined);
      const issuer = { owner: first.owner, device: first.device };
      const blinds = await errands.blinds(issuer, wanted);
      if (blinds === undefined) return failed({ code: 'protocol' });
      const errand = swapErrand({
        kind: 'swap',
        requestId: newRequestId(),
        issuer,
        notes,
        blinds,
        nowMs,
      });
      if (!(await errands.begin(errand))) return failed({ code: 'notes-short', haveUnits: 0n });
      return errands.run(errand);
    },
  };
  return errands;
}

/** Undefined: what the issuer shows as a key is no point of the curve. */
function blindWith(issuer: Issuer, keys: Keyset, k: number): Blind | undefined {
  try {
    return blindNote(issuer, keys, k);
  } catch {
    return undefined;
  }
}

/** A friend who says that may take what was sent yet. */
const MAY_COME: ReadonlySet<string> = new Set([
  'rate-limited',
  'shutting-down',
  'books-unwritable',
  'issuer-unreachable',
]);
/** Whether what was sent to a friend may be taken by him yet: no answer came, or none that decides. */
export function isUndecided(fault: WalletFault): boolean {
  return fault.code === 'unreachable' || (fault.code === 'refused' && MAY_COME.has(fault.denial));
}
/** Asking the same again may help. */
const LATER: ReadonlySet<string> = new Set([...MAY_COME, 'barter-off', 'unknown-peer']);
/** An issuer who says that of notes that he has made for me, or has swapped for me, does not honour them. */
const GONE: ReadonlySet<string> = new Set(['notes-bad', 'notes-spent']);

export function swapErrand({
  kind,
  requestId,
  issuer,
  notes,
  blinds,
  nowMs,
  ...more
}: {
  readonly kind: 'swap' | 'recover' | 'receive';
  readonly requestId: RequestId;
  readonly issuer: Issuer;
  readonly notes: readonly Note[];
  readonly blinds: readonly Blind[];
  readonly nowMs: number;
  readonly with?: OwnerId | undefined;
  readonly plot?: PlotId | undefined;
  readonly asked?: Errand['asked'];
}): Errand {
  return {
    requestId,
    kind,
    issuer,
    with: more.with,
    // What a friend sends is not in my purse before it is swapped.
    costs: kind === 'receive' ? [] : notes.map(({ secret }) => secret),
    blinds,
    message: {
      v: PROTOCOL_VERSION,
      requestId,
      notes: notes.map(writeNote),
      blinded: blinds.map(toBlank),
    },
    units: sumOf(notes),
    plot: more.plot,
    beganMs: nowMs,
    asked: more.asked,
  };
}
