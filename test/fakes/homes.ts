import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { nodeDiskSpace } from '../../electron/core/adapters/node-disk-space.ts';
import { layoutOf } from '../../electron/core/config.ts';
import type { CoreOptions } from '../../electron/core/core-options.ts';
import type { KeptCore } from '../../electron/core/keep-core.ts';
import type { DiskSpace } from '../../electron/core/ports.ts';
import { startCore } from '../../electron/core/start-core.ts';
import type { ChannelName } from '../../shared/contract/channels.ts';
import type { ResultOf } from '../../shared/contract/contract.ts';
import { callThroughDoor } from '../../shared/contract/door.ts';
import type { JobView } from '../../shared/contract/views.ts';
import { type Air, loopbackLink, silentAir } from './air.ts';
import { freshDatabase } from './fresh-database.ts';
import { hear, until } from './until.ts';

export { pause, until } from './until.ts';

/** A real core in a temporary home on loopback, called as every door calls it. */
export type TestHome = {
  readonly core: Omit<KeptCore, 'replaced'>;
  readonly folder: string;
  readonly address: string;
  readonly call: <C extends ChannelName>(channel: C, args?: unknown) => Promise<ResultOf<C>>;
  /** The code of the fault with which a call must end. */
  readonly fault: (channel: ChannelName, args?: unknown) => Promise<string>;
  readonly job: (job: JobView) => Promise<JobView>;
  readonly restart: (options?: Partial<CoreOptions>) => Promise<TestHome>;
  readonly close: () => Promise<void>;
};

export async function scratch(): Promise<{
  readonly folder: string;
  readonly remove: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'allotment-test-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

export async function startHome(
  name: string,
  folder: string,
  options: Partial<CoreOptions> = {},
): Promise<TestHome> {
  const all: CoreOptions = {
    home: join(folder, `home of ${name}`),
    version: 'test',
    name,
    port: 0,
    host: '127.0.0.1',
    logLevel: 'silent',
    ...options,
    // Tests about something else neither look at this machine's networks nor speak there.
    ports: { ...silentAir(), space: roomy, ...options.ports },
  };
  await furnish(all.home);
  const started = await startCore(all);
  if (!started.ok) throw new Error(`${name} did not start: ${JSON.stringify(started.fault)}`);
  return {
    ...asTestHome(started.value, folder),
    restart: async (more) => {
      await started.value.close();
      return startHome(name, folder, { ...options, port: started.value.info().port, ...more });
    },
  };
}

/** Hosts offer some tens of gigabytes, which a small machine's disk or memory has not got. */
const roomy: DiskSpace = {
  ...nodeDiskSpace,
  read: async (folder) => {
    const real = await nodeDiskSpace.read(folder);
    const more = 100n * GB;
    return real && { freeBytes: real.freeBytes + more, totalBytes: real.totalBytes + more };
  },
};

/** A home that is not there yet begins with books that are migrated already. */
async function furnish(home: string): Promise<void> {
  if (existsSync(home)) return;
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeFile(layoutOf(home).database, freshDatabase());
}

/**
 * A core that hears and finds the others started with the same air, on a network called home. After a
 * restart with the same options its network is home already.
 */
export async function startNear(
  air: Air,
  name: string,
  folder: string,
  options: Partial<CoreOptions> = {},
): Promise<TestHome> {
  const home = await startHome(name, folder, {
    ...options,
    ports: { ...nearTo(air), ...options.ports },
  });
  await callItHome(home);
  return home;
}

/** A place in the air for a core on loopback; whoever is heard there is called at 127.0.0.1. */
export function nearTo(air: Air): NonNullable<CoreOptions['ports']> {
  const host = air.host({ source: '127.0.0.1' });
  host.plug('home', loopbackLink());
  const { networks, multicast } = host;
  return {
    networks,
    // A core closes what it was given; the next start of the same home speaks through it again.
    multicast: { ...multicast, close: async () => multicast.use([]) },
  };
}

/** Answers the question that every new network asks, for all this home is on. */
export async function callItHome(home: TestHome): Promise<void> {
  const networks = await until(async () => {
    const found = (await home.call('networks.get')).networks;
    return found.length > 0 ? found : undefined;
  });
  for (const { id } of networks) await home.call('networks.set', { network: id, home: true });
}

/** A core that somebody else started. */
export function asTestHome(core: TestHome['core'], folder: string): TestHome {
  const address = `127.0.0.1:${core.info().port}`;
  const call: TestHome['call'] = async (channel, args) => {
    const result = await callThroughDoor(core.api, { channel, args });
    hear(`${channel} at ${address}`, result);
    if (!result.ok) throw new Error(`${channel}: ${JSON.stringify(result.fault)}`);
    return result.value as ResultOf<typeof channel>;
  };
  return {
    core,
    folder,
    address,
    call,
    fault: async (channel, args) => {
      const result = await callThroughDoor(core.api, { channel, args });
      hear(`${channel} at ${address}`, result);
      return result.ok ? 'none' : result.fault.code;
    },
    job: ({ id }) =>
      until(
        async () => {
          const now = await call('jobs.get', { id });
          return now.state === 'running' ? undefined : now;
        },
        { stepMs: 20 },
      ),
    restart: () => Promise.reject(new Error('whoever started this core can start it again')),
    close: () => core.close(),
  };
}

/** Both people read the other's screen and type what it shows. */
export async function pair(one: TestHome, other: TestHome): Promise<void> {
  const mine = await one.call('pairings.start', { address: other.address });
  const theirs = await until(async () =>
    (await other.call('pairings.list')).find(({ id }) => id === mine.id),
  );
  expect(theirs.digits).toBe(mine.digits);
  await other.call('pairings.confirm', { code: mine.digits });
  await one.call('pairings.confirm', { code: theirs.digits });
  const [a, b] = [one.core.info().device, other.core.info().device];
  const knows = async (home: TestHome, device: string) =>
    (await home.call('friends.list')).some(({ devices }) =>
      devices.some((each) => each.device === device),
    )
      ? true
      : undefined;
  await until(() => knows(one, b));
  await until(() => knows(other, a));
}

export const GB = 1_000_000_000n;

/** A host that offers `bytes` under a fair share with weight 1. */
export async function offer(host: TestHome, folder: string, bytes = 20n * GB): Promise<void> {
  await host.call('offer.set', { folder, offerBytes: `${bytes}`, keepFreeBytes: '0' });
  await host.call('policy.set', {
    policy: { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] },
  });
}
