/**
 * One device of a friend: whether it is there, and when it is called next. Pure: what happened and the
 * time in, the next state out. Times are of the monotonic clock.
 */
export type DeviceState = {
  readonly state: 'unknown' | 'online' | 'away';
  readonly trouble: Trouble | null;
  /** Calls in a row that came to nothing, in this state. */
  readonly failures: number;
  /** Calls that a mere sighting brought about since the last contact. */
  readonly vain: number;
  readonly calling: boolean;
  /** When the last call began. */
  readonly lastCallMs: number;
  /** When a call was last wanted to prove an address that its own call came from. */
  readonly doubtedMs: number;
  /** When the next one is to begin; of a call under way that is earlier than its end: it is begun anew. */
  readonly dueMs: number;
  /** It goes before those that are merely due. */
  readonly urgent: boolean;
  /** Somebody waits for how the next call ends, whatever is heard of the device before. */
  readonly wanted: boolean;
  /** It said during the call under way that it goes: the answer may be older than that. */
  readonly gone: boolean;
};

export type Trouble = 'no-address' | 'unreachable' | 'wrong-key' | 'not-friends' | 'revoked';

export type PresenceEvent =
  /** A call begins. */
  | { readonly type: 'calls' }
  /** The device's key answered our call; `goes`: only to say that it goes. */
  | { readonly type: 'answered'; readonly goes?: boolean }
  | { readonly type: 'failed'; readonly trouble: Trouble }
  /** A call was given up for another one. */
  | { readonly type: 'dropped' }
  /** The device called us; `proved`: we know already that it is reached where it says. */
  | { readonly type: 'heard'; readonly proved: boolean }
  /** It said that it goes. */
  | { readonly type: 'goes' }
  /** It announced itself; `moved`: not where it was reached last. Unproved. */
  | { readonly type: 'sighted'; readonly moved: boolean }
  | { readonly type: 'lost' }
  /** Networks changed, or this computer woke. */
  | { readonly type: 'look' }
  /** A person wants to know, or another address was learnt. */
  | { readonly type: 'wanted' }
  /** There is news for it. */
  | { readonly type: 'news' };

export type At = {
  readonly nowMs: number;
  /** From 0 to 1, another one each time. */
  readonly chance: number;
};

/** Whatever is sighted: a device is called at most once in this time. */
export const GAP_MS = 1000;
export const REFRESH_MS = 300_000;
const NEWS_GAP_MS = 5000;
/** One missed answer is a lost packet; three are an absence. */
const ONLINE_RETRIES_MS = [2000, 5000] as const;
const AWAY_FIRST_MS = 1000;
const AWAY_MOST_MS = 300_000;
/** Spread over this time when all are to be looked at, so that they aren't called in one breath. */
const LOOK_SPREAD_MS = 300;
/** Whoever said goodbye is not asked at once whether he meant it. */
const GONE_FAILURES = 6;
/** So many sightings that led nowhere, and the next have to wait: they may be somebody's noise. */
const VAIN_MAX = 10;
const VAIN_GAP_MS = 30_000;
/** A friend who claims ever new addresses does not make us call there more often than this. */
const PROVE_GAP_MS = 60_000;

const NEVER = Number.POSITIVE_INFINITY;

/** Before anything was tried. */
export function unknownDevice(at: At): DeviceState {
  return {
    state: 'unknown',
    trouble: null,
    failures: 0,
    vain: 0,
    calling: false,
    lastCallMs: Number.NEGATIVE_INFINITY,
    doubtedMs: Number.NEGATIVE_INFINITY,
    dueMs: at.nowMs + at.chance * LOOK_SPREAD_MS,
    urgent: false,
    wanted: false,
    gone: false,
  };
}

export function nextState(now: DeviceState, event: PresenceEvent, at: At): DeviceState {
  switch (event.type) {
    case 'calls':
      return {
        ...now,
        calling: true,
        lastCallMs: at.nowMs,
        dueMs: NEVER,
        vain: now.urgent && now.state !== 'online' ? now.vain + 1 : now.vain,
        urgent: false,
        gone: false,
      };
    case 'answered':
      return {
        ...(event.goes === true || now.gone ? leaves(now, at) : present(now, at)),
        calling: false,
      };
    case 'failed':
      return failedCall(now, event.trouble, at);
    case 'dropped':
      return { ...now, calling: false, dueMs: Math.min(now.dueMs, at.nowMs + GAP_MS) };
    case 'heard':
      return stillWanted(now, heard(now, event.proved, at));
    case 'goes':
      return stillWanted(now, { ...leaves(now, at), gone: now.calling });
    case 'sighted':
      return sighted(now, event.moved, at);
    case 'lost':
      return now.state === 'online' ? sooner(now, at.nowMs) : now;
    case 'look':
      return { ...sooner(now, at.nowMs + at.chance * LOOK_SPREAD_MS), ...fresh(now) };
    case 'wanted':
      // A call under way is what is wanted.
      return now.calling
        ? { ...now, wanted: true }
        : { ...sooner(now, at.nowMs), ...fresh(now), urgent: true, wanted: true };
    case 'news':
      return now.state === 'online' && !now.calling
        ? sooner(now, Math.max(at.nowMs, now.lastCallMs + NEWS_GAP_MS))
        : now;
    default:
      return event satisfies never;
  }
}

/** What a device says by itself puts off a call that is merely due, not one that somebody waits for. */
function stillWanted(before: DeviceState, now: DeviceState): DeviceState {
  if (!before.wanted) return now;
  return {
    ...now,
    wanted: true,
    urgent: before.urgent,
    dueMs: before.calling ? now.dueMs : Math.min(now.dueMs, before.dueMs),
  };
}

/** What was found out about an absence no longer counts; a presence keeps its count. */
function fresh({ state, failures }: DeviceState): Pick<DeviceState, 'failures' | 'vain'> {
  return { failures: state === 'online' ? failures : 0, vain: 0 };
}

function present(now: DeviceState, at: At): DeviceState {
  return {
    ...now,
    state: 'online',
    trouble: null,
    failures: 0,
    vain: 0,
    dueMs: notBefore(now, at.nowMs + jittered(REFRESH_MS, at)),
    urgent: false,
    wanted: false,
    gone: false,
  };
}

function leaves(now: DeviceState, at: At): DeviceState {
  return {
    ...now,
    state: 'away',
    trouble: null,
    failures: GONE_FAILURES,
    dueMs: notBefore(now, at.nowMs + jittered(backOffMs(GONE_FAILURES), at)),
    urgent: false,
    wanted: false,
    gone: false,
  };
}

/** A call of theirs says as much as an answer; whoever refreshes first spares the other one the call. */
function heard(now: DeviceState, proved: boolean, at: At): DeviceState {
  const there = present(now, at);
  if (now.calling) return { ...there, dueMs: NEVER };
  // Another call of theirs doesn't answer what the first one left open.
  const isOpen = now.doubtedMs > now.lastCallMs;
  if (proved) return isOpen ? sooner(there, now.doubtedMs + GAP_MS) : there;
  const isPlanned = now.doubtedMs > at.nowMs;
  const doubtedMs = isPlanned ? now.doubtedMs : Math.max(at.nowMs, now.doubtedMs + PROVE_GAP_MS);
  return { ...sooner(there, doubtedMs + GAP_MS), doubtedMs };
}

function sighted(now: DeviceState, moved: boolean, at: At): DeviceState {
  if (now.state === 'online' && !moved) return now;
  const isNoise = now.vain >= VAIN_MAX;
  const failures = isNoise || now.state === 'online' ? now.failures : 0;
  const soonMs = Math.max(at.nowMs, now.lastCallMs + (isNoise ? VAIN_GAP_MS : GAP_MS));
  return { ...sooner(now, soonMs), failures, urgent: true };
}

function failedCall(now: DeviceState, trouble: Trouble, at: At): DeviceState {
  const failures = now.failures + 1;
  const retryMs = ONLINE_RETRIES_MS[failures - 1];
  // A refusal is an answer: it doesn't get better by asking again at once.
  const isRefusal = trouble === 'not-friends' || trouble === 'revoked';
  if (now.state === 'online' && retryMs !== undefined && !isRefusal)
    return ended(now, { failures, waitMs: retryMs }, at);
  const fails = now.state === 'online' ? 1 : failures;
  const waitMs = trouble === 'no-address' ? NEVER : jittered(backOffMs(fails), at);
  return { ...ended(now, { failures: fails, waitMs }, at), state: 'away', trouble };
}

function ended(
  now: DeviceState,
  { failures, waitMs }: { readonly failures: number; readonly waitMs: number },
  at: At,
): DeviceState {
  // What came up during the call and is sooner stands.
  const dueMs = Math.min(now.dueMs, notBefore(now, at.nowMs + waitMs));
  return { ...now, failures, calling: false, wanted: false, dueMs };
}

function backOffMs(failures: number): number {
  return Math.min(AWAY_FIRST_MS * 2 ** (failures - 1), AWAY_MOST_MS);
}

function jittered(ms: number, { chance }: At): number {
  return ms * (0.8 + 0.4 * chance);
}

function sooner(now: DeviceState, ms: number): DeviceState {
  return { ...now, dueMs: Math.min(now.dueMs, notBefore(now, ms)) };
}

function notBefore({ lastCallMs }: DeviceState, ms: number): number {
  return Math.max(ms, lastCallMs + GAP_MS);
}
