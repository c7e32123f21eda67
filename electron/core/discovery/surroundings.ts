import type { Async } from '../../../shared/async.ts';
import type { NetworksView, NetworkView } from '../../../shared/contract/views.ts';
import type { Clock, Link, Logger } from '../ports.ts';
import { type NetworkName, networkOf } from './network-id.ts';
import type { NetworkBook } from './network-book.ts';

/** Which networks this device is on now, by which links, and which of them its owner called home. */
export type Surroundings = {
  /** Called about once a second. True: something is not as it was. */
  readonly update: (links: readonly Link[]) => boolean;
  readonly places: () => readonly Place[];
  readonly view: () => NetworksView['networks'];
  /** False: this device is on no such network. */
  readonly setHome: (network: string, home: boolean) => Promise<boolean>;
};

export type Place = {
  readonly link: Link;
  readonly network: NetworkName;
  readonly home: boolean | undefined;
};

const SETTLED_MS = 3000;

export async function openSurroundings({
  book,
  clock,
  logger,
}: {
  readonly book: Async<NetworkBook>;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<Surroundings> {
  const homes = new Map<string, boolean | undefined>();
  for (const { id, home } of await book.networks()) homes.set(id, home);
  /** Since when a link leads to a network, by both. */
  const sinceMs = new Map<string, number>();
  let last = '';
  let here: readonly Omit<Place, 'home'>[] = [];
  /** What is being written down, so that an answer about a network finds its row. */
  let written: Promise<unknown> = Promise.resolve();

  function remember(networks: ReadonlyMap<string, string>): void {
    const atMs = clock.nowMs();
    for (const [id, label] of networks) written = Promise.all([written, note(id, label, atMs)]);
  }

  async function note(id: string, label: string, atMs: number): Promise<void> {
    try {
      await book.seen({ id, label, atMs });
    } catch (error) {
      logger.warn('a network was not written down', { error: String(error) });
    }
  }

  /**
   * An address comes before the router that belongs to it, so for a moment a link leads to a network
   * that there is not. Those that are known are taken at their word.
   */
  function isSettled(
    found: readonly Omit<Place, 'home'>[],
  ): (place: Omit<Place, 'home'>) => boolean {
    const nowMs = clock.monotonicMs();
    const keyOf = ({ link, network }: Omit<Place, 'home'>) => `${link.interfaceName} ${network.id}`;
    const keys = new Set(found.map(keyOf));
    for (const key of sinceMs.keys()) if (!keys.has(key)) sinceMs.delete(key);
    for (const key of keys) if (!sinceMs.has(key)) sinceMs.set(key, nowMs);
    return (place) =>
      place.network.isCertain ||
      homes.get(place.network.id) !== undefined ||
      nowMs - (sinceMs.get(keyOf(place)) ?? nowMs) >= SETTLED_MS;
  }

  const places = () => here.map((place) => ({ ...place, home: homes.get(place.network.id) }));
  return {
    update: (links) => {
      const found = links.flatMap((link) => {
        const network = link.kind === 'virtual' ? undefined : networkOf(link);
        return network === undefined ? [] : [{ link, network }];
      });
      const settled = found.filter(isSettled(found));
      const now = JSON.stringify(settled);
      if (now === last) return false;
      last = now;
      const before = new Set(here.map(({ network }) => network.id));
      here = settled;
      const fresh = here.filter(({ network }) => !before.has(network.id));
      remember(new Map(fresh.map(({ network }) => [network.id, network.label])));
      return true;
    },
    places,
    view: () => [...Map.groupBy(places(), ({ network }) => network.id).values()].map(asOne),
    setHome: async (network, home) => {
      if (!here.some((place) => place.network.id === network)) return false;
      await written;
      await book.setHome({ id: network, home });
      homes.set(network, home);
      return true;
    },
  };
}

const KINDS: readonly Link['kind'][] = ['cable', 'wireless', 'other', 'vpn', 'virtual'];

/** A cable and a radio into the same network are one network to its owner. */
function asOne(places: readonly Place[]): NetworkView {
  const [best] = [...places].sort(
    (one, other) => KINDS.indexOf(one.link.kind) - KINDS.indexOf(other.link.kind),
  );
  if (best === undefined) throw new Error('a network without a link');
  const { link, home } = best;
  const { id, label, hasRouter } = best.network;
  return {
    id,
    label,
    hasRouter,
    interfaceName: link.interfaceName,
    kind: link.kind,
    addresses: places.flatMap((place) => place.link.addresses.map(({ address }) => address)),
    home: home ?? null,
  };
}
