import type { MachineKind } from '../../../shared/model/machine.ts';
import type { DnsMessage, DnsRecord, Link } from '../ports.ts';
import type { Tag } from './tag.ts';

/** What this device says about itself by multicast DNS (RFC 6762, 6763; PROTOCOL, "Discovery"). */

export const SERVICE = '_allotment._tcp.local';
/** Under this name whoever browses for everything finds the kinds of services there are. */
const ALL_SERVICES = '_services._dns-sd._udp.local';
export const ADVERT_VERSION = '1';
/** How long others may believe it without hearing it again. */
export const ADVERT_TTL_S = 120;

/** A text of a TXT record: one byte counts the others. */
const TEXT_BYTES_MAX = 255;
const QUESTIONS_READ_MAX = 50;

export type Self = {
  readonly tag: Tag;
  readonly name: string;
  readonly kind: MachineKind;
  readonly port: number;
};

export const question: DnsMessage = {
  kind: 'query',
  questions: [{ name: SERVICE, type: 'PTR' }],
};

/**
 * Everything about this device in one message, with the addresses of the link that it is sent on and
 * no others. The name is the tag: nothing stays the same, and devices of one name don't clash.
 */
export function announcement(
  { tag, name, kind, port }: Self,
  addresses: Link['addresses'],
): Extract<DnsMessage, { kind: 'response' }> {
  const [instance, target, ttlS] = [`${tag}.${SERVICE}`, `${tag}.local`, ADVERT_TTL_S];
  const texts = [`v=${ADVERT_VERSION}`, `n=${name}`, `k=${kind}`, `t=${tag}`].map(fitted);
  return {
    kind: 'response',
    records: [
      { type: 'PTR', name: SERVICE, ttlS, target: instance },
      { type: 'SRV', name: instance, ttlS, target, port },
      { type: 'TXT', name: instance, ttlS, texts },
      ...addresses.map(
        ({ address, family }): DnsRecord => ({
          type: family === 4 ? 'A' : 'AAAA',
          name: target,
          ttlS,
          address,
        }),
      ),
      { type: 'PTR', name: ALL_SERVICES, ttlS, target: SERVICE },
    ],
  };
}

/** Nobody need wait for the time to run out. */
export function goodbye(tag: Tag): Extract<DnsMessage, { kind: 'response' }> {
  const target = `${tag}.${SERVICE}`;
  return { kind: 'response', records: [{ type: 'PTR', name: SERVICE, ttlS: 0, target }] };
}

/** Whether a query asks for anything that the announcement of `tag` answers. */
export function isAskedFor(message: DnsMessage, tag: Tag): boolean {
  if (message.kind !== 'query') return false;
  return message.questions.slice(0, QUESTIONS_READ_MAX).some(({ name, type }) => {
    const types = answerable(name.toLowerCase(), tag);
    return types.includes(type) || (type === 'ANY' && types.length > 0);
  });
}

function answerable(name: string, tag: Tag): readonly string[] {
  if (name === SERVICE || name === ALL_SERVICES) return ['PTR'];
  if (name === `${tag}.${SERVICE}`) return ['SRV', 'TXT'];
  return name === `${tag}.local` ? ['A', 'AAAA'] : [];
}

/** As many whole characters as fit. */
function fitted(text: string): Uint8Array {
  const room = new Uint8Array(TEXT_BYTES_MAX);
  const { written } = new TextEncoder().encodeInto(text, room);
  return room.subarray(0, written);
}
