import type { DnsMessage, DnsRecord } from '../ports.ts';

/** Between decoded packets of `multicast-dns` and our own messages. What comes in is untrusted. */

/** As much of a packet as is looked at. */
const RECORDS_MAX = 200;
const QUESTIONS_MAX = 100;

export type RawPacket = {
  readonly type?: unknown;
  readonly opcode?: unknown;
  readonly questions?: unknown;
  readonly answers?: unknown;
  readonly additionals?: unknown;
};

/** Undefined: nothing that anybody here would understand. */
export function messageOf(packet: RawPacket): DnsMessage | undefined {
  if (packet.opcode !== undefined && packet.opcode !== 'QUERY') return undefined;
  if (packet.type === 'query') {
    const questions = listOf(packet.questions)
      .slice(0, QUESTIONS_MAX)
      .flatMap(({ name, type }) =>
        typeof name === 'string' && typeof type === 'string' ? [{ name, type }] : [],
      );
    return { kind: 'query', questions };
  }
  if (packet.type !== 'response') return undefined;
  const records = [...listOf(packet.answers), ...listOf(packet.additionals)]
    .slice(0, RECORDS_MAX)
    .flatMap((raw) => recordOf(raw) ?? []);
  return { kind: 'response', records };
}

type Raw = Readonly<Record<string, unknown>>;

function listOf(value: unknown): readonly Raw[] {
  return Array.isArray(value) ? value.filter(isRaw) : [];
}

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null;
}

function recordOf({ type, name, ttl, data }: Raw): DnsRecord | undefined {
  if (typeof name !== 'string' || typeof ttl !== 'number') return undefined;
  const common = { name, ttlS: ttl };
  if (type === 'PTR' && typeof data === 'string') return { type, ...common, target: data };
  if ((type === 'A' || type === 'AAAA') && typeof data === 'string')
    return { type, ...common, address: data };
  if (type === 'TXT') {
    const texts = Array.isArray(data) ? data : [data];
    return { type, ...common, texts: texts.filter((text) => text instanceof Uint8Array) };
  }
  if (type !== 'SRV' || !isRaw(data)) return undefined;
  const { target, port } = data;
  if (typeof target !== 'string' || typeof port !== 'number') return undefined;
  return { type, ...common, target, port };
}

type Sent = { readonly name: string; readonly ttl: number; readonly flush?: boolean };
export type SentRecord =
  | (Sent & { readonly type: 'PTR' | 'A' | 'AAAA'; readonly data: string })
  | (Sent & { readonly type: 'TXT'; readonly data: Buffer[] })
  | (Sent & {
      readonly type: 'SRV';
      readonly data: { readonly target: string; readonly port: number };
    });

/** Of a name's own records there is one version: whoever has an older one forgets it (RFC 6762 §10.2). */
export function sentRecord(record: DnsRecord): SentRecord {
  const { name, ttlS: ttl } = record;
  switch (record.type) {
    case 'PTR':
      return { type: 'PTR', name, ttl, data: record.target };
    case 'SRV':
      return {
        type: 'SRV',
        name,
        ttl,
        flush: true,
        data: { target: record.target, port: record.port },
      };
    case 'TXT':
      return {
        type: 'TXT',
        name,
        ttl,
        flush: true,
        data: record.texts.map((text) => Buffer.from(text)),
      };
    default:
      return { type: record.type, name, ttl, flush: true, data: record.address };
  }
}
