import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './lab-home.ts';
import { type LabHost, noNamespaces } from './namespaces.ts';

/** Why there is no Avahi to compare with; `undefined` where there is. */
export const noAvahi: string | undefined =
  noNamespaces ??
  ['avahi-daemon', 'avahi-browse', 'avahi-publish', 'dbus-daemon']
    .filter((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error !== undefined)
    .map((program) => `the program "${program}" is not installed`)[0];

/** A service as `avahi-browse` resolves it. */
export type Resolved = {
  readonly interfaceName: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly name: string;
  readonly hostName: string;
  readonly address: string;
  readonly port: number;
  readonly texts: readonly string[];
};

/** What most Linux desktops find services with, on a host of a lab. */
export type Avahi = {
  /** What is there, once it has asked around. */
  readonly browse: () => Promise<readonly Resolved[]>;
  /** The types of service that anybody here announces. */
  readonly types: () => Promise<readonly string[]>;
  readonly publish: (name: string, port: number, texts: readonly string[]) => ChildProcess;
};

const SERVICE = '_allotment._tcp';

/** Its own message bus, since it talks to its tools over one, and its own `/run`. */
export async function startAvahi(host: LabHost, folder: string): Promise<Avahi> {
  const own = join(folder, `avahi of ${host.name}`);
  await mkdir(own);
  const bus = join(own, 'bus');
  await writeFile(join(own, 'bus.conf'), busConfig(bus));
  await writeFile(join(own, 'avahi.conf'), AVAHI_CONFIG);
  const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${escaped(bus)}` };
  const busArgs = ['--config-file', join(own, 'bus.conf'), '--nofork', '--nopidfile'];
  host.spawn('dbus-daemon', busArgs, { env });
  await until(() => existsSync(bus) || undefined);
  // The host has its own view of the mounts; one Avahi for each `/run` is all that it allows.
  const start =
    'mount -t tmpfs none /run && exec avahi-daemon --no-drop-root --no-chroot --no-rlimits --file "$0"';
  host.spawn('sh', ['-c', start, join(own, 'avahi.conf')], { env });

  async function ask(args: readonly string[]): Promise<readonly (readonly string[])[] | undefined> {
    const child = host.spawn('avahi-browse', args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    if ((await once(child, 'close'))[0] !== 0) return undefined;
    return text.split('\n').map((line) => line.split(';'));
  }

  await until(() => ask(['--parsable', '--terminate', SERVICE]));
  return {
    browse: async () => {
      const rows = await ask(['--resolve', '--parsable', '--terminate', SERVICE]);
      return (rows ?? []).filter(([kind]) => kind === '=').map(resolvedOf);
    },
    types: async () => {
      const rows = await ask(['--all', '--parsable', '--terminate']);
      return [...new Set((rows ?? []).map(([, , , , type = '']) => type))];
    },
    publish: (name, port, texts) =>
      host.spawn('avahi-publish', ['--service', name, SERVICE, String(port), ...texts], { env }),
  };
}

function resolvedOf(row: readonly string[]): Resolved {
  const [, interfaceName = '', family, name = '', , , hostName = '', address = '', port, ...rest] =
    row;
  return {
    interfaceName,
    family: family === 'IPv6' ? 'IPv6' : 'IPv4',
    name,
    hostName,
    address,
    port: Number(port),
    texts: [...rest.join(';').matchAll(/"([^"]*)"/g)].map(([, text = '']) => text),
  };
}

/** D-Bus addresses escape what is not plain (D-Bus specification, "Server Addresses"). */
function escaped(path: string): string {
  return path.replaceAll(' ', '%20');
}

const AVAHI_CONFIG = `[server]
host-name=stock
use-ipv4=yes
use-ipv6=yes
allow-interfaces=eth0
enable-dbus=yes
[publish]
publish-hinfo=no
publish-workstation=no
`;

function busConfig(bus: string): string {
  const kinds = ['method_call', 'method_return', 'error', 'signal'];
  const receive = kinds.map((kind) => `<allow receive_type="${kind}"/>`).join('');
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=${escaped(bus)}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_type="signal"/><allow send_requested_reply="true"/>${receive}</policy></busconfig>`;
}
