import { existsSync } from 'node:fs';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import type { Clock, Link, Networks } from '../ports.ts';
import { kindOfLink } from './link-kind.ts';
import { type BareLink, createProgramTables, createRouters, createLinuxTables } from './routers.ts';
import { systemClock } from './system-clock.ts';

/** The links of this computer. */
export const nodeNetworks: Networks = createNodeNetworks(process.platform, systemClock);

function createNodeNetworks(
  platform: NodeJS.Platform,
  clock: Pick<Clock, 'monotonicMs'>,
): Networks {
  const routers = createRouters(clock);
  const linuxTables = createLinuxTables(clock);
  const programTables = createProgramTables(platform, clock);
  return {
    read: async () => {
      const links = bareLinks(networkInterfaces(), isWireless);
      const tables = platform === 'linux' ? await linuxTables(links) : programTables(links);
      return routers.complete(links, tables);
    },
  };
}

/** Interfaces that are up and have an address; a cable that was pulled has neither on any system. */
export function bareLinks(
  interfaces: NodeJS.Dict<readonly NetworkInterfaceInfo[]>,
  isRadio: (interfaceName: string) => boolean,
): readonly BareLink[] {
  return Object.entries(interfaces).flatMap(([interfaceName, infos = []]) => {
    const addresses = infos.flatMap(({ address, family, cidr, internal }): Link['addresses'] => {
      const prefix = Number(cidr?.split('/')[1] ?? Number.NaN);
      if (internal || !Number.isInteger(prefix)) return [];
      return [{ address, family: family === 'IPv4' ? 4 : 6, prefix }];
    });
    if (addresses.length === 0) return [];
    return [{ interfaceName, kind: kindOfLink(interfaceName, isRadio(interfaceName)), addresses }];
  });
}

/** Only Linux has such a folder; elsewhere the name has to tell. */
function isWireless(interfaceName: string): boolean {
  return existsSync(`/sys/class/net/${interfaceName}/wireless`);
}
