import type { LevelWithSilent } from 'pino';
import type { ShellView } from '../../shared/contract/views.ts';
import type { MachineKind } from '../../shared/model/machine.ts';
import { nodeActivity } from './adapters/node-activity.ts';
import { createFileSecretStore } from './adapters/file-secret-store.ts';
import { nodeNetworks } from './adapters/node-networks.ts';
import { nodeDiskSpace } from './adapters/node-disk-space.ts';
import { createPinoLogger } from './adapters/pino-logger.ts';
import { createUdpMulticast } from './adapters/udp-multicast.ts';
import { systemClock } from './adapters/system-clock.ts';
import { systemRandomness } from './adapters/system-randomness.ts';
import { layoutOf } from './config.ts';
import type { BeforeListening } from './listening.ts';
import type {
  Activity,
  Clock,
  DiskSpace,
  Logger,
  Multicast,
  Networks,
  Randomness,
  SecretStore,
} from './ports.ts';
import type { ServerLimits } from './server/limits.ts';

/** What whoever starts the core tells it. */
export type CoreOptions = {
  readonly home: string;
  readonly version: string;
  readonly name?: string | undefined;
  /** 0: any free port, kept from then on. */
  readonly port?: number | undefined;
  /** Recovery words, for the first start on a new machine. */
  readonly phrase?: string | undefined;
  /** With the words: the installation whose place this one takes. */
  readonly replaces?: string | undefined;
  readonly logLevel?: LevelWithSilent | undefined;
  /** Where friends may come from; all networks unless tests say otherwise. */
  readonly host?: string | undefined;
  /** In place of the machine's own; Electron brings its secrets, tests their clocks. */
  readonly ports?: Partial<Ports> | undefined;
  /** What sort of computer this is; friends see it beside its name. */
  readonly machine?: MachineKind | undefined;
  /**
   * `when-wanted`: not before something is shared, somebody is being added, or there are friends.
   * Otherwise at once: whoever starts a server by hand wants one.
   */
  readonly listen?: 'at-once' | 'when-wanted' | undefined;
  /** What the system wants to be asked before friends can get in. */
  readonly beforeListening?: BeforeListening | undefined;
  readonly limits?: ServerLimits | undefined;
  /** What the door that starts it can do besides; headless unless it says so. */
  readonly shell?: ShellFacts | undefined;
};

/** Asked whenever somebody looks: a panel may come late, and where a key lies is known once it was kept. */
export type ShellFacts = {
  readonly read: () => Promise<ShellView>;
  readonly subscribe: (listener: () => void) => () => void;
};

export type Ports = {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly secrets: SecretStore;
  readonly space: DiskSpace;
  readonly activity: Activity;
  readonly logger: Logger;
  readonly networks: Networks;
  /** Opened when it is first spoken through. */
  readonly multicast: Multicast;
};

/** The machine's own, where nothing else was brought. */
export function portsOf({ home, logLevel, ports }: CoreOptions): Ports {
  return {
    clock: ports?.clock ?? systemClock,
    randomness: ports?.randomness ?? systemRandomness,
    secrets: ports?.secrets ?? createFileSecretStore(layoutOf(home).secrets),
    space: ports?.space ?? nodeDiskSpace,
    activity: ports?.activity ?? nodeActivity,
    logger: ports?.logger ?? createPinoLogger(logLevel ?? 'warn'),
    networks: ports?.networks ?? nodeNetworks,
    multicast: ports?.multicast ?? createUdpMulticast(),
  };
}
