import { type Fault, fault } from '../../../shared/fault.ts';
import type { MachineKind } from '../../../shared/model/machine.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { PairingNo } from '../../../shared/wire/messages.ts';
import type { SignedStatement, Statement } from '../identity/statement.ts';
import { isOver, type PairingState } from './pairing.ts';

/** One pairing: as the table keeps it, as others get it, as a screen wants it. */

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
  readonly no: No | undefined;
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

/** As the table keeps it. */
export type Kept = {
  readonly id: string;
  readonly began: 'here' | 'there';
  readonly other: Other;
  readonly startedMs: number;
  readonly myNonce: Uint8Array;
  readonly commitment: Uint8Array | undefined;
  /** Gives the attempt back; only of those that came from there. */
  readonly forgive: (() => void) | undefined;
  state: PairingState;
  heardMs: number;
  endedMs: number | undefined;
  digits: string | undefined;
  no: No | undefined;
};

/** The pairing that a code typed here means: by id, or the only one to compare. */
export function choose(
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
  return failed(endedFault(ended && entryOf(ended)) ?? fault('pairing-unknown'));
}

/** How a pairing ended, for whoever still wants something of it; `undefined` while it is open or paired. */
export function endedFault(entry: PairingEntry | undefined): Fault | undefined {
  const name = entry?.other.name ?? '';
  switch (entry?.state) {
    case 'expired':
      return fault('pairing-expired', { name });
    case 'rejected':
      return fault('pairing-rejected', { name });
    case 'failed':
      return fault('unreachable', { friend: name, detail: 'the connection was lost' });
    default:
      return undefined;
  }
}

function onlyOne(open: readonly Kept[]): Kept | undefined {
  return open.length === 1 ? open[0] : undefined;
}

export function entryOf({ id, began, other, state, digits, no }: Kept): PairingEntry {
  return { id, began, other, state, digits, no };
}

export function viewOf(kept: Kept, leftMs: number): ListedPairing {
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
    no: kept.no ?? null,
    leftS: Math.ceil(leftMs / 1000),
  };
}
