import type { SpaceView } from '../../shared/contract/space-views.ts';

/** Where the space went, as lines that add up to the offer. Pure. */
export type SpaceLine = {
  readonly id:
    | 'data'
    | 'trash'
    | 'arriving'
    | 'leaving'
    | 'overhead'
    | 'on-disk'
    | 'promised'
    | 'outstanding'
    | 'free'
    | 'uncounted'
    | 'out-of-reach'
    | 'beyond'
    | 'offer';
  readonly bytes: bigint;
  /** `sum`: of the lines above it. */
  readonly kind: 'part' | 'sum';
  /** A sentence stands below it. */
  readonly hasHint: boolean;
};

export function spaceLines(space: SpaceView): readonly SpaceLine[] {
  const onDisk = BigInt(space.onDiskBytes);
  const promised = BigInt(space.promisedBytes);
  const outstanding = BigInt(space.outstandingBytes);
  const free = BigInt(space.freeBytes);
  const offer = BigInt(space.offerBytes);
  const trash = BigInt(space.trashBytes);
  // Friends are charged for data only, and for what they have deleted and keep.
  const uncounted = onDisk - BigInt(space.dataBytes) - trash;
  const rest = offer - onDisk + uncounted - promised - outstanding - free;
  return [
    part('data', BigInt(space.dataBytes)),
    ...(trash === 0n ? [] : [part('trash', trash)]),
    part('arriving', BigInt(space.arrivingBytes)),
    part('leaving', BigInt(space.leavingBytes)),
    part('overhead', BigInt(space.overheadBytes)),
    { id: 'on-disk', bytes: onDisk, kind: 'sum', hasHint: true },
    part('promised', promised),
    part('outstanding', outstanding),
    part('free', free),
    ...explained('uncounted', -uncounted),
    ...explained(rest < 0n ? 'beyond' : 'out-of-reach', rest),
    { id: 'offer', bytes: offer, kind: 'sum', hasHint: false },
  ];
}

/** What makes the figures meet, if there is any of it. */
function explained(id: SpaceLine['id'], bytes: bigint): readonly SpaceLine[] {
  return bytes === 0n ? [] : [{ ...part(id, bytes), hasHint: true }];
}

function part(id: SpaceLine['id'], bytes: bigint): SpaceLine {
  return { id, bytes, kind: 'part', hasHint: false };
}
