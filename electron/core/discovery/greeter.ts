import type { DeviceId } from '../../../shared/ids.ts';
import type { Clock } from '../ports.ts';
import type { Answer, Sighting } from './sightings.ts';

/**
 * Says hello to strangers who were heard, to learn whether anybody is there and whose key answers. A
 * network full of names must not make this device storm at addresses that somebody else chose: few at
 * a time, one new one a second, each at most once a minute, and from each sender one after the other.
 */
const AT_ONCE_MAX = 2;
const BETWEEN_MS = 1000;
const AGAIN_MS = 60_000;

export type Greeter = {
  /** Begins with whoever is next, if it may; called often. */
  readonly look: (sightings: readonly Sighting[]) => void;
  /** Everybody may be greeted again at once. */
  readonly forget: () => void;
};

export function createGreeter({
  hello,
  clock,
  onAnswer,
}: {
  readonly hello: (addresses: readonly string[]) => Promise<DeviceId | undefined>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly onAnswer: (key: string, answer: DeviceId | 'silent') => void;
}): Greeter {
  /** By tag and by sender: when it was greeted last. One a second for a minute are sixty of each. */
  const greetedMs = new Map<string, number>();
  const underWay = new Set<string>();
  let lastMs = Number.NEGATIVE_INFINITY;

  function forgetOld(nowMs: number): void {
    for (const [who, atMs] of greetedMs) if (nowMs - atMs >= AGAIN_MS) greetedMs.delete(who);
  }

  function mayBe({ key, from, friend, answer }: Sighting): boolean {
    if (friend !== undefined || !isOpen(answer)) return false;
    return !greetedMs.has(key) && !underWay.has(from);
  }

  async function greet({ key, from, places }: Sighting, nowMs: number): Promise<void> {
    lastMs = nowMs;
    greetedMs.set(key, nowMs).set(from, nowMs);
    underWay.add(from);
    const device = await hello(places).catch(() => undefined);
    underWay.delete(from);
    onAnswer(key, device ?? 'silent');
  }

  return {
    look: (sightings) => {
      const nowMs = clock.monotonicMs();
      if (underWay.size >= AT_ONCE_MAX || nowMs - lastMs < BETWEEN_MS) return;
      forgetOld(nowMs);
      const since = ({ from }: Sighting) => greetedMs.get(from) ?? Number.NEGATIVE_INFINITY;
      const next = sightings
        .filter(mayBe)
        .sort((one, other) => (since(one) === since(other) ? 0 : since(one) - since(other)))[0];
      if (next !== undefined) void greet(next, nowMs);
    },
    forget: () => {
      greetedMs.clear();
      lastMs = Number.NEGATIVE_INFINITY;
    },
  };
}

/** Whoever answered needs no second call; whoever did not may have come to his senses. */
function isOpen(answer: Answer | undefined): boolean {
  return answer === undefined || answer === 'silent';
}
