import type { DeviceId } from '../../../shared/ids.ts';
import { ADDRESSES_MAX } from './reach.ts';
import type { Advert } from './read-adverts.ts';
import type { Tag } from './tag.ts';

/**
 * Who was heard lately, in bounds that no flood of names can move: so many in all, so many from one
 * address, so many addresses of one device. What cannot get in pushes nobody out who is a friend or
 * has answered. Nothing in here is believed; a place is where one may ask.
 */
export const SIGHTINGS_MAX = 64;
export const FROM_ONE_SOURCE_MAX = 8;
const SOURCES_MAX = 4;

/** Of whom a tag is: a friend's device, this one itself, or nobody's that is known. */
export type Whose = (tag: Tag) => DeviceId | 'self' | undefined;

/** On which link a packet came, from where, and which places it makes worth a call. */
export type HeardAt = {
  readonly interfaceName: string;
  readonly network: string;
  readonly from: string;
  readonly places: readonly string[];
};

/** What a call brought: the device whose key answered, or nothing. */
export type Answer = DeviceId | 'silent' | 'self';

export type Sighting = {
  readonly key: string;
  /** The friend's device that it seems to be, by its tag or by the key that answered. */
  readonly friend: DeviceId | undefined;
  readonly tag: Tag;
  readonly name: string;
  readonly kind: Advert['kind'];
  readonly network: string;
  readonly from: string;
  readonly places: readonly string[];
  readonly answer: Answer | undefined;
};

export type Sightings = {
  /** True: something that can be seen is not as it was. */
  readonly hear: (advert: Advert, at: HeardAt, nowMs: number) => boolean;
  /** Believed only from where it was announced. */
  readonly goodbye: (tag: Tag, from: string) => boolean;
  /** Lets go of what has not been heard for too long. */
  readonly expire: (nowMs: number) => boolean;
  readonly dropLink: (interfaceName: string) => boolean;
  /** Whatever is not heard again by then is gone. */
  readonly doubt: (untilMs: number) => void;
  readonly answered: (key: string, answer: Answer) => boolean;
  /** Asks anew whose the tags are: friends or the day have changed. */
  readonly recognise: () => boolean;
  readonly list: () => readonly Sighting[];
  /** Of those on a link: the earliest that any was heard last, and will be forgotten. */
  readonly agesOn: (
    interfaceName: string,
  ) => { readonly heardMs: number; readonly expiresMs: number } | undefined;
};

type Source = HeardAt & {
  readonly advert: Advert;
  readonly firstMs: number;
  readonly heardMs: number;
  readonly expiresMs: number;
};
type Entry = {
  friend: DeviceId | undefined;
  answer: Answer | undefined;
  /** By link and sender, the first one first: it is the one whose name counts. */
  readonly sources: Map<string, Source>;
};

export function createSightings({
  whose,
  isFriend,
}: {
  readonly whose: Whose;
  readonly isFriend: (device: DeviceId) => boolean;
}): Sightings {
  const entries = new Map<string, Entry>();

  function entryOf(tag: Tag): Entry | undefined {
    const friend = whose(tag);
    const known = friend === undefined || friend === 'self' ? undefined : entries.get(friend);
    return known ?? byTag(tag);
  }

  /** A friend whose clock is far off is kept under the device that answered, and heard by his tag. */
  function byTag(tag: Tag): Entry | undefined {
    const own = entries.get(tag);
    if (own !== undefined) return own;
    for (const entry of entries.values())
      if (entry.friend !== undefined && hasTag(entry, tag)) return entry;
    return undefined;
  }

  /** By the tag, or else by the key that answered. */
  function friendOf({ answer }: Entry, tag: Tag): DeviceId | undefined {
    const friend = whose(tag);
    if (friend !== undefined && friend !== 'self') return friend;
    if (answer === undefined || answer === 'silent' || answer === 'self') return undefined;
    return isFriend(answer) ? answer : undefined;
  }

  /** Makes room for one more if that costs nobody who matters more. */
  function admit(from: string, friend: DeviceId | undefined): boolean {
    if (friend === undefined && countFrom(entries, from) >= FROM_ONE_SOURCE_MAX) return false;
    if (entries.size < SIGHTINGS_MAX) return true;
    let least = rankOf({ friend, answer: undefined });
    let key: string | undefined;
    for (const [each, entry] of entries)
      if (rankOf(entry) < least) [key, least] = [each, rankOf(entry)];
    return key !== undefined && entries.delete(key);
  }

  function remove(isOver: (source: Source) => boolean): boolean {
    let changed = false;
    for (const [key, entry] of entries) {
      for (const [place, source] of entry.sources)
        if (isOver(source)) changed = entry.sources.delete(place);
      if (entry.sources.size === 0) entries.delete(key);
    }
    return changed;
  }

  /** Two that turn out to be one device are one from then on. */
  function move(key: string, entry: Entry, to: string): void {
    entries.delete(key);
    const there = entries.get(to);
    if (there === undefined) entries.set(to, entry);
    else
      for (const [place, source] of entry.sources)
        if (there.sources.size < SOURCES_MAX || there.sources.has(place))
          there.sources.set(place, source);
  }

  return {
    hear: (advert, at, nowMs) => {
      const friend = whose(advert.tag);
      if (friend === 'self' || at.places.length === 0) return false;
      let entry = entryOf(advert.tag);
      if (entry === undefined) {
        if (!admit(at.from, friend)) return false;
        entry = { friend, answer: undefined, sources: new Map() };
        entries.set(friend ?? advert.tag, entry);
      }
      const place = `${at.interfaceName} ${at.from}`;
      const before = entry.sources.get(place);
      if (before === undefined && entry.sources.size >= SOURCES_MAX) return false;
      entry.sources.set(place, {
        ...at,
        advert,
        firstMs: before?.firstMs ?? nowMs,
        heardMs: nowMs,
        expiresMs: nowMs + advert.ttlS * 1000,
      });
      return before === undefined || !isSame(before, advert, at);
    },
    goodbye: (tag, from) => remove((source) => source.advert.tag === tag && source.from === from),
    expire: (nowMs) => remove(({ expiresMs }) => expiresMs <= nowMs),
    dropLink: (interfaceName) => remove((source) => source.interfaceName === interfaceName),
    doubt: (untilMs) => {
      for (const { sources } of entries.values())
        for (const [place, source] of sources)
          sources.set(place, { ...source, expiresMs: Math.min(source.expiresMs, untilMs) });
    },
    answered: (key, answer) => {
      const entry = entries.get(key);
      if (entry === undefined || entry.answer === answer) return false;
      entry.answer = answer;
      entry.friend = friendOf(entry, firstOf(entry).advert.tag);
      if (entry.friend !== undefined && entry.friend !== key) move(key, entry, entry.friend);
      return true;
    },
    recognise: () => {
      let changed = false;
      for (const [key, entry] of entries) {
        const { tag } = firstOf(entry).advert;
        const friend = friendOf(entry, tag);
        const next = friend ?? tag;
        if (next === key) continue;
        entry.friend = friend;
        move(key, entry, next);
        changed = true;
      }
      return changed;
    },
    list: () => [...entries].map(([key, entry]) => shown(key, entry)),
    agesOn: (interfaceName) => {
      const there = [...entries.values()]
        .flatMap(({ sources }) => [...sources.values()])
        .filter((source) => source.interfaceName === interfaceName);
      if (there.length === 0) return undefined;
      return {
        heardMs: Math.min(...there.map(({ heardMs }) => heardMs)),
        expiresMs: Math.min(...there.map(({ expiresMs }) => expiresMs)),
      };
    },
  };
}

function hasTag({ sources }: Entry, tag: Tag): boolean {
  for (const { advert } of sources.values()) if (advert.tag === tag) return true;
  return false;
}

function countFrom(entries: ReadonlyMap<string, Entry>, from: string): number {
  let count = 0;
  for (const { friend, sources } of entries.values())
    if (friend === undefined && firstFrom(sources) === from) count += 1;
  return count;
}

function firstFrom(sources: Entry['sources']): string | undefined {
  for (const { from } of sources.values()) return from;
  return undefined;
}

/** Who goes first when room is short: those who did not answer, never a friend. */
function rankOf({ friend, answer }: Pick<Entry, 'friend' | 'answer'>): number {
  if (friend !== undefined) return 3;
  if (answer === undefined) return 1;
  return answer === 'silent' ? 0 : 2;
}

function isSame(before: Source, advert: Advert, at: HeardAt): boolean {
  const { advert: old, places, network } = before;
  return (
    old.tag === advert.tag &&
    old.name === advert.name &&
    old.kind === advert.kind &&
    network === at.network &&
    places.join(' ') === at.places.join(' ')
  );
}

function firstOf({ sources }: Entry): Source {
  const [first] = sources.values();
  if (first === undefined) throw new Error('a sighting without a source');
  return first;
}

function shown(key: string, entry: Entry): Sighting {
  const { advert, network, from } = firstOf(entry);
  return {
    key,
    friend: entry.friend,
    tag: advert.tag,
    name: advert.name,
    kind: advert.kind,
    network,
    from,
    places: placesIn(entry),
    answer: entry.answer,
  };
}

/** One place of each source before second ones; IPv4 first, then where it was heard anew. */
function placesIn({ sources }: Entry): readonly string[] {
  const inOrder = [...sources.values()].sort(
    (one, other) => is6(one) - is6(other) || other.firstMs - one.firstMs,
  );
  const firsts = inOrder.flatMap(({ places }) => places.slice(0, 1));
  const rest = inOrder.flatMap(({ places }) => places.slice(1));
  return [...new Set([...firsts, ...rest])].slice(0, ADDRESSES_MAX);
}

function is6({ from }: Source): number {
  return from.includes(':') ? 1 : 0;
}
