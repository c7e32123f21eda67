/**
 * Everything the core needs from outside. Adapters for plain Node are in `adapters/`, those for
 * Electron in `electron/main`; each port has a fake in `test/fakes` that passes the same suite.
 */

export type Clock = {
  /** Wall clock, milliseconds since 1970. May jump. */
  readonly nowMs: () => number;
  /** Never goes back, knows nothing of dates; stands still or not while the machine sleeps. */
  readonly monotonicMs: () => number;
};

export type Randomness = {
  /** Cryptographically strong random bytes. */
  readonly bytes: (count: number) => Uint8Array;
};

/** Small secrets of this installation, kept as the platform keeps secrets. Names are fixed identifiers. */
export type SecretStore = {
  /** `locked`: there is one, and it can't be opened here. Nobody may take that for "none yet". */
  readonly get: (name: string) => Promise<Uint8Array | 'locked' | undefined>;
  readonly set: (name: string, value: Uint8Array) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
};

export type DiskSpace = {
  /** Bytes free to this user, and in all, on the volume of `folder`; `undefined` if it can't be read. */
  readonly read: (
    folder: string,
  ) => Promise<{ readonly freeBytes: bigint; readonly totalBytes: bigint } | undefined>;
  /** What people call the drive with this folder: its label, or where it is mounted; absent: nothing they would know it by. */
  readonly label?: (folder: string) => Promise<string | undefined>;
};

/** How the computer is used at the moment, as far as this system says; `null`: not known. */
export type Activity = {
  readonly read: () => Promise<{
    /** Nobody has touched keyboard or mouse for so long. */
    readonly idleS: number | null;
    readonly onBattery: boolean | null;
    /** The line is paid by the byte. */
    readonly metered: boolean | null;
  }>;
};

/** A way out of this computer: one interface that is up, with the addresses it has now. */
export type Link = {
  readonly interfaceName: string;
  readonly kind: 'cable' | 'wireless' | 'vpn' | 'virtual' | 'other';
  /** IPv6 link-local ones without their zone. */
  readonly addresses: readonly {
    readonly address: string;
    readonly family: 4 | 6;
    /** Leading bits that the whole network shares. */
    readonly prefix: number;
  }[];
  /** The router's hardware address, by which one network is told from another; undefined: none, or not known. */
  readonly router: string | undefined;
};

export type Networks = {
  /** Never this computer's own loopback. Cheap enough for once a second. */
  readonly read: () => Promise<readonly Link[]>;
  /** Somebody wants nobody to be looked for: no links, though the computer may have some. */
  readonly isOff?: true;
};

/** Nobody is looked for, and nothing is announced. Addresses work as ever. */
export const noNetworks: Networks = { isOff: true, read: async () => [] };

/** DNS messages by multicast (RFC 6762), as far as anybody here needs them. Everything heard is untrusted. */
export type DnsRecord =
  | { readonly type: 'PTR'; readonly name: string; readonly ttlS: number; readonly target: string }
  | {
      readonly type: 'SRV';
      readonly name: string;
      readonly ttlS: number;
      readonly target: string;
      readonly port: number;
    }
  | {
      readonly type: 'TXT';
      readonly name: string;
      readonly ttlS: number;
      readonly texts: readonly Uint8Array[];
    }
  | {
      readonly type: 'A' | 'AAAA';
      readonly name: string;
      readonly ttlS: number;
      readonly address: string;
    };

export type DnsMessage =
  | { readonly kind: 'query'; readonly questions: readonly { name: string; type: string }[] }
  | { readonly kind: 'response'; readonly records: readonly DnsRecord[] };

export type Multicast = {
  /** Speaks and listens on exactly these links from now on; called again whenever they change. */
  readonly use: (links: readonly Link[]) => void;
  /** To everybody on that link; lost packets are nobody's error, a link that is gone neither. */
  readonly send: (interfaceName: string, message: DnsMessage) => void;
  /** `from` is the sender's address, with its zone where it needs one. Own messages come back too. */
  readonly subscribe: (
    listener: (heard: {
      readonly interfaceName: string;
      readonly from: string;
      readonly message: DnsMessage;
    }) => void,
  ) => () => void;
  /** Why nothing can be sent or heard on a link, as the system says it (`EACCES`, `EADDRINUSE`, `EHOSTUNREACH`). */
  readonly problems: () => ReadonlyMap<string, string>;
  /** After what was sent last has left. */
  readonly close: () => Promise<void>;
};

/** Lines for whoever mends the program. Never a secret, never a person's path. */
export type Logger = {
  readonly debug: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly info: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly warn: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly error: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** A logger whose lines carry the name of a part of the program. */
  readonly named: (part: string) => Logger;
};
