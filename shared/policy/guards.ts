import { largestSizeBytes, promisedBytes, GUARANTEED_LEASE_S } from '../model/plot.ts';
import type { Guards } from '../model/policy.ts';
import type { DenialCode } from '../denial.ts';
import type { Step } from '../model/allocate.ts';
import type { Params } from './decision.ts';
import type { Ask, Facts } from './facts.ts';

/**
 * A guard can only refuse or narrow. `maxBytes` and `maxS` are the most it lets pass; `code` and
 * `params` are what it says when that is not enough. The latter is a function, because most guards let
 * pass, and writing out byte counts costs more than deciding.
 */
export type GuardRuling = {
  readonly by: string;
  readonly maxBytes: bigint;
  readonly maxS: number;
  readonly code: DenialCode;
  readonly params: () => Params;
  /** It lets everything pass, and this is all there is to say of it. */
  readonly open: Step | undefined;
};

const nothing = (): Params => ({});
const UNLIMITED_BYTES = 2n ** 63n;
const UNLIMITED_S = Number.MAX_SAFE_INTEGER;

function openGate(by: string, code: DenialCode): GuardRuling {
  const open: Step = { by, verdict: 'pass' };
  return { by, maxBytes: UNLIMITED_BYTES, maxS: UNLIMITED_S, code, params: nothing, open };
}

/** Nearly all gates are open nearly always, and say the same each time. */
const GATES = {
  known: openGate('known', 'blocked'),
  leaving: openGate('leaving', 'leaving'),
  wellFormed: openGate('well-formed', 'bad-size'),
  pause: openGate('pause', 'paused'),
  quietHours: openGate('quiet-hours', 'quiet-hours'),
  offer: openGate('offer', 'no-offer'),
  volume: openGate('volume', 'volume-missing'),
  count: openGate('count', 'too-many-plots'),
  largest: openGate('largest-request', 'size-too-big'),
  renewing: openGate('stop-renewing', 'stop-renewing'),
} as const;

/** The guards that an allocation must pass, in the order in which they are told. All of them are asked. */
export function judgeGuards(ask: Ask, guards: Guards, facts: Facts): readonly GuardRuling[] {
  const rulings = [
    gate(GATES.known, !facts.blocked),
    gate(GATES.leaving, !facts.leaving),
    gate(GATES.wellFormed, isWellFormed(ask)),
    gate(GATES.pause, guards.paused !== true && !facts.paused),
    quietGuard(guards.quietHours, facts.minuteOfDay),
    gate(GATES.offer, facts.offerBytes !== undefined && facts.offerBytes > 0n),
    gate(GATES.volume, facts.volumePresent),
    gate(
      GATES.count,
      ask.grows !== undefined || facts.plots < (guards.maxPlots ?? PLOTS_MAX_DEFAULT),
    ),
    sizeGuard(guards.maxSize),
    durationGuard(guards.maxDurationS),
    roomGuard(ask, facts),
  ];
  const refused = refusedGuard(ask, guards, facts);
  if (refused !== undefined) rulings.push(refused);
  // A plot that grows gets a lease from now on: where nothing is renewed any more, that would be the way around.
  if (guards.stopRenewing === true && ask.grows !== undefined)
    rulings.push(gate(GATES.renewing, false));
  return rulings;
}

/** Every plot costs a folder and rows whatever its size; nobody's backups need more than this. */
const PLOTS_MAX_DEFAULT = 64;

export function isWellFormed(ask: Ask): boolean {
  return ask.sizeBytes > 0n && ask.minSizeBytes > 0n && ask.minSizeBytes <= ask.sizeBytes;
}

function gate(open: GuardRuling, isOpen: boolean): GuardRuling {
  return isOpen ? open : shut(open, nothing);
}

function shut({ by, code }: GuardRuling, params: () => Params): GuardRuling {
  return { by, maxBytes: 0n, maxS: 0, code, params, open: undefined };
}

function quietGuard(quiet: Guards['quietHours'], minute: number | undefined): GuardRuling {
  if (quiet === undefined || minute === undefined || !isWithin(quiet, minute))
    return GATES.quietHours;
  const { untilMin } = quiet;
  const two = (count: number) => `${count}`.padStart(2, '0');
  const until = `${two(Math.floor(untilMin / 60))}:${two(untilMin % 60)}`;
  return shut(GATES.quietHours, () => ({ until }));
}

/** Over midnight where the beginning is the later of the two; the whole day where they are the same. */
function isWithin(
  { fromMin, untilMin }: NonNullable<Guards['quietHours']>,
  minute: number,
): boolean {
  return fromMin < untilMin
    ? minute >= fromMin && minute < untilMin
    : minute >= fromMin || minute < untilMin;
}

function sizeGuard(maxBytes: bigint | undefined): GuardRuling {
  if (maxBytes === undefined) return GATES.largest;
  return {
    by: 'largest-request',
    maxBytes,
    maxS: UNLIMITED_S,
    code: 'size-too-big',
    params: () => ({ maxBytes: `${maxBytes}` }),
    open: undefined,
  };
}

function durationGuard(maxDurationS: number | undefined): GuardRuling {
  const maxS = maxDurationS ?? GUARANTEED_LEASE_S;
  return {
    by: 'longest-lease',
    maxBytes: UNLIMITED_BYTES,
    maxS,
    code: 'duration-too-long',
    params: () => ({ maxS: `${maxS}` }),
    open: undefined,
  };
}

/** I1: Σ promised + outstanding ≤ C at the moment of every grant; whoever stands in line comes first. */
function roomGuard(ask: Ask, facts: Facts): GuardRuling {
  const freeBytes = positive(
    facts.capacityBytes - facts.promisedBytes - facts.outstandingBytes - facts.lineBytes,
  );
  return {
    by: 'room',
    maxBytes: askableBytes(ask, freeBytes),
    maxS: UNLIMITED_S,
    code: 'no-space',
    params: () => ({ freeBytes: `${freeBytes}` }),
    open: undefined,
  };
}

/**
 * A no of the owner's holds for as much and for more (design §3.1), so no larger amount is named to whoever
 * heard it. What he need not be asked about is not what he said no to.
 */
function refusedGuard(
  ask: Ask,
  { askAboveBytes }: Guards,
  { refusedBytes, approved }: Facts,
): GuardRuling | undefined {
  if (refusedBytes === undefined || askAboveBytes === undefined || approved) return undefined;
  const lessBytes = askableBytes(ask, refusedBytes - 1n);
  return {
    by: 'ask-me',
    maxBytes: lessBytes > askAboveBytes ? lessBytes : askAboveBytes,
    maxS: UNLIMITED_S,
    code: 'owner-said-no',
    params: nothing,
    open: undefined,
  };
}

/**
 * The largest request that `roomBytes` can be charged with: for a new plot its size and working
 * room; for a growing one the difference that growth makes to its promise.
 */
export function askableBytes(ask: Ask, roomBytes: bigint): bigint {
  if (ask.grows === undefined) return largestSizeBytes(roomBytes);
  const presentBytes = ask.grows.sizeBytes;
  return positive(largestSizeBytes(roomBytes + promisedBytes(presentBytes)) - presentBytes);
}

export function positive(bytes: bigint): bigint {
  return bytes > 0n ? bytes : 0n;
}
