import type { Sentence } from '../../../../shared/contract/views.ts';
import { type DenialCode, isDenialCode } from '../../../../shared/denial.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import { UNIT_BYTES } from '../../../../shared/model/notes.ts';
import { parseBytes } from '../../../../shared/units.ts';
import type { FriendNeed } from './translate.ts';

/** From sets, plots and what waits to what is wanted at each friend; pure (the market translator's eyes). */
export type SetSeen = {
  readonly name: string;
  readonly hosts: readonly OwnerId[];
  readonly lastBytes: bigint | undefined;
  /** What the last run ended with. */
  readonly lastFault: Sentence | undefined;
};

export type Seen = {
  readonly friends: readonly {
    readonly owner: OwnerId;
    readonly name: string;
    readonly isThere: boolean;
    /** What he said last that he would still give me as a friend; none: he said nothing, or no figure. */
    readonly mayAskBytes: bigint | undefined;
  }[];
  readonly sets: readonly SetSeen[];
  readonly holdings: readonly {
    readonly host: OwnerId;
    readonly set: string | undefined;
    readonly sizeBytes: bigint;
    readonly writtenBytes: bigint;
  }[];
  /** What I asked for and what pends, because only lent room is there. */
  readonly wishes: readonly {
    readonly host: OwnerId;
    readonly sizeBytes: bigint;
    readonly set: string | undefined;
  }[];
  readonly paid: readonly { readonly issuer: OwnerId; readonly units: bigint }[];
};

/** A friend who says so would keep it for notes. */
const NO_ROOM: ReadonlySet<DenialCode> = new Set([
  'over-share',
  'quota',
  'no-space',
  'notes-short',
  'not-yet-shared',
  'no-ground',
  'lent-wanted',
]);
/** Nobody knows how much a set needs that was never kept: a beginning. */
const FIRST_BYTES = 16n * UNIT_BYTES;
/** A set that has grown goes on growing: an eighth of what it has written is room for a while. */
const AHEAD_PART = 8n;

export function needsIn({ friends, sets, holdings, wishes, paid }: Seen): readonly FriendNeed[] {
  return friends.map(({ owner, name, isThere, mayAskBytes }) => {
    let grownBytes = 0n;
    let refusedBytes = 0n;
    const counted = new Set<string>();
    for (const set of sets) {
      if (!set.hosts.includes(owner)) continue;
      const kept = holdings.filter((each) => each.host === owner && each.set === set.name);
      const heldBytes = kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0n);
      const shortBytes = shortOf(set, { name, heldBytes });
      if (shortBytes > 0n) counted.add(set.name);
      else grownBytes += aheadOf(kept);
      refusedBytes += shortBytes;
    }
    for (const { host, set, sizeBytes } of wishes)
      if (host === owner && (set === undefined || !counted.has(set))) refusedBytes += sizeBytes;
    // Nobody is asked for notes for what he gives without them.
    if (mayAskBytes !== undefined && grownBytes > mayAskBytes)
      refusedBytes += grownBytes - mayAskBytes;
    const paidUnits = paid.find(({ issuer }) => issuer === owner)?.units ?? 0n;
    return { friend: owner, refusedBytes, paidUnits, isThere };
  });
}

/** What a set will soon want beyond the plots it has: it is asked for before a backup fails for it. */
function aheadOf(kept: Seen['holdings']): bigint {
  const heldBytes = kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0n);
  const writtenBytes = kept.reduce((sum, each) => sum + each.writtenBytes, 0n);
  const wantedBytes = writtenBytes + writtenBytes / AHEAD_PART - heldBytes;
  return wantedBytes > 0n ? wantedBytes : 0n;
}

/** What a set lacks at a friend who has refused it room. */
function shortOf(
  { lastBytes, lastFault }: SetSeen,
  { name, heldBytes }: { readonly name: string; readonly heldBytes: bigint },
): bigint {
  const { denial = '', friend, requestedBytes = '' } = lastFault?.params ?? {};
  const isRefused = isDenialCode(denial) && NO_ROOM.has(denial) && friend === name;
  if (!isRefused) return 0n;
  const asked = parseBytes(requestedBytes) ?? 0n;
  const grown = (lastBytes ?? 0n) - heldBytes;
  const most = asked > grown ? asked : grown;
  return most > 0n ? most : FIRST_BYTES;
}
