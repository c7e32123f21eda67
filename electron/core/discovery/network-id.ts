import type { Link } from '../ports.ts';
import { type Ip, isLinkLocal, networkText, parseIp } from './ip.ts';

/** A network as it is remembered: what tells it from others, and what a person sees of it. */
export type NetworkName = {
  readonly id: string;
  /** Its addresses; where no router tells it from others with the same ones, by which way it was reached. */
  readonly label: string;
  readonly hasRouter: boolean;
  /** False: it may get another name as soon as more is known of the link. */
  readonly isCertain: boolean;
};

/**
 * Which network a link leads to. Half the world uses 192.168.1.0/24; a router's hardware address is
 * what a café's network does not share with the one at home. IPv6 prefixes are left out of the id
 * where there is a router: providers change them overnight. Undefined: a link without an address.
 */
export function networkOf(link: Link): NetworkName | undefined {
  const { interfaceName, router } = link;
  const [best] = link.addresses
    .flatMap(({ address, prefix }) => {
      const ip = parseIp(address);
      return ip === undefined ? [] : [{ ip, prefix, rank: rankOf(ip) }];
    })
    .sort((one, other) => one.rank - other.rank || (one.ip.value < other.ip.value ? -1 : 1));
  if (best === undefined) return undefined;
  const prefix = networkText(best.ip, best.prefix);
  if (router !== undefined) {
    const told = best.rank === PLAIN_4 ? `${router} ${prefix}` : router;
    return {
      id: `router ${told}`,
      label: best.rank >= LINK_LOCAL ? interfaceName : prefix,
      hasRouter: true,
      isCertain: best.rank === PLAIN_4,
    };
  }
  const id = best.rank >= LINK_LOCAL ? `link ${interfaceName}` : `prefix ${prefix}`;
  const label = best.rank >= LINK_LOCAL ? interfaceName : `${prefix} · ${interfaceName}`;
  return { id, label, hasRouter: false, isCertain: false };
}

const PLAIN_4 = 0;
/** Addresses that a device gave itself say nothing about where it is. */
const LINK_LOCAL = 3;

/** Of IPv6 those that a home gives itself (fc00::/7) before those that a provider lends it. */
function rankOf(ip: Ip): number {
  if (isLinkLocal(ip)) return ip.family === 4 ? LINK_LOCAL : LINK_LOCAL + 1;
  if (ip.family === 4) return PLAIN_4;
  return ip.value >> 121n === 0x7en ? 1 : 2;
}
