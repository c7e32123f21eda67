import type { NearbyView, NetworksView } from '../../../shared/contract/views.ts';
import type { Async } from '../../../shared/async.ts';
import type { DeviceId } from '../../../shared/ids.ts';
import type { MachineKind } from '../../../shared/model/machine.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Clock, Logger, Multicast, Networks, Randomness } from '../ports.ts';
import type { NetworkBook } from './network-book.ts';

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

export async function createDiscovery({ book }: DiscoveryOptions): Promise<Discovery> {
  await book.networks();
  const none: NetworksView = { networks: [], announces: false };
  return {
    nearby: () => [],
    addressesOf: () => undefined,
    networks: () => none,
    setHome: async () => false,
    facts: () => ({
      networks: none,
      visible: true,
      heardSelfMs: undefined,
      heardOthersMs: undefined,
      problems: new Map(),
    }),
    onSighting: () => () => undefined,
    onNetworks: () => () => undefined,
    refresh: () => undefined,
    close: async () => undefined,
  };
}
