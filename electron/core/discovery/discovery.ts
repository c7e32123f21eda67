import type { NearbyView, NetworksView } from '../../../shared/contract/views.ts';
import type { Async } from '../../../shared/async.ts';
import type { DeviceId } from '../../../shared/ids.ts';
import type { MachineKind } from '../../../shared/model/machine.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Clock, DnsMessage, Link, Logger, Multicast, Networks, Randomness } from '../ports.ts';
import type { Self } from './adverts.ts';
import { createGreeter } from './greeter.ts';
import type { NetworkBook } from './network-book.ts';
import { isOnLink, placesOf } from './reach.ts';
import { readAdverts } from './read-adverts.ts';
import { createReports, nearbyOf } from './reports.ts';
import { createSightings } from './sightings.ts';
import { openStation, type Station } from './station.ts';
import { openSurroundings, type Place } from './surroundings.ts';
import { createWhose } from './whose.ts';

/** A friend's device was heard, or has not been heard for too long. Unproved: a reason to call, no more. */
export type Sighting =
  | { readonly type: 'seen'; readonly device: DeviceId; readonly addresses: readonly string[] }
  | { readonly type: 'lost'; readonly device: DeviceId };

/** What was found out about the networks, for whoever looks for what is wrong (`troubles`). */
export type DiscoveryFacts = {
  readonly networks: NetworksView;
  readonly visible: boolean;
  /** When an own message came back last, and one of anybody else's. */
  readonly heardSelfMs: number | undefined;
  readonly heardOthersMs: number | undefined;
  /** By interface: what the system said when it would not send or listen. */
  readonly problems: ReadonlyMap<string, string>;
};

/** Finds devices on the networks called home, and lets itself be found there (design §5). */
export type Discovery = {
  readonly nearby: () => readonly NearbyView[];
  /** Where one of them is called; undefined: it is not there any more. */
  readonly addressesOf: (nearby: string) => readonly string[] | undefined;
  readonly networks: () => NetworksView;
  /** False: this device is on no such network. */
  readonly setHome: (network: string, home: boolean) => Promise<boolean>;
  readonly facts: () => DiscoveryFacts;
  /** Sightings of friends' devices. */
  readonly onSighting: (listener: (sighting: Sighting) => void) => () => void;
  /** Networks came, went, or were called home or not. */
  readonly onNetworks: (listener: () => void) => () => void;
  /** Everything from the start: the computer slept, or somebody wants it now. */
  readonly refresh: () => void;
  /** Says goodbye where it was announced. */
  readonly close: () => Promise<void>;
};

export type DiscoveryOptions = {
  readonly networks: Networks;
  readonly multicast: Multicast;
  readonly book: Async<NetworkBook>;
  readonly device: DeviceId;
  /** What is announced, whenever it is announced; the port is undefined while nobody listens. */
  readonly announced: () => {
    readonly name: string;
    readonly kind: MachineKind;
    readonly port: number | undefined;
    readonly visible: boolean;
  };
  readonly friends: Pick<FriendRegistry, 'friends' | 'subscribe'>;
  /** Says hello to whoever is there, without believing it: whose key answers. */
  readonly hello: (addresses: readonly string[]) => Promise<DeviceId | undefined>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  /** What `nearby` or `networks` says is not the same any more. */
  readonly onChange: () => void;
};

/** How often the links are looked at, and everything that goes by time. */
const LOOK_EVERY_MS = 1000;
/** A longer gap between two looks means that the computer slept. */
const SLEPT_MS = 5000;
/** Who is not heard again within this time after a sleep is gone. */
const DOUBT_MS = 5000;

export async function createDiscovery(options: DiscoveryOptions): Promise<Discovery> {
  const { networks, multicast, announced, hello, clock, randomness, logger } = options;
  const surroundings = await openSurroundings(options);
  const whose = createWhose(options);
  const sightings = createSightings(whose);
  const stations = new Map<string, Station>();
  const reports = createReports({ sightings, view: networksView, onChange: options.onChange });
  const networkListeners = new Set<() => void>();
  const greeter = createGreeter({
    hello,
    clock,
    onAnswer: (key, answer) => {
      if (isClosed) return;
      sightings.answered(key, answer === options.device ? 'self' : answer);
      reports.look();
    },
  });
  let self: Self | undefined;
  let used = '[]';
  let heardSelfMs: number | undefined;
  let heardOthersMs: number | undefined;
  let lookedMs = { wall: clock.nowMs(), monotonic: clock.monotonicMs() };
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function networksView(): NetworksView {
    const problems = multicast.problems();
    const speaks = [...stations.keys()].some((interfaceName) => !problems.has(interfaceName));
    return {
      networks: surroundings.view(),
      announces: self !== undefined && speaks,
      ...(networks.isOff === true ? { isOff: true } : {}),
    };
  }

  function tellNetworks(): void {
    for (const listener of networkListeners) listener();
  }

  /** Makes the stations those of the links that are at home now. */
  function arrange(): void {
    const homes = surroundings.places().filter(({ home }) => home === true);
    const wanted = new Map(homes.map((place) => [place.link.interfaceName, place]));
    for (const [interfaceName, station] of stations) {
      const place = wanted.get(interfaceName);
      if (place?.network.id === station.network) {
        if (isSameLink(place.link, station.link)) wanted.delete(interfaceName);
        else station.stop('silently');
        continue;
      }
      // On another network by now: nothing of here may be said there.
      station.stop(leadsStill(station) ? 'with a goodbye' : 'silently');
      stations.delete(interfaceName);
      sightings.dropLink(interfaceName);
      // Whoever is met there again is greeted again at once.
      greeter.forget();
    }
    const links = JSON.stringify(homes.map(({ link }) => link));
    if (links !== used) multicast.use(homes.map(({ link }) => link));
    used = links;
    for (const place of wanted.values()) open(place);
  }

  function leadsStill({ link, network }: Station): boolean {
    return surroundings
      .places()
      .some(
        (each) => each.link.interfaceName === link.interfaceName && each.network.id === network,
      );
  }

  /** Whoever slept may have woken elsewhere: nothing is said on links that were not looked at since. */
  const mouth: Pick<Multicast, 'send'> = {
    send: (interfaceName, message) => {
      if (gapMs() <= SLEPT_MS) multicast.send(interfaceName, message);
    },
  };

  function open({ link, network }: Place): void {
    const how = { multicast: mouth, clock, randomness };
    const station = openStation({ link, network: network.id, ...how });
    stations.set(link.interfaceName, station);
    station.become(self);
    station.tick(sightings.agesOn(link.interfaceName));
  }

  function present(): Self | undefined {
    const { name, kind, port, visible } = announced();
    return port === undefined || !visible ? undefined : { tag: whose.ownTag(), name, kind, port };
  }

  /** Whatever goes by time, or is asked rather than told. */
  function beat(): void {
    if (whose.refresh()) sightings.recognise();
    const now = present();
    if (JSON.stringify(now) !== JSON.stringify(self)) {
      self = now;
      for (const station of stations.values()) station.become(self);
    }
    sightings.expire(clock.monotonicMs());
    for (const [interfaceName, station] of stations) station.tick(sightings.agesOn(interfaceName));
    // Who wants to be unseen does not call at strangers' doors either.
    if (self !== undefined) greeter.look(sightings.list());
    reports.look();
  }

  function refresh(): void {
    if (isClosed) return;
    sightings.doubt(clock.monotonicMs() + DOUBT_MS);
    greeter.forget();
    for (const station of stations.values()) station.stop('silently');
    for (const place of surroundings.places()) if (place.home === true) open(place);
    beat();
    tellNetworks();
  }

  /** Since the last look, by whichever clock went on while the computer slept. */
  function gapMs(): number {
    const { wall, monotonic } = lookedMs;
    return Math.max(clock.nowMs() - wall, clock.monotonicMs() - monotonic);
  }

  function hasSlept(): boolean {
    const slept = gapMs() > SLEPT_MS;
    lookedMs = { wall: clock.nowMs(), monotonic: clock.monotonicMs() };
    return slept;
  }

  async function look(): Promise<void> {
    try {
      const links = await networks.read();
      if (isClosed) return;
      const slept = hasSlept();
      const changed = surroundings.update(links);
      if (changed) arrange();
      if (slept) refresh();
      else beat();
      if (changed && !slept) tellNetworks();
    } catch (error) {
      logger.warn('the networks could not be looked at', { error: String(error) });
    }
    if (isClosed) return;
    timer = setTimeout(() => void look(), LOOK_EVERY_MS);
    timer.unref();
  }

  function hear(interfaceName: string, from: string, message: DnsMessage): void {
    const station = stations.get(interfaceName);
    if (station === undefined || !isOnLink(from, station.link)) return;
    const nowMs = clock.monotonicMs();
    if (!isOwn(from, station.link)) heardOthersMs = clock.nowMs();
    station.heard(message);
    const { adverts, goodbyes } = readAdverts(message);
    let changed = false;
    for (const advert of adverts) {
      if (whose.whose(advert.tag) === 'self') {
        heardSelfMs = clock.nowMs();
        continue;
      }
      heardOthersMs = clock.nowMs();
      const places = placesOf({ ...advert, from, link: station.link });
      const at = { interfaceName, network: networkLabel(station), from, places };
      changed = sightings.hear(advert, at, nowMs) || changed;
    }
    for (const tag of goodbyes) changed = sightings.goodbye(tag, from) || changed;
    if (changed) reports.look();
    if (changed && self !== undefined) greeter.look(sightings.list());
  }

  function networkLabel({ network }: Station): string {
    return surroundings.view().find(({ id }) => id === network)?.label ?? '';
  }

  const stop = [
    multicast.subscribe(({ interfaceName, from, message }) => hear(interfaceName, from, message)),
    options.friends.subscribe(() => {
      if (whose.refresh() && sightings.recognise()) reports.look();
    }),
  ];
  void look();
  return {
    nearby: () => nearbyOf(sightings.list()),
    addressesOf: (nearby) => sightings.list().find(({ key }) => key === nearby)?.places,
    networks: networksView,
    setHome: async (network, home) => {
      if (!(await surroundings.setHome(network, home))) return false;
      if (isClosed) return true;
      arrange();
      reports.look();
      tellNetworks();
      return true;
    },
    facts: () => ({
      networks: networksView(),
      visible: announced().visible,
      heardSelfMs,
      heardOthersMs,
      problems: multicast.problems(),
    }),
    onSighting: reports.onSighting,
    onNetworks: (listener) => {
      networkListeners.add(listener);
      return () => void networkListeners.delete(listener);
    },
    refresh,
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      for (const end of stop) end();
      for (const station of stations.values()) station.stop('with a goodbye');
      await multicast.close();
    },
  };
}

function isSameLink(one: Link, other: Link): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isOwn(from: string, { addresses }: Link): boolean {
  const [bare = ''] = from.split('%');
  return addresses.some(({ address }) => address === bare);
}
