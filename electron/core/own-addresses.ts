import type { NetworkInterfaceInfo } from 'node:os';
import { formatAddress } from '../../shared/address.ts';

/**
 * What a friend types to reach this device, the likeliest first. A guess from this side: whether a
 * network leads here is known only to whoever comes from there.
 */
export type Interfaces = Readonly<
  Record<
    string,
    readonly Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'>[] | undefined
  >
>;

const ADDRESSES_MAX = 4;
/** Bridges to containers and virtual machines of this very computer. */
const OF_THIS_MACHINE = /^(docker|veth|br-|virbr|vboxnet|vmnet|lxc|lxd|podman|cni)/;

export function ownAddresses({
  host,
  port,
  interfaces,
}: {
  /** The one address that is listened at; `undefined` or `::`: all of them. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly interfaces: Interfaces;
}): readonly string[] {
  if (port === undefined) return [];
  if (host !== undefined && host !== '::' && host !== '0.0.0.0')
    return [formatAddress({ host, port })];
  return Object.entries(interfaces)
    .filter(([name]) => !OF_THIS_MACHINE.test(name))
    .flatMap(([, infos = []]) => infos)
    .filter(({ internal }) => !internal)
    .map(({ address }) => ({ address, rank: rankOf(address) }))
    .filter(({ rank }) => rank < NOWHERE)
    .sort((one, other) => one.rank - other.rank)
    .slice(0, ADDRESSES_MAX)
    .map(({ address }) => formatAddress({ host: address, port }));
}

const NOWHERE = 9;
const RANKS = [
  // A home's network, then larger private ones, then what VPNs hand out, then the rest of the world.
  [/^192\.168\./, 0],
  [/^10\./, 1],
  [/^172\.(1[6-9]|2[0-9]|3[01])\./, 2],
  [/^100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\./, 3],
  // Self-assigned: good on one wire only, and IPv6's kind needs a zone besides.
  [/^(169\.254\.|fe[89ab])/i, NOWHERE],
  [/^[0-9.]+$/, 4],
] as const;

function rankOf(address: string): number {
  return RANKS.find(([pattern]) => pattern.test(address))?.[1] ?? 5;
}
