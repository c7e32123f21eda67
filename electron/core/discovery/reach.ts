import { parseAddress } from '../../../shared/address.ts';
import type { Link } from '../ports.ts';
import { type Ip, isLinkLocal, isNobodys, isWithin, parseIp } from './ip.ts';

/** Where somebody who was heard can be called. What he says of his addresses counts on this link only. */

/** A cable's IPv4 address, and IPv6 in its three kinds. */
export const ADDRESSES_MAX = 4;

/** Packets from elsewhere did not come from this network, whatever they say (RFC 6762 §11). */
export function isOnLink(from: string, link: Link): boolean {
  const ip = parseIp(from);
  return ip !== undefined && isInside(ip, link);
}

/**
 * First where the packet came from, then what it said, as long as that lies in the networks of this
 * very link: an advert must not be able to send us anywhere else.
 */
export function placesOf({
  from,
  hosts,
  port,
  link,
}: {
  readonly from: string;
  readonly hosts: readonly string[];
  readonly port: number;
  readonly link: Link;
}): readonly string[] {
  const zone = /%(.+)$/.exec(from)?.[1] ?? link.interfaceName;
  const places = [from, ...hosts].flatMap((host) => {
    const ip = parseIp(host);
    if (ip === undefined || !isInside(ip, link)) return [];
    const [bare = ''] = host.split('%');
    const place =
      ip.family === 4
        ? `${bare}:${port}`
        : `[${bare.toLowerCase()}${isLinkLocal(ip) ? `%${zone}` : ''}]:${port}`;
    return parseAddress(place) === undefined ? [] : [place];
  });
  return [...new Set(places)].slice(0, ADDRESSES_MAX);
}

function isInside(ip: Ip, { addresses }: Link): boolean {
  return addresses.some(({ address, prefix }) => {
    const own = parseIp(address);
    if (own === undefined || !isWithin(ip, own, prefix)) return false;
    return own.value === ip.value || !isNobodys(ip, prefix);
  });
}
