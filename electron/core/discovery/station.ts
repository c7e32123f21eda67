import type { Clock, DnsMessage, Link, Multicast, Randomness } from '../ports.ts';
import { announcement, goodbye, isAskedFor, question, type Self } from './adverts.ts';
import { chanceFrom } from './chance.ts';
import type { Tag } from './tag.ts';

/**
 * One link on a network called home: when this device says there that it is here, asks who else is, and
 * answers others who ask. Silent while there is nothing to announce.
 */
export type Station = {
  readonly link: Link;
  readonly network: string;
  /** Called about once a second, and whenever something is due at once. */
  readonly tick: (ages: Ages | undefined) => void;
  /** A query on this link, by anybody; the own one comes back and is answered like any other. */
  readonly heard: (message: DnsMessage) => void;
  /** What is said from now on; undefined: nothing any more. */
  readonly become: (self: Self | undefined) => void;
  readonly stop: (how: 'with a goodbye' | 'silently') => void;
};

/** Of the others on this link: the earliest that any was heard last, and will be forgotten. */
export type Ages = { readonly heardMs: number; readonly expiresMs: number };

const ANNOUNCED_AFTER_MS = [0, 1000, 3000];
const ASKED_AFTER_MS = [0, 1000, 3000, 9000, 27_000];
const ASKED_EVERY_MS = 60_000;
/** So that of many devices one asks first and the others hear its answers. */
const JITTER_MS = 15_000;
/** The same records at most once a second (RFC 6762 §6). */
const SAID_EVERY_MS = 1000;
/** Answers of many devices must not collide (RFC 6762 §6). */
const ANSWER_AFTER_MS = { least: 20, spread: 100 } as const;
/** Whoever would be forgotten soon is asked for, a few times. */
const EXPIRES_SOON_MS = 40_000;
const SOON_ASKED_EVERY_MS = 10_000;

export function openStation({
  link,
  network,
  multicast,
  clock,
  randomness,
}: {
  readonly link: Link;
  readonly network: string;
  readonly multicast: Pick<Multicast, 'send'>;
  readonly clock: Clock;
  readonly randomness: Randomness;
}): Station {
  const { interfaceName, addresses } = link;
  let self: Self | undefined;
  let announceMs: readonly number[] = [];
  let askMs: readonly number[] = [];
  let saidMs = Number.NEGATIVE_INFINITY;
  let askedMs = Number.NEGATIVE_INFINITY;
  let answer: NodeJS.Timeout | undefined;

  function say(gone?: Tag): void {
    clearTimeout(answer);
    answer = undefined;
    if (self === undefined) return;
    saidMs = clock.monotonicMs();
    const message = announcement(self, addresses);
    // Together, so that nobody is without a name in between.
    const bye = gone === undefined ? [] : goodbye(gone).records;
    multicast.send(interfaceName, { ...message, records: [...message.records, ...bye] });
  }

  function ask(): void {
    askedMs = clock.monotonicMs();
    multicast.send(interfaceName, question);
  }

  function isDue(nowMs: number, ages: Ages | undefined): boolean {
    const [next = 0, later] = askMs;
    if (nowMs < next)
      return (
        ages !== undefined &&
        ages.expiresMs - nowMs < EXPIRES_SOON_MS &&
        nowMs - askedMs >= SOON_ASKED_EVERY_MS
      );
    if (later !== undefined) {
      askMs = askMs.slice(1);
      return true;
    }
    // If somebody else asked meanwhile and everybody answered, there is nothing to ask for a while.
    const isFresh = ages !== undefined && nowMs - ages.heardMs < ASKED_EVERY_MS;
    const sinceMs = isFresh ? ages.heardMs : nowMs;
    askMs = [sinceMs + ASKED_EVERY_MS + JITTER_MS * chanceFrom(randomness)];
    return !isFresh;
  }

  function begin(): void {
    const nowMs = clock.monotonicMs();
    announceMs = ANNOUNCED_AFTER_MS.map((after) => nowMs + after);
  }

  function tick(ages: Ages | undefined): void {
    if (self === undefined) return;
    const nowMs = clock.monotonicMs();
    const [next] = announceMs;
    if (next !== undefined && nowMs >= next) {
      announceMs = announceMs.slice(1);
      say();
    }
    if (isDue(nowMs, ages)) ask();
  }

  return {
    link,
    network,
    tick,
    heard: (message) => {
      if (self === undefined || answer !== undefined || !isAskedFor(message, self.tag)) return;
      const nowMs = clock.monotonicMs();
      const afterMs = ANSWER_AFTER_MS.least + ANSWER_AFTER_MS.spread * chanceFrom(randomness);
      answer = setTimeout(() => say(), Math.max(afterMs, saidMs + SAID_EVERY_MS - nowMs));
      answer.unref();
    },
    become: (next) => {
      const before = self;
      if (next === undefined) {
        if (before === undefined) return;
        clearTimeout(answer);
        answer = undefined;
        self = undefined;
        multicast.send(interfaceName, goodbye(before.tag));
        return;
      }
      self = next;
      if (before === undefined) {
        const nowMs = clock.monotonicMs();
        askMs = ASKED_AFTER_MS.map((after) => nowMs + after);
      }
      begin();
      announceMs = announceMs.slice(1);
      say(before !== undefined && before.tag !== next.tag ? before.tag : undefined);
    },
    stop: (how) => {
      clearTimeout(answer);
      if (self !== undefined && how === 'with a goodbye')
        multicast.send(interfaceName, goodbye(self.tag));
      self = undefined;
    },
  };
}
