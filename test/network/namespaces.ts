import {
  type ChildProcess,
  execFileSync,
  spawn,
  type StdioOptions,
  spawnSync,
} from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';

/**
 * Networks that are real to whoever runs in them: each network and each host is a Linux network
 * namespace, wired with virtual cables (veth) to a switch (bridge). The machine's own network is
 * never touched, and multicast, ARP and IPv6 are the kernel's own.
 */
export type Lab = {
  readonly network: (options?: NetworkOptions) => LabNetwork;
  readonly host: (name: string) => LabHost;
  /** Ends whatever still runs in it and takes everything away; the end of this process does the same. */
  readonly remove: () => void;
};

export type NetworkOptions = {
  /** The first three numbers of its addresses, `192.168.7`; none: no IPv4 is given out. */
  readonly ipv4?: string | undefined;
  /** The first part of its addresses, `fd07::`; none: only what every link has by itself. */
  readonly ipv6?: string | undefined;
  /** Whether somebody answers at `.1`, whom hosts take for the way out. */
  readonly router?: boolean;
};

export type LabNetwork = {
  readonly namespace: string;
  /** All bytes that hosts have put on their cables and got from them since it was made. */
  readonly traffic: () => Traffic;
};

export type Traffic = { readonly sent: number; readonly received: number };

export type LabHost = {
  readonly name: string;
  readonly namespace: string;
  readonly plug: (network: LabNetwork, options?: PlugOptions) => Plug;
  readonly spawn: (
    program: string,
    args: readonly string[],
    options?: SpawnOptions,
  ) => ChildProcess;
  /** What it prints; throws where it fails. */
  readonly run: (program: string, args: readonly string[]) => string;
};

export type PlugOptions = {
  /** What the host gets an address of; both unless said otherwise. */
  readonly families?: readonly (4 | 6)[];
  /** `eth0`, then `eth1`, unless said otherwise. */
  readonly interfaceName?: string;
};

export type Plug = {
  readonly interfaceName: string;
  readonly ipv4: string | undefined;
  readonly ipv6: string | undefined;
  /** The cable is pulled at the switch: the host's interface stays, with its addresses, without a carrier. */
  readonly cut: () => void;
  readonly mend: () => void;
  /** The interface itself goes, with its addresses. */
  readonly unplug: () => void;
};

type SpawnOptions = { readonly stdio?: StdioOptions; readonly env?: NodeJS.ProcessEnv };

const PREFIX = 'allotment';

/** Why there can be none here; `undefined` where they can be made. */
export const noNamespaces: string | undefined = whyNot();

function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux has network namespaces';
  if (process.getuid?.() !== 0) return 'only root may make network namespaces';
  if (spawnSync('ip', ['-V'], { stdio: 'ignore' }).error !== undefined)
    return 'the program "ip" (package iproute2) is not installed';
  const probe = `${PREFIX}-${process.pid}-probe`;
  const made = spawnSync('ip', ['netns', 'add', probe], { encoding: 'utf8' });
  if (made.status !== 0) return `this machine allows none (${made.stderr.trim()})`;
  const wired = spawnSync('ip', ['-n', probe, 'link', 'add', 'try', 'type', 'bridge']);
  spawnSync('ip', ['netns', 'del', probe]);
  return wired.status === 0 ? undefined : 'this machine’s kernel has no bridges';
}

/** What tests are called that need something: a run without it says loudly why they are missing. */
export function onlyWith(name: string, whyNone: string | undefined): string {
  return whyNone === undefined ? name : `${name} (SKIPPED: ${whyNone})`;
}

let labs = 0;

export function createLab(): Lab {
  removeLeftovers();
  labs += 1;
  const own = `${PREFIX}-${process.pid}-${labs}`;
  const made: string[] = [];
  /** By network: how many hosts got an address there. */
  const plugged = new Map<LabNetwork, number>();
  const given = new Map<LabNetwork, NetworkOptions>();
  process.once('exit', remove);

  function namespace(kind: string): string {
    const name = `${own}-${made.length}${kind}`;
    ip('netns', 'add', name);
    made.push(name);
    ip('-n', name, 'link', 'set', 'lo', 'up');
    // Looking whether somebody has an address already takes seconds, in which it can't be used.
    inside(name, 'sh', [
      '-c',
      'for each in all default; do echo 0 > /proc/sys/net/ipv6/conf/$each/accept_dad; done',
    ]);
    return name;
  }

  function network(options: NetworkOptions = {}): LabNetwork {
    const name = namespace('net');
    const on = (...words: readonly string[]) => ip('-n', name, ...words);
    // A plain switch that hands everything to everybody and asks nobody who listens.
    on('link', 'add', 'switch', 'type', 'bridge', 'mcast_snooping', '0');
    // Else its hardware address would be that of a cable, another one whenever a cable comes or goes.
    on('link', 'set', 'switch', 'address', localHardware());
    on('link', 'set', 'switch', 'up');
    const { ipv4, ipv6, router = false } = options;
    if (router && ipv4 !== undefined) on('addr', 'add', `${ipv4}.1/24`, 'dev', 'switch');
    if (router && ipv6 !== undefined) on('addr', 'add', `${ipv6}1/64`, 'dev', 'switch', 'nodad');
    const result: LabNetwork = { namespace: name, traffic: () => trafficOn(name) };
    given.set(result, options);
    return result;
  }

  function host(name: string): LabHost {
    const space = namespace('host');
    let plugs = 0;
    return {
      name,
      namespace: space,
      plug: (net, options) => {
        const interfaceName = `eth${plugs}`;
        plugs += 1;
        return plug({ interfaceName, ...options, space, net });
      },
      spawn: (program, args, options = {}) => {
        const words = ['netns', 'exec', space, program, ...args];
        const child = spawn('ip', words, { stdio: 'ignore', ...options });
        // Passed on, not inherited: whoever outlives a test that was killed would keep its output open.
        child.stderr?.pipe(process.stderr, { end: false });
        return child;
      },
      run: (program, args) => inside(space, program, args),
    };
  }

  function plug({
    space,
    interfaceName,
    net,
    families = [4, 6],
  }: {
    readonly space: string;
    readonly interfaceName: string;
    readonly net: LabNetwork;
    readonly families?: readonly (4 | 6)[];
  }): Plug {
    const { ipv4, ipv6, router = false } = given.get(net) ?? {};
    const count = (plugged.get(net) ?? 0) + 1;
    plugged.set(net, count);
    const port = `port${count}`;
    const at = (...words: readonly string[]) => ip('-n', space, ...words);
    const there = (...words: readonly string[]) => ip('-n', net.namespace, ...words);
    there('link', 'add', port, 'type', 'veth', 'peer', 'name', interfaceName, 'netns', space);
    there('link', 'set', port, 'master', 'switch');
    there('link', 'set', port, 'up');
    if (!families.includes(6))
      inside(space, 'sh', ['-c', `echo 1 > /proc/sys/net/ipv6/conf/${interfaceName}/disable_ipv6`]);
    const mine = {
      ipv4: ipv4 !== undefined && families.includes(4) ? `${ipv4}.${count + 1}` : undefined,
      ipv6: ipv6 !== undefined && families.includes(6) ? `${ipv6}${count + 1}` : undefined,
    };
    if (mine.ipv4 !== undefined) at('addr', 'add', `${mine.ipv4}/24`, 'dev', interfaceName);
    at('link', 'set', interfaceName, 'up');
    if (mine.ipv6 !== undefined)
      at('addr', 'add', `${mine.ipv6}/64`, 'dev', interfaceName, 'nodad');
    if (mine.ipv4 !== undefined && router) {
      // Two ways out are possible as long as one of them comes first.
      const metric = String(100 + Number(interfaceName.slice(3)));
      at('route', 'add', 'default', 'via', `${ipv4}.1`, 'dev', interfaceName, 'metric', metric);
      // Any packet makes the kernel find out the router's hardware address.
      inside(space, 'bash', ['-c', `echo > /dev/udp/${ipv4}.1/9`]);
    }
    return {
      interfaceName,
      ...mine,
      cut: () => void there('link', 'set', port, 'down'),
      mend: () => void there('link', 'set', port, 'up'),
      unplug: () => void there('link', 'del', port),
    };
  }

  function remove(): void {
    process.removeListener('exit', remove);
    for (const name of made.splice(0)) removeNamespace(name);
  }

  return { network, host, remove };
}

function ip(...words: readonly string[]): string {
  return execFileSync('ip', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function inside(namespace: string, program: string, args: readonly string[]): string {
  return ip('netns', 'exec', namespace, program, ...args);
}

function trafficOn(namespace: string): Traffic {
  const links = JSON.parse(ip('-n', namespace, '-s', '-j', 'link')) as readonly {
    readonly ifname: string;
    readonly stats64?: {
      readonly rx: { readonly bytes: number };
      readonly tx: { readonly bytes: number };
    };
  }[];
  const ports = links.filter(({ ifname }) => ifname.startsWith('port'));
  const sum = (way: 'rx' | 'tx') =>
    ports.reduce((total, { stats64 }) => total + (stats64?.[way].bytes ?? 0), 0);
  // Seen from the switch: what a port receives its host has sent.
  return { sent: sum('rx'), received: sum('tx') };
}

/** Made up, as the second bit of the first byte says. */
function localHardware(): string {
  const bytes = [...randomBytes(5)].map((byte) => byte.toString(16).padStart(2, '0'));
  return ['02', ...bytes].join(':');
}

/** With everything that runs in it: a namespace lives as long as a process does. */
function removeNamespace(name: string): void {
  const pids = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).stdout ?? '';
  for (const pid of pids.split('\n').filter((line) => line !== '')) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  }
  spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
}

/** Of test runs that were killed before they could tidy up. */
function removeLeftovers(): void {
  const folder = '/run/netns';
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const [prefix, pid = ''] = name.split('-');
    if (prefix === PREFIX && !existsSync(`/proc/${pid}`)) removeNamespace(name);
  }
}
