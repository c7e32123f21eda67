import type { SpaceView } from '../../shared/contract/space-views.ts';

/** Where the space went, as lines that add up to the offer. Pure. */
export type SpaceLine = {
  readonly id:
    | 'data'
    | 'arriving'
    | 'leaving'
    | 'overhead'
    | 'on-disk'
    | 'promised'
    | 'outstanding'
    | 'free'
    | 'uncounted'
    | 'out-of-reach'
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
  // What lies there is counted in blocks, what is promised in the bytes that friends asked for.
  const rest = offer - onDisk - promised - outstanding - free;
  return [
    part('data', BigInt(space.dataBytes)),
    part('arriving', BigInt(space.arrivingBytes)),
    part('leaving', BigInt(space.leavingBytes)),
    part('overhead', BigInt(space.overheadBytes)),
    { id: 'on-disk', bytes: onDisk, kind: 'sum', hasHint: true },
    part('promised', promised),
    part('outstanding', outstanding),
    part('free', free),
    ...(rest === 0n
      ? []
      : [{ ...part(rest < 0n ? 'uncounted' : 'out-of-reach', rest), hasHint: true }]),
    { id: 'offer', bytes: offer, kind: 'sum', hasHint: false },
  ];
}

function part(id: SpaceLine['id'], bytes: bigint): SpaceLine {
  return { id, bytes, kind: 'part', hasHint: false };
}
