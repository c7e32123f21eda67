import type { Fault } from '../../../shared/fault.ts';
import type { DeviceId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { Statement } from '../identity/statement.ts';
import type { Clock, Randomness } from '../ports.ts';
import {
  callStands,
  digitsOf,
  isOver,
  matchesCommitment,
  nextState,
  NONCE_BYTES,
  PAIRING_LIFE_MS,
  PAIRING_SILENCE_MS,
  type PairingEvent,
} from './pairing.ts';
import { createPairingAttempts } from './pairing-attempts.ts';
import {
  choose,
  entryOf,
  type Kept,
  type ListedPairing,
  type No,
  type Other,
  type PairingEntry,
  viewOf,
} from './pairing-entry.ts';

/** More people than this at the door at once is no visit. */
const PENDING_MAX = 4;
/** How long an ended pairing can still be asked about: for the other side, and for what is told of an attack. */
const ENDED_KEPT_MS = 600_000;

/**
 * Why nobody may knock now. `crossed`: this side calls that very device, and its own call stands;
 * `busy`: too many are at the door, or this device is; `too-often`: the attempts are used up.
 */
export type Knocked = Result<
  { readonly id: string; readonly nonce: Uint8Array },
  'crossed' | 'busy' | 'too-often'
>;

/** The pairings under way on this device, both those it began and those that came to it. */
export type PairingTable = {
  readonly list: () => readonly ListedPairing[];
  readonly entry: (id: string) => PairingEntry | undefined;
  /** The one open pairing with a device, whoever began it. */
  readonly openWith: (device: DeviceId) => PairingEntry | undefined;
  readonly isAnyOpen: () => boolean;
  /** Somebody knocks, from this network address. */
  readonly answer: (knock: {
    readonly other: Other;
    readonly commitment: Uint8Array;
    readonly from: string;
  }) => Knocked;
  /** The knocking side opens its commitment; false ends the pairing. */
  readonly reveal: (id: string, nonce: Uint8Array) => boolean;
  /** The knocking side was heard of: it is still there. */
  readonly heard: (id: string) => void;
  /**
   * This side is about to call a device. False: a call or a pairing with it is open already; otherwise
   * `called` must follow, whatever became of it.
   */
  readonly calls: (device: DeviceId) => boolean;
  readonly called: (device: DeviceId) => void;
  /** This side's own call, once both nonces are known. `undefined`: the other side named it after another. */
  readonly began: (call: {
    readonly id: string;
    readonly other: Other;
    readonly myNonce: Uint8Array;
    readonly theirNonce: Uint8Array;
  }) => PairingEntry | undefined;
  readonly apply: (
    id: string,
    event: Exclude<PairingEvent, 'rejected'>,
  ) => PairingEntry | undefined;
  /** A person said no. */
  readonly reject: (id: string, no: No) => PairingEntry | undefined;
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
  const attempts = createPairingAttempts(clock);
  const all = new Map<string, Kept>();
  const calling = new Set<DeviceId>();
  const listeners = new Set<(entry: PairingEntry) => void>();

  function leftMs(kept: Kept): number {
    return Math.max(0, kept.startedMs + PAIRING_LIFE_MS - clock.monotonicMs());
  }

  /** The initiator asks all the time; this side's own calls are watched where they are made. */
  function isSilent({ began, state, heardMs }: Kept): boolean {
    return (
      began === 'there' && !isOver(state) && clock.monotonicMs() - heardMs > PAIRING_SILENCE_MS
    );
  }

  /** Time passes only when somebody looks; every way in goes through here. */
  function current(): readonly Kept[] {
    for (const kept of all.values()) {
      if (!isOver(kept.state) && leftMs(kept) === 0) change(kept, 'expired');
      if (isSilent(kept)) change(kept, 'failed');
      if (kept.endedMs !== undefined && clock.monotonicMs() - kept.endedMs > ENDED_KEPT_MS)
        all.delete(kept.id);
    }
    return [...all.values()];
  }

  function change(kept: Kept, event: PairingEvent): PairingEntry {
    const before = kept.state;
    kept.state = nextState(before, event);
    if (isOver(kept.state)) kept.endedMs ??= clock.monotonicMs();
    if (kept.state === 'paired') kept.forgive?.();
    return kept.state === before ? entryOf(kept) : tell(kept);
  }

  function tell(kept: Kept): PairingEntry {
    const entry = entryOf(kept);
    for (const listener of listeners) listener(entry);
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

  function keep(
    entry: Pick<Kept, 'id' | 'began' | 'other' | 'myNonce' | 'commitment' | 'forgive'>,
  ): Kept {
    const nowMs = clock.monotonicMs();
    const kept: Kept = {
      ...entry,
      startedMs: nowMs,
      state: 'exchanging',
      heardMs: nowMs,
      endedMs: undefined,
      digits: undefined,
      no: undefined,
    };
    all.set(kept.id, kept);
    return kept;
  }

  const find = (id: string) => current().find((kept) => kept.id === id);
  const open = () => current().filter((kept) => !isOver(kept.state));
  const openWith = (device: DeviceId) =>
    open().find((kept) => kept.other.statement.device === device);

  function answer({ other, commitment, from }: Parameters<PairingTable['answer']>[0]): Knocked {
    const { device } = other.statement;
    // One try per device: a second knock while the first is open would be a second guess.
    const known = openWith(device);
    if (known !== undefined) return failed(known.began === 'here' ? 'crossed' : 'busy');
    if (calling.has(device) && callStands(me.device, device)) return failed('crossed');
    if (open().length >= PENDING_MAX) return failed('busy');
    const forgive = attempts.begin(from);
    if (forgive === undefined) return failed('too-often');
    const id = Buffer.from(randomness.bytes(16)).toString('hex');
    const myNonce = randomness.bytes(NONCE_BYTES);
    tell(keep({ id, began: 'there', other, myNonce, commitment, forgive }));
    return ok({ id, nonce: myNonce });
  }

  return {
    list: () => current().map((kept) => viewOf(kept, leftMs(kept))),
    entry: (id) => {
      const kept = find(id);
      return kept && entryOf(kept);
    },
    openWith: (device) => {
      const kept = openWith(device);
      return kept && entryOf(kept);
    },
    isAnyOpen: () => open().length > 0,
    answer,
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
    heard: (id) => {
      const kept = all.get(id);
      // Whoever comes back too late finds it ended.
      if (kept !== undefined && !isSilent(kept)) kept.heardMs = clock.monotonicMs();
    },
    calls: (device) => {
      if (calling.has(device) || openWith(device) !== undefined) return false;
      calling.add(device);
      return true;
    },
    called: (device) => void calling.delete(device),
    began: ({ id, other, myNonce, theirNonce }) => {
      // The other side chose the id: it must not take the place of another pairing.
      if (find(id) !== undefined || openWith(other.statement.device) !== undefined)
        return undefined;
      const own = { commitment: undefined, forgive: undefined };
      const kept = keep({ id, began: 'here', other, myNonce, ...own });
      kept.digits = digits(kept, theirNonce);
      return change(kept, 'revealed');
    },
    apply: (id, event) => {
      const kept = find(id);
      return kept && change(kept, event);
    },
    reject: (id, no) => {
      const kept = find(id);
      if (kept === undefined || isOver(kept.state)) return kept && entryOf(kept);
      // Nobody has compared what was not there yet.
      kept.no = kept.digits === undefined ? { ...no, why: 'declined' } : no;
      return change(kept, 'rejected');
    },
    choose: (wish) => choose(current(), wish),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
