import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Link } from '../ports.ts';
import {
  type Gateway,
  linuxGateways,
  linuxGateways6,
  linuxNeighbours,
  macGateways,
  macNeighbours,
  type Neighbour,
  windowsGateways,
  windowsNeighbours,
} from './router-tables.ts';

/** What is behind the links: which router, by its hardware. */
export type Tables = {
  readonly gateways: readonly Gateway[];
  readonly gateways6: readonly Gateway[];
  readonly neighbours: readonly Neighbour[];
};
export type BareLink = Omit<Link, 'router'>;

/** Long enough for a router that has just been found to answer; then it counts as none. */
const UNRESOLVED_MS = 10_000;
const NO_TABLES: Tables = { gateways: [], gateways6: [], neighbours: [] };

/**
 * Adds the routers to links. One whose router is not resolved yet is left out for a while: for that
 * moment it would be another network than it is. Once known, a router stays known as long as the link
 * keeps its addresses, also while it is switched off.
 */
export function createRouters(clock: Pick<Clock, 'monotonicMs'>): {
  /** Tables that are undefined are still being read. */
  readonly complete: (links: readonly BareLink[], tables: Tables | undefined) => readonly Link[];
} {
  const known = new Map<string, string>();
  const unresolvedMs = new Map<string, number>();

  function keepOnly(keys: ReadonlySet<string>): void {
    for (const map of [known, unresolvedMs])
      for (const key of map.keys()) if (!keys.has(key)) map.delete(key);
  }

  return {
    complete: (links, tables) => {
      const keyed = links.map((link) => ({ link, key: JSON.stringify(link) }));
      keepOnly(new Set(keyed.map(({ key }) => key)));
      const nowMs = clock.monotonicMs();
      return keyed.flatMap(({ link, key }) => {
        const found = tables === undefined ? 'unresolved' : routerOf(link, tables);
        if (found !== undefined && found !== 'unresolved') {
          known.set(key, found.router);
          unresolvedMs.delete(key);
        }
        const router = known.get(key);
        if (router !== undefined || found === undefined) return [{ ...link, router }];
        const sinceMs = unresolvedMs.get(key) ?? nowMs;
        unresolvedMs.set(key, sinceMs);
        return nowMs - sinceMs < UNRESOLVED_MS ? [] : [{ ...link, router: undefined }];
      });
    },
  };
}

/** IPv4's router by its hardware; where a link has IPv6 alone, that router by its address there. */
function routerOf(
  link: BareLink,
  tables: Tables,
): { readonly router: string } | 'unresolved' | undefined {
  const gateway = gatewayOf(link, tables);
  if (gateway !== undefined) {
    const isHere = ({ at }: Neighbour) => at === undefined || isAt(link, at);
    const neighbour = tables.neighbours.find((each) => each.address === gateway && isHere(each));
    return neighbour === undefined ? 'unresolved' : { router: neighbour.hardware };
  }
  if (link.addresses.some(({ family }) => family === 4)) return undefined;
  const found = tables.gateways6.find(({ at }) => isAt(link, at));
  return found === undefined ? undefined : { router: found.gateway };
}

function gatewayOf(link: BareLink, { gateways }: Tables): string | undefined {
  return gateways.find(({ at }) => isAt(link, at))?.gateway;
}

function isAt({ interfaceName, addresses }: BareLink, at: string): boolean {
  return interfaceName === at || addresses.some(({ address }) => address === at);
}

/** A router that answers does so within a few milliseconds. */
const NUDGE_WAIT_MS = 40;
/** A router that does not is asked again while its link waits for it, and then only now and then. */
const NUDGES_FAST = 10;
const NUDGE_SLOWLY_MS = 30_000;

/** Linux tells at once, from three small files. */
export function createLinuxTables(
  clock: Pick<Clock, 'monotonicMs'>,
): (links: readonly BareLink[]) => Promise<Tables> {
  const nudges = new Map<string, { readonly count: number; readonly atMs: number }>();

  function isDue(link: BareLink): boolean {
    const key = JSON.stringify(link);
    const nowMs = clock.monotonicMs();
    const { count, atMs } = nudges.get(key) ?? { count: 0, atMs: nowMs };
    if (count >= NUDGES_FAST && nowMs - atMs < NUDGE_SLOWLY_MS) return false;
    nudges.set(key, { count: count + 1, atMs: nowMs });
    return true;
  }

  return async (links) => {
    const tables = await linuxTables();
    const missing = links.filter((link) => routerOf(link, tables) === 'unresolved');
    if (missing.length === 0) nudges.clear();
    const due = missing.filter(isDue);
    if (due.length === 0) return tables;
    for (const link of due) nudge(link, gatewayOf(link, tables) ?? '');
    await sleep(NUDGE_WAIT_MS);
    return linuxTables();
  };
}

async function linuxTables(): Promise<Tables> {
  const [route, route6, arp] = await Promise.all(
    ['route', 'ipv6_route', 'arp'].map((name) =>
      // A system without IPv6 has no such file; any other trouble reads as no router.
      readFile(`/proc/net/${name}`, 'utf8').catch(() => ''),
    ),
  );
  return {
    gateways: linuxGateways(route ?? ''),
    gateways6: linuxGateways6(route6 ?? ''),
    neighbours: linuxNeighbours(arp ?? ''),
  };
}

/**
 * An empty packet to nobody's port: to send it, the system has to ask for the router's hardware. Where
 * two links have the same addresses it may ask on the other one, so `ping`, which can choose, does it too.
 */
function nudge({ interfaceName }: BareLink, gateway: string): void {
  const socket = createSocket('udp4');
  const done = () => socket.close();
  socket.on('error', () => undefined);
  socket.send(new Uint8Array(), 9, gateway, done);
  void output('ping', ['-n', '-c', '1', '-W', '1', '-I', interfaceName, gateway]);
}

/** Programs are started when the links have changed, and while a router is missing. */
const AFTER_CHANGE_MS = 2000;
const AGAIN_MS = 30_000;
const PROGRAM_MS = 5000;

/** On macOS and Windows two small programs tell; their answer comes with a later reading. */
export function createProgramTables(
  platform: NodeJS.Platform,
  clock: Pick<Clock, 'monotonicMs'>,
): (links: readonly BareLink[]) => Tables | undefined {
  let tables = NO_TABLES;
  let tablesFor: string | undefined;
  let readFor = '';
  let readMs = Number.NEGATIVE_INFINITY;
  let isUnderWay = false;

  async function read(key: string): Promise<void> {
    const isMac = platform === 'darwin';
    const [routes, neighbours] = await Promise.all([
      isMac ? output('/sbin/route', ['-n', 'get', 'default']) : output('route', ['print', '-4']),
      isMac ? output('/usr/sbin/arp', ['-an']) : output('arp', ['-a']),
    ]);
    tables = {
      gateways: isMac ? macGateways(routes) : windowsGateways(routes),
      gateways6: [],
      neighbours: isMac ? macNeighbours(neighbours) : windowsNeighbours(neighbours),
    };
    tablesFor = key;
    isUnderWay = false;
  }

  return (links) => {
    const key = JSON.stringify(links);
    const sinceMs = clock.monotonicMs() - readMs;
    const isMissing = links.some((link) => routerOf(link, tables) === 'unresolved');
    const isDue = key !== readFor ? sinceMs >= AFTER_CHANGE_MS : isMissing && sinceMs >= AGAIN_MS;
    if (isDue && !isUnderWay) {
      [readFor, readMs, isUnderWay] = [key, clock.monotonicMs(), true];
      void read(key);
    }
    return key === tablesFor ? tables : undefined;
  };
}

function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: PROGRAM_MS, windowsHide: true }, (error, stdout) =>
      resolve(error === null ? stdout : ''),
    );
  });
}
