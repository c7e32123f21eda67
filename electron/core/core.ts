import type { Api, EventSource } from '../../shared/contract/api.ts';
import type { Fault } from '../../shared/fault.ts';
import type { DeviceId } from '../../shared/ids.ts';

/** What the composition root (`compose.ts`) puts together, as whoever started it holds it. */
export type Core = {
  readonly api: Api;
  readonly events: EventSource;
  /** `port`: where friends reach this device, or will once it listens. */
  readonly info: () => { readonly device: DeviceId; readonly port: number };
  /** What a minute brings, at once: tests and power events call it. */
  readonly chores: () => Promise<void>;
  /** Leases that are due are made longer, mine and those I was asked to look after; every minute by itself. */
  readonly renewDue: () => Promise<void>;
  /** The computer slept: what was known about networks and friends is old. */
  readonly woke: () => void;
  /** A program of the owner's uses the gateway: work that no snapshot shows, and that an end would break off. */
  readonly isInUse: () => boolean;
  /** Resolves when the core is to be closed and composed anew, because its identity is another now; never otherwise. */
  readonly again: Promise<undefined>;
  /** Resolves when the core broke underneath and can only be closed; never otherwise. */
  readonly failed: Promise<Fault>;
  readonly close: () => Promise<void>;
};
