import { type MachineKind, machineKindOf } from '../../../shared/model/machine.ts';
import { personName } from '../../../shared/wire/messages.ts';
import type { DnsMessage, DnsRecord } from '../ports.ts';
import { ADVERT_TTL_S, ADVERT_VERSION, SERVICE } from './adverts.ts';
import { TAG, type Tag } from './tag.ts';

/**
 * What others say of themselves. Anybody on the network can send anything, so the work for one message
 * has a bound, what is not exactly as it should be is left out, and nothing here ever throws.
 */
export type Advert = {
  readonly tag: Tag;
  readonly name: string;
  readonly kind: MachineKind;
  readonly port: number;
  readonly ttlS: number;
  /** Addresses as text, neither parsed nor believed yet. */
  readonly hosts: readonly string[];
};

export type Adverts = {
  readonly adverts: readonly Advert[];
  /** Tags that say they are no longer there. */
  readonly goodbyes: readonly Tag[];
};

/** A device speaks of itself, and a helper that repeats for others (a reflector) of a few. */
const RECORDS_READ_MAX = 100;
const ADVERTS_MAX = 8;
const HOSTS_MAX = 8;
const TEXTS_READ_MAX = 16;
const TEXT_BYTES_MAX = 255;
/** Whoever claims less would come and go all the time. */
const TTL_S_MIN = 10;
const SUFFIX = `.${SERVICE}`;

const NO_ADVERTS: Adverts = { adverts: [], goodbyes: [] };

export function readAdverts(message: DnsMessage): Adverts {
  if (message.kind !== 'response') return NO_ADVERTS;
  const pile = sorted(message.records.slice(0, RECORDS_READ_MAX));
  const goodbyes = [...pile.tags].filter((tag) => pile.gone.has(tag));
  const adverts = [...pile.tags].flatMap((tag) => {
    const advert = pile.gone.has(tag) ? undefined : assembled(tag, pile);
    return advert === undefined ? [] : [advert];
  });
  return { adverts, goodbyes };
}

type Pile = {
  readonly tags: ReadonlySet<Tag>;
  readonly gone: ReadonlySet<Tag>;
  readonly services: ReadonlyMap<Tag, Extract<DnsRecord, { type: 'SRV' }>>;
  readonly texts: ReadonlyMap<Tag, Extract<DnsRecord, { type: 'TXT' }>>;
  readonly hosts: ReadonlyMap<string, readonly string[]>;
};

function sorted(records: readonly DnsRecord[]): Pile {
  const tags = new Set<Tag>();
  const gone = new Set<Tag>();
  const services = new Map<Tag, Extract<DnsRecord, { type: 'SRV' }>>();
  const texts = new Map<Tag, Extract<DnsRecord, { type: 'TXT' }>>();
  const hosts = new Map<string, string[]>();
  const noted = (tag: Tag | undefined): tag is Tag => {
    if (tag === undefined || (!tags.has(tag) && tags.size >= ADVERTS_MAX)) return false;
    tags.add(tag);
    return true;
  };
  for (const record of records) {
    const name = record.name.toLowerCase();
    if (record.type === 'PTR') {
      const tag = name === SERVICE ? tagOf(record.target.toLowerCase()) : undefined;
      if (noted(tag) && record.ttlS === 0) gone.add(tag);
    } else if (record.type === 'SRV') {
      const tag = tagOf(name);
      if (!noted(tag)) continue;
      if (record.ttlS === 0) gone.add(tag);
      else services.set(tag, record);
    } else if (record.type === 'TXT') {
      const tag = tagOf(name);
      if (tag !== undefined && record.ttlS > 0) texts.set(tag, record);
    } else {
      const known = hosts.get(name);
      if (known === undefined) hosts.set(name, [record.address]);
      else if (known.length < HOSTS_MAX) known.push(record.address);
    }
  }
  return { tags, gone, services, texts, hosts };
}

/** A name of our service whose own part is exactly a tag; a dot that was escaped is no tag's. */
function tagOf(name: string): Tag | undefined {
  if (!name.endsWith(SUFFIX)) return undefined;
  const tag = name.slice(0, -SUFFIX.length);
  return TAG.test(tag) ? tag : undefined;
}

function assembled(tag: Tag, { services, texts, hosts }: Pile): Advert | undefined {
  const service = services.get(tag);
  const said = texts.get(tag);
  if (service === undefined || said === undefined) return undefined;
  if (!Number.isInteger(service.port) || service.port < 1 || service.port > 65_535)
    return undefined;
  const words = wordsOf(said.texts);
  const name = personName.safeParse(words.get('n'));
  if (!name.success || words.get('v') !== ADVERT_VERSION || words.get('t') !== tag)
    return undefined;
  return {
    tag,
    name: name.data,
    kind: machineKindOf(words.get('k')),
    port: service.port,
    // No number at all counts as the least.
    ttlS: Math.min(Math.max(service.ttlS || 0, TTL_S_MIN), ADVERT_TTL_S),
    hosts: hosts.get(service.target.toLowerCase()) ?? [],
  };
}

/** `key=value` texts; of two with one key the first counts (RFC 6763 §6.4). */
function wordsOf(texts: readonly Uint8Array[]): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  for (const bytes of texts.slice(0, TEXTS_READ_MAX)) {
    const text = bytes.length > TEXT_BYTES_MAX ? undefined : decoded(bytes);
    const at = text?.indexOf('=') ?? -1;
    if (text === undefined || at < 1) continue;
    const key = text.slice(0, at).toLowerCase();
    if (!words.has(key)) words.set(key, text.slice(at + 1));
  }
  return words;
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
