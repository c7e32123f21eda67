import {
  createDiscovery,
  type Discovery,
  type Sighting,
} from '../../../electron/core/discovery/discovery.ts';
import type { KnownNetwork } from '../../../electron/core/discovery/network-book.ts';
import { toBase32 } from '../../../electron/core/identity/base32.ts';
import type { Friend } from '../../../electron/core/friends/friend-book.ts';
import type { Clock, Link } from '../../../electron/core/ports.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import { type Air, type AirHost, createAir } from '../../fakes/air.ts';
import { silent } from '../../fakes/silent-logger.ts';

/** Several devices with real discovery on fake networks, in a time that the test makes pass (fake timers). */
export type NearWorld = {
  readonly air: Air;
  readonly device: (options: DeviceOptions) => Promise<NearDevice>;
  readonly close: () => Promise<void>;
};

export type DeviceOptions = {
  readonly name: string;
  /** This clock is off by so much. */
  readonly skewMs?: number;
  readonly friends?: readonly DeviceId[];
  readonly wire?: string;
  readonly link?: Link;
  /** Networks that were called home before. */
  readonly homes?: readonly string[];
  readonly id?: DeviceId;
  /** What it says of itself from the start, where that is not the usual. */
  readonly told?: Partial<NearDevice['told']>;
};

export type NearDevice = {
  readonly id: DeviceId;
  readonly host: AirHost;
  readonly discovery: Discovery;
  readonly sightings: Sighting[];
  readonly told: { name: string; port: number | undefined; visible: boolean };
  /** Devices that answer when called, and how often each address was. */
  readonly calls: string[];
  readonly changes: { count: number };
  readonly befriend: (devices: readonly DeviceId[]) => void;
  readonly near: () => readonly string[];
  /** Friends' devices that are there by what was told last. */
  readonly there: () => readonly DeviceId[];
};

export const HOME = 'router 02:00:00:00:00:01 192.168.1.0/24';

let devicesMade = 0;

export function testDevice(): DeviceId {
  devicesMade += 1;
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, devicesMade);
  return toBase32(bytes) as DeviceId;
}

/** Fake timers must be on, those of `performance` too. */
export function nearWorld(seed = 1): NearWorld {
  const air = createAir();
  const open: NearDevice[] = [];
  /** Who answers at an address, by the port that is its own in this world. */
  const byPort = new Map<string, DeviceId>();
  let ports = 20_000;
  let random = seed;

  async function device(options: DeviceOptions): Promise<NearDevice> {
    const { name, skewMs = 0, wire = 'home', homes = [HOME], link } = options;
    const id = options.id ?? testDevice();
    const host = air.host();
    if (link !== undefined) host.plug(wire, link);
    ports += 1;
    byPort.set(`${ports}`, id);
    const told: NearDevice['told'] = { name, port: ports, visible: true, ...options.told };
    const sightings: Sighting[] = [];
    const there = new Set<DeviceId>();
    const calls: string[] = [];
    const changes = { count: 0 };
    const listeners = new Set<() => void>();
    let friends = (options.friends ?? []).map(friendWith);
    const known = new Map<string, KnownNetwork>(
      homes.map((home) => [home, { id: home, label: '', home: true }]),
    );
    const clock: Clock = {
      nowMs: () => Date.now() + skewMs,
      monotonicMs: () => performance.now(),
    };
    const discovery = await createDiscovery({
      networks: host.networks,
      multicast: host.multicast,
      book: {
        networks: async () => [...known.values()],
        seen: async ({ id: network, label }) =>
          void known.set(network, { home: undefined, ...known.get(network), id: network, label }),
        setHome: async ({ id: network, home }) =>
          void known.set(network, { label: '', ...known.get(network), id: network, home }),
      },
      device: id,
      announced: () => ({ ...told, kind: 'desktop' }),
      friends: {
        friends: () => friends,
        subscribe: (listener) => {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
      },
      hello: async (addresses) => {
        calls.push(addresses.join(' '));
        await new Promise((resolve) => setTimeout(resolve, 5));
        const [port = ''] = /[0-9]+$/.exec(addresses[0] ?? '') ?? [];
        return byPort.get(port);
      },
      clock,
      randomness: {
        bytes: (count) =>
          Uint8Array.from({ length: count }, () => {
            random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
            return random >>> 24;
          }),
      },
      logger: silent,
      onChange: () => {
        changes.count += 1;
      },
    });
    discovery.onSighting((sighting) => {
      sightings.push(sighting);
      if (sighting.type === 'seen') there.add(sighting.device);
      else there.delete(sighting.device);
    });
    const made: NearDevice = {
      id,
      host,
      discovery,
      sightings,
      told,
      calls,
      changes,
      befriend: (devices) => {
        friends = devices.map(friendWith);
        for (const listener of listeners) listener();
      },
      near: () => discovery.nearby().map((each) => each.name),
      there: () => [...there],
    };
    open.push(made);
    return made;
  }

  return {
    air,
    device,
    close: async () => {
      for (const { discovery } of open) await discovery.close();
    },
  };
}

function friendWith(device: DeviceId): Friend {
  return {
    owner: `owner of ${device}` as OwnerId,
    name: 'Friend',
    petName: undefined,
    sinceMs: 0,
    lastContactMs: 0,
    blocked: false,
    departed: false,
    givenAddress: undefined,
    leavingServiceS: undefined,
    leavesMs: undefined,
    told: undefined,
    devices: [
      {
        device,
        addresses: [],
        revoked: false,
        instance: '',
        serial: 0,
        replaces: undefined,
        name: undefined,
        kind: 'desktop',
        addedMs: 0,
        came: 'first',
        leavesMs: undefined,
        clashMs: undefined,
      },
    ],
  };
}
