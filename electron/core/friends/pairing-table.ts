import { type Fault, fault } from '../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { MachineKind } from '../../../shared/model/machine.ts';
import type { PairingNo } from '../../../shared/wire/messages.ts';
import type { SignedStatement, Statement } from '../identity/statement.ts';
import type { Clock, Randomness } from '../ports.ts';
import {
  digitsOf,
  isOver,
  matchesCommitment,
  nextState,
  NONCE_BYTES,
  PAIRING_LIFE_MS,
  type PairingEvent,
  type PairingState,
} from './pairing.ts';

/** More people than this at the door at once is no visit. */
const PENDING_MAX = 4;
/** How long an ended pairing can still be asked about: the other side polls for how it ended. */
const ENDED_KEPT_MS = 300_000;

export type Other = {
  readonly name: string;
  readonly kind: MachineKind;
  readonly statement: Statement;
  readonly signed: SignedStatement;
  /** Where it can be reached: `host:port`; empty if it does not listen. */
  readonly address: string;
};

export type PairingEntry = {
  readonly id: string;
  readonly began: 'here' | 'there';
  readonly other: Other;
  readonly state: PairingState;
  readonly digits: string | undefined;
};

/** Who said no, and why. */
export type No = { readonly by: 'here' | 'there'; readonly why: PairingNo };

/** A pairing as a screen wants it; `comparing` also while the nonces travel. */
export type ListedPairing = Pick<PairingEntry, 'id' | 'began' | 'other'> & {
  readonly digits: string | null;
  readonly state: 'comparing' | 'confirmed-here' | 'paired' | 'rejected' | 'expired' | 'failed';
  readonly no: No | null;
  readonly leftS: number;
};

type Kept = {
  readonly id: string;
  readonly began: 'here' | 'there';
  readonly other: Other;
  readonly startedMs: number;
  readonly myNonce: Uint8Array;
  readonly commitment: Uint8Array | undefined;
  state: PairingState;
  endedMs: number | undefined;
  digits: string | undefined;
};

/** The pairings under way on this device, both those it began and those that came to it. */
export type PairingTable = {
  readonly list: () => readonly ListedPairing[];
  readonly entry: (id: string) => PairingEntry | undefined;
  /** Somebody knocks. `undefined`: too many are at the door already, or this device is. */
  readonly answer: (
    other: Other,
    commitment: Uint8Array,
  ) => { readonly id: string; readonly nonce: Uint8Array } | undefined;
  /** The knocking side opens its commitment; false ends the pairing. */
  readonly reveal: (id: string, nonce: Uint8Array) => boolean;
  /** This side's own call, once both nonces are known. */
  readonly began: (call: {
    readonly id: string;
    readonly other: Other;
    readonly myNonce: Uint8Array;
    readonly theirNonce: Uint8Array;
  }) => PairingEntry;
  readonly apply: (id: string, event: PairingEvent) => PairingEntry | undefined;
  /** The pairing that a code typed here means: by id, or the only one to compare. */
  readonly choose: (call: {
    readonly id?: string | undefined;
    readonly digits?: string | undefined;
  }) => Result<PairingEntry, Fault>;
  readonly subscribe: (listener: (entry: PairingEntry) => void) => () => void;
};

export function createPairingTable({
  me,
  clock,
  randomness,
}: {
  readonly me: Pick<Statement, 'owner' | 'device'>;
  readonly clock: Clock;
  readonly randomness: Randomness;
}): PairingTable {
  const all = new Map<string, Kept>();
  const listeners = new Set<(entry: PairingEntry) => void>();

  function leftMs(kept: Kept): number {
    return Math.max(0, kept.startedMs + PAIRING_LIFE_MS - clock.monotonicMs());
  }

  /** Time passes only when somebody looks; every way in goes through here. */
  function current(): readonly Kept[] {
    for (const kept of all.values()) {
      if (!isOver(kept.state) && leftMs(kept) === 0) change(kept, 'expired');
      if (kept.endedMs !== undefined && clock.monotonicMs() - kept.endedMs > ENDED_KEPT_MS)
        all.delete(kept.id);
    }
    return [...all.values()];
  }

  function change(kept: Kept, event: PairingEvent): PairingEntry {
    const before = kept.state;
    kept.state = nextState(before, event);
    if (isOver(kept.state)) kept.endedMs ??= clock.monotonicMs();
    const entry = entryOf(kept);
    if (kept.state !== before) for (const listener of listeners) listener(entry);
    return entry;
  }

  function digits(kept: Kept, theirNonce: Uint8Array): string {
    const mine = { owner: me.owner, device: me.device, nonce: kept.myNonce };
    const { owner, device } = kept.other.statement;
    const theirs = { owner, device, nonce: theirNonce };
    return kept.began === 'here'
      ? digitsOf({ initiator: mine, responder: theirs })
      : digitsOf({ initiator: theirs, responder: mine });
  }

  function keep(entry: Pick<Kept, 'id' | 'began' | 'other' | 'myNonce' | 'commitment'>): Kept {
    const kept: Kept = {
      ...entry,
      startedMs: clock.monotonicMs(),
      state: 'exchanging',
      endedMs: undefined,
      digits: undefined,
    };
    all.set(kept.id, kept);
    return kept;
  }

  const find = (id: string) => current().find((kept) => kept.id === id);

  return {
    list: () => current().map((kept) => viewOf(kept, leftMs(kept))),
    entry: (id) => {
      const kept = find(id);
      return kept && entryOf(kept);
    },
    answer: (other, commitment) => {
      const open = current().filter((kept) => !isOver(kept.state));
      // One try per device: a second knock while the first is open would be a second guess.
      const again = open.some((kept) => kept.other.statement.device === other.statement.device);
      if (again || open.length >= PENDING_MAX) return undefined;
      const id = Buffer.from(randomness.bytes(16)).toString('hex');
      const myNonce = randomness.bytes(NONCE_BYTES);
      keep({ id, began: 'there', other, myNonce, commitment });
      return { id, nonce: myNonce };
    },
    reveal: (id, nonce) => {
      const kept = find(id);
      if (kept?.commitment === undefined || kept.state !== 'exchanging') return false;
      if (!matchesCommitment(nonce, kept.commitment)) {
        change(kept, 'failed');
        return false;
      }
      kept.digits = digits(kept, nonce);
      change(kept, 'revealed');
      return true;
    },
    began: ({ id, other, myNonce, theirNonce }) => {
      const kept = keep({ id, began: 'here', other, myNonce, commitment: undefined });
      kept.digits = digits(kept, theirNonce);
      return change(kept, 'revealed');
    },
    apply: (id, event) => {
      const kept = find(id);
      return kept && change(kept, event);
    },
    choose: (wish) => choose(current(), wish),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function choose(
  all: readonly Kept[],
  wish: { readonly id?: string | undefined; readonly digits?: string | undefined },
): Result<PairingEntry, Fault> {
  if (wish.id !== undefined) {
    const kept = all.find(({ id }) => id === wish.id);
    return kept === undefined ? failed(fault('pairing-unknown')) : ok(entryOf(kept));
  }
  const open = all.filter((kept) => !isOver(kept.state) && kept.digits !== undefined);
  const match = open.find((kept) => kept.digits === wish.digits) ?? onlyOne(open);
  if (match !== undefined) return ok(entryOf(match));
  const ended = all.find((kept) => kept.digits === wish.digits && isOver(kept.state));
  if (ended?.state === 'expired')
    return failed(fault('pairing-expired', { name: ended.other.name }));
  if (ended !== undefined && ended.state !== 'paired')
    return failed(fault('pairing-rejected', { name: ended.other.name }));
  return failed(fault('pairing-unknown'));
}

function onlyOne(open: readonly Kept[]): Kept | undefined {
  return open.length === 1 ? open[0] : undefined;
}

function entryOf({ id, began, other, state, digits }: Kept): PairingEntry {
  return { id, began, other, state, digits };
}

function viewOf(kept: Kept, leftMs: number): ListedPairing {
  const shown = {
    exchanging: 'comparing',
    comparing: 'comparing',
    'confirmed-there': 'comparing',
    'confirmed-here': 'confirmed-here',
    paired: 'paired',
    rejected: 'rejected',
    expired: 'expired',
    failed: 'failed',
  } as const satisfies Record<PairingState, ListedPairing['state']>;
  return {
    id: kept.id,
    began: kept.began,
    other: kept.other,
    digits: kept.digits ?? null,
    state: shown[kept.state],
    no: kept.state === 'rejected' ? { by: 'there', why: 'declined' } : null,
    leftS: Math.ceil(leftMs / 1000),
  };
}
