/**
 * What the systems say of routers: which address leads out of which interface, and which hardware has
 * that address. Words differ with the system's language, so only figures and their places are read.
 */
export type Gateway = {
  /** The interface, by name or by its own address, as the system tells it. */
  readonly at: string;
  readonly gateway: string;
};

export type Neighbour = {
  readonly address: string;
  /** The interface's name; undefined where the table does not say. */
  readonly at: string | undefined;
  readonly hardware: string;
};

const IPV4 = '[0-9]{1,3}(?:\\.[0-9]{1,3}){3}';
const NO_HARDWARE = /^(00(:00){5}|ff(:ff){5})$/;
const COMPLETE = 0x2;
const ROUTE_UP_BY_GATEWAY = 0x3;

/** `/proc/net/route`: hexadecimal in the order of this processor's bytes, which is little on all we run on. */
export function linuxGateways(text: string): readonly Gateway[] {
  return text.split('\n').flatMap((line) => {
    const [at = '', target, gateway = '', flags = '', , , , mask] = line.trim().split(/\s+/);
    if (target !== '00000000' || mask !== '00000000') return [];
    const isGateway = (Number.parseInt(flags, 16) & ROUTE_UP_BY_GATEWAY) === ROUTE_UP_BY_GATEWAY;
    if (!isGateway || !/^[0-9A-F]{8}$/i.test(gateway)) return [];
    const bytes = [6, 4, 2, 0].map((from) => Number.parseInt(gateway.slice(from, from + 2), 16));
    return [{ at, gateway: bytes.join('.') }];
  });
}

/** `/proc/net/arp`. */
export function linuxNeighbours(text: string): readonly Neighbour[] {
  return text.split('\n').flatMap((line) => {
    const [address = '', , flags = '', hardware = '', , at] = line.trim().split(/\s+/);
    const known = normalHardware(hardware);
    if (at === undefined || known === undefined) return [];
    return (Number.parseInt(flags, 16) & COMPLETE) === 0 ? [] : [{ address, at, hardware: known }];
  });
}

/** `/proc/net/ipv6_route`: routers of IPv6 are told by their own addresses on the link. */
export function linuxGateways6(text: string): readonly Gateway[] {
  return text.split('\n').flatMap((line) => {
    const parts = line.trim().split(/\s+/);
    const [target = '', prefix, , , next = '', , , , , at] = parts;
    if (at === undefined || prefix !== '00' || !/^0{32}$/.test(target)) return [];
    if (!/^fe80[0-9a-f]{28}$/.test(next)) return [];
    return [{ at, gateway: (next.match(/.{4}/g) ?? []).join(':') }];
  });
}

/** `route -n get default` of macOS. */
export function macGateways(text: string): readonly Gateway[] {
  const gateway = new RegExp(`gateway:\\s*(${IPV4})\\s*$`, 'm').exec(text)?.[1];
  const at = /interface:\s*(\S+)\s*$/m.exec(text)?.[1];
  return gateway === undefined || at === undefined ? [] : [{ at, gateway }];
}

/** `arp -an` of macOS: leading zeros of its bytes are left out. */
export function macNeighbours(text: string): readonly Neighbour[] {
  const pattern = new RegExp(`\\((${IPV4})\\) at ([0-9a-f:]+) on (\\S+)`, 'gi');
  return [...text.matchAll(pattern)].flatMap(([, address = '', hardware = '', at]) => {
    const known = normalHardware(hardware);
    return known === undefined ? [] : [{ address, at, hardware: known }];
  });
}

/** `route print -4` of Windows: an interface is told by its own address. */
export function windowsGateways(text: string): readonly Gateway[] {
  const pattern = new RegExp(
    `^\\s*0\\.0\\.0\\.0\\s+0\\.0\\.0\\.0\\s+(${IPV4})\\s+(${IPV4})\\s`,
    'gm',
  );
  return [...text.matchAll(pattern)].map(([, gateway = '', at = '']) => ({ at, gateway }));
}

/** `arp -a` of Windows: under each interface's address the neighbours there. */
export function windowsNeighbours(text: string): readonly Neighbour[] {
  const row = new RegExp(`^\\s+(${IPV4})\\s+([0-9a-f]{2}(?:-[0-9a-f]{2}){5})\\s`, 'i');
  const head = new RegExp(`^\\S.*?(${IPV4})\\s+---`);
  let at: string | undefined;
  return text.split('\n').flatMap((line) => {
    at = head.exec(line)?.[1] ?? at;
    const [, address = '', hardware = ''] = row.exec(line) ?? [];
    const known = normalHardware(hardware.replaceAll('-', ':'));
    return known === undefined ? [] : [{ address, at, hardware: known }];
  });
}

/** `0:1B:2:…` as `00:1b:02:…`; undefined for what is nobody's. */
function normalHardware(text: string): string | undefined {
  const parts = text.toLowerCase().split(':');
  if (parts.length !== 6 || !parts.every((part) => /^[0-9a-f]{1,2}$/.test(part))) return undefined;
  const normal = parts.map((part) => part.padStart(2, '0')).join(':');
  return NO_HARDWARE.test(normal) ? undefined : normal;
}
