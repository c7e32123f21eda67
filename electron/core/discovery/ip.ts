/**
 * Internet addresses as numbers, as far as telling networks apart needs them. Text that is no address
 * is `undefined`: what is parsed here has often come from others.
 */
export type Ip = { readonly family: 4 | 6; readonly value: bigint };

const BITS = { 4: 32, 6: 128 } as const;
const HEXTETS = 8;

/** Zones (`%eth0`) are no part of an address and are left out. */
export function parseIp(text: string): Ip | undefined {
  if (text.length > LONGEST) return undefined;
  const [bare = ''] = text.split('%');
  return bare.includes(':') ? parse6(bare) : parse4(bare);
}

/** The longest address, with a zone. */
const LONGEST = 80;

function parse4(text: string): Ip | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return { family: 4, value };
}

function parse6(text: string): Ip | undefined {
  const dotted = /^(.*:)([0-9.]+)$/.exec(text);
  if (dotted?.[2]?.includes('.') === true) {
    const tail = parse4(dotted[2]);
    if (tail === undefined) return undefined;
    const [high, low] = [tail.value >> 16n, tail.value & 0xffffn];
    return parse6(`${dotted[1]}${high.toString(16)}:${low.toString(16)}`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [before, after] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const given = [...(before ?? []), ...(after ?? [])];
  if (!given.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) return undefined;
  const missing = HEXTETS - given.length;
  if (after === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...(before ?? []), ...Array.from({ length: missing }, () => '0'), ...(after ?? [])];
  return { family: 6, value: all.reduce((sum, part) => (sum << 16n) | BigInt(`0x${part}`), 0n) };
}

/** Whether both lie in one network whose addresses share that many leading bits. */
export function isWithin(address: Ip, network: Ip, prefix: number): boolean {
  if (address.family !== network.family) return false;
  const shift = BigInt(Math.max(0, BITS[network.family] - prefix));
  return address.value >> shift === network.value >> shift;
}

/** The first or last address of its network, which no device has; such networks of two have neither. */
export function isNobodys({ family, value }: Ip, prefix: number): boolean {
  if (family === 6 || prefix > 30) return false;
  const own = (1n << BigInt(32 - prefix)) - 1n;
  return (value & own) === 0n || (value & own) === own;
}

/** `192.168.1.0/24`, `fd00:1:2:3::/64`. */
export function networkText({ family, value }: Ip, prefix: number): string {
  const shift = BigInt(Math.max(0, BITS[family] - prefix));
  const first = (value >> shift) << shift;
  return `${family === 4 ? text4(first) : text6(first)}/${prefix}`;
}

export function text4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
}

/** Zeros at the end are left out: the first address of a network has no others worth the trouble. */
function text6(value: bigint): string {
  const parts = Array.from({ length: HEXTETS }, (_, index) =>
    ((value >> BigInt(16 * (HEXTETS - 1 - index))) & 0xffffn).toString(16),
  );
  while (parts.at(-1) === '0') parts.pop();
  return parts.length === HEXTETS ? parts.join(':') : `${parts.join(':')}::`;
}

export function isLinkLocal({ family, value }: Ip): boolean {
  return family === 4 ? value >> 16n === 0xa9fen : value >> 118n === 0x3fan;
}
