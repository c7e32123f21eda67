import type { DnsMessage, Link, Multicast, Networks } from '../../electron/core/ports.ts';

/**
 * Networks in memory: hosts plugged into wires by links, speaking multicast DNS to whoever is on the
 * same wire. Links can be pulled, packets lost, hosts put to sleep. What a host hears comes as in
 * the world: once for each family of addresses that both sides have, and its own words come back.
 */
export type Air = {
  readonly host: (options?: { readonly source?: string | undefined }) => AirHost;
  /** Somebody on a wire who is no host of ours says whatever he likes. */
  readonly say: (wire: string, from: string, message: DnsMessage) => void;
  /** Every packet that was sent, in order. */
  readonly sent: readonly Packet[];
  /** Decides for every delivery whether it is lost; undefined: nothing is. */
  readonly loseIf: (isLost: (() => boolean) | undefined) => void;
};

export type Packet = {
  readonly wire: string;
  readonly host: AirHost | undefined;
  readonly message: DnsMessage;
};

export type AirHost = {
  readonly networks: Networks;
  readonly multicast: Multicast;
  /** Plugs a link in, or again elsewhere, or with other addresses. */
  readonly plug: (wire: string, link: Link) => void;
  readonly pull: (interfaceName: string) => void;
  /** Hears nothing, says nothing, and its reading of the networks waits until it wakes. */
  readonly sleep: () => void;
  /** The moment after: it hears and speaks again, and has not looked at its networks yet. */
  readonly stir: () => void;
  readonly wake: () => void;
  /** The interfaces that are used now. */
  readonly used: () => readonly string[];
  /** The system refuses that interface with this word from now on; undefined: no longer. */
  readonly refuse: (interfaceName: string, code: string | undefined) => void;
};

type Hearing = { readonly from: string; readonly family: 4 | 6 | undefined };
type Inner = {
  readonly deliver: (wire: string, hearing: Hearing, message: DnsMessage) => void;
};

export function createAir(): Air {
  const hosts: Inner[] = [];
  const sent: Packet[] = [];
  let isLost: (() => boolean) | undefined;

  function spread(packet: Packet, hearings: readonly Hearing[]): void {
    sent.push(packet);
    for (const hearing of hearings)
      for (const { deliver } of hosts) {
        if (isLost?.() === true) continue;
        const message = structuredClone(packet.message);
        queueMicrotask(() => deliver(packet.wire, hearing, message));
      }
  }

  return {
    host: ({ source } = {}) => {
      const { host, inner } = createHost(source, spread);
      hosts.push(inner);
      return host;
    },
    say: (wire, from, message) =>
      spread({ wire, host: undefined, message }, [{ from, family: undefined }]),
    sent,
    loseIf: (decide) => {
      isLost = decide;
    },
  };
}

function createHost(
  source: string | undefined,
  spread: (packet: Packet, hearings: readonly Hearing[]) => void,
): { readonly host: AirHost; readonly inner: Inner } {
  const plugged = new Map<string, { readonly wire: string; readonly link: Link }>();
  const listeners = new Set<Parameters<Multicast['subscribe']>[0]>();
  const refused = new Map<string, string>();
  const used = new Set<string>();
  let isAwake = Promise.withResolvers<void>();
  let sleeps = false;
  let isClosed = false;
  isAwake.resolve();

  const open = (interfaceName: string) =>
    !sleeps && !isClosed && used.has(interfaceName) && !refused.has(interfaceName);

  const host: AirHost = {
    networks: {
      read: async () => {
        await isAwake.promise;
        return [...plugged.values()].map(({ link }) => link);
      },
    },
    multicast: {
      use: (links) => {
        used.clear();
        for (const { interfaceName } of links) used.add(interfaceName);
      },
      send: (interfaceName, message) => {
        const at = plugged.get(interfaceName);
        if (at === undefined || !open(interfaceName)) return;
        const hearings = source === undefined ? hearingsOf(at.link) : [{ from: source }];
        spread(
          { wire: at.wire, host, message },
          hearings.map((hearing) => ({ family: undefined, ...hearing })),
        );
      },
      subscribe: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      problems: () => new Map([...refused].filter(([name]) => used.has(name))),
      close: async () => {
        isClosed = true;
        listeners.clear();
      },
    },
    plug: (wire, link) => void plugged.set(link.interfaceName, { wire, link }),
    pull: (interfaceName) => void plugged.delete(interfaceName),
    sleep: () => {
      if (sleeps) return;
      sleeps = true;
      isAwake = Promise.withResolvers();
    },
    stir: () => {
      sleeps = false;
    },
    wake: () => {
      sleeps = false;
      isAwake.resolve();
    },
    used: () => [...used],
    refuse: (interfaceName, code) => {
      if (code === undefined) refused.delete(interfaceName);
      else refused.set(interfaceName, code);
    },
  };

  const inner: Inner = {
    deliver: (wire, { from, family }, message) => {
      for (const [interfaceName, at] of plugged) {
        if (at.wire !== wire || !open(interfaceName)) continue;
        if (family !== undefined && !at.link.addresses.some((each) => each.family === family))
          continue;
        // The zone is the hearer's own name for the link.
        const seen = /^fe80:/i.test(from) ? `${from.replace(/%.*$/, '')}%${interfaceName}` : from;
        for (const listener of listeners) listener({ interfaceName, from: seen, message });
      }
    },
  };
  return { host, inner };
}

/** As the system chooses: an IPv4 address if there is one, and the link-local of IPv6. */
function hearingsOf({ addresses }: Link): readonly Hearing[] {
  const v4 = addresses.find(({ family }) => family === 4);
  const v6 =
    addresses.find(({ family, address }) => family === 6 && /^fe80:/i.test(address)) ??
    addresses.find(({ family }) => family === 6);
  return [v4, v6].flatMap((each) =>
    each === undefined ? [] : [{ from: each.address, family: each.family }],
  );
}

/** Nothing to be found anywhere: what tests get that are about something else. */
export function silentAir(): Pick<AirHost, 'networks' | 'multicast'> {
  const { networks, multicast } = createAir().host();
  return { networks, multicast };
}

export const HOME_ROUTER = '02:00:00:00:00:01';
export const OTHER_ROUTER = '02:00:00:00:00:02';

/** A link from text: `link('eth0', ['192.168.1.20/24', 'fe80::20/64'])`, behind the router of home. */
export function link(
  interfaceName: string,
  addresses: readonly string[],
  more: Partial<Omit<Link, 'addresses'>> = {},
): Link {
  return {
    interfaceName,
    kind: 'cable',
    addresses: addresses.map((text) => {
      const [address = '', prefix = ''] = text.split('/');
      return { address, family: address.includes(':') ? 6 : 4, prefix: Number(prefix) };
    }),
    router: HOME_ROUTER,
    ...more,
  };
}

/** The link of a host at home: `homeLink(20)` is 192.168.1.20 on a cable, with IPv6 beside it. */
export function homeLink(number: number, more: Partial<Link> = {}): Link {
  const addresses = [`192.168.1.${number}/24`, `fe80::${number.toString(16)}/64`];
  return { ...link('eth0', addresses), ...more };
}

/** The same addresses behind another router: a café that happens to use what everybody uses. */
export function cafeLink(number: number): Link {
  return { ...homeLink(number), kind: 'wireless', interfaceName: 'wlan0', router: OTHER_ROUTER };
}

/** The link of a core that listens on 127.0.0.1. */
export function loopbackLink(): Link {
  return link('eth0', ['127.0.0.1/8']);
}
