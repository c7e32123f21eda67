import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { pause, scratch } from '../fakes/homes.ts';
import {
  callAllHome,
  friendOf,
  type LabHome,
  networksOf,
  pairNearby,
  sees,
  seesNearby,
  startLabHome,
  until,
} from './lab-home.ts';
import { listenOn } from './listening-ear.ts';
import {
  createLab,
  type Lab,
  type LabHost,
  noNamespaces,
  onlyWith,
  type Plug,
} from './namespaces.ts';

/** The tests go on where those before them ended, as days do. */
const HOSTS = ['Ana', 'Ben', 'Cleo', 'Emil'] as const;
/** A whole gap between looks at the links, and as long again. */
const SILENCE_MS = 4000;

function signal({ process: { pid } }: LabHome, name: NodeJS.Signals): void {
  if (pid === undefined) throw new Error('it does not run');
  process.kill(pid, name);
}

/** Somebody who wants to know tries; without that it would be minutes until the next look. */
async function goesAway(home: LabHome, name: string): Promise<void> {
  await home.call('friends.try', { friend: name }).catch(() => undefined);
  await sees(home, name, 'away');
}

let place: Awaited<ReturnType<typeof scratch>>;
let lab: Lab;

beforeAll(async () => {
  place = await scratch();
});
afterAll(() => place.remove());

describe.skipIf(noNamespaces !== undefined)(onlyWith('on real networks', noNamespaces), () => {
  let plugs: ReadonlyMap<string, Plug>;
  let hosts: ReadonlyMap<string, LabHost>;
  let ana: LabHome;
  let ben: LabHome;
  let cleo: LabHome;
  let emil: LabHome;
  let network: ReturnType<Lab['network']>;

  beforeAll(async () => {
    lab = createLab();
    network = lab.network({ ipv4: '192.168.7', ipv6: 'fd07::', router: true });
    hosts = new Map(HOSTS.map((name) => [name, lab.host(name)]));
    plugs = new Map([...hosts].map(([name, host]) => [name, host.plug(network)]));
  });
  afterAll(() => lab.remove());

  test('nothing at all is sent on a network that nobody has called home', async () => {
    const stranger = lab.host('ear');
    stranger.plug(network);
    const ear = await listenOn(stranger);
    [ana, ben, cleo, emil] = await Promise.all([
      startLabHome(hosts.get('Ana')!, place.folder),
      startLabHome(hosts.get('Ben')!, place.folder),
      startLabHome(hosts.get('Cleo')!, place.folder),
      startLabHome(hosts.get('Emil')!, place.folder),
    ]);
    const seen = await networksOf(ana);
    expect(seen).toMatchObject({
      announces: false,
      networks: [{ home: null, label: '192.168.7.0/24', hasRouter: true }],
    });
    await pause(SILENCE_MS);
    expect(ear.heard()).toEqual([]);
    await callAllHome(ana);
    await until(() => (ear.heard().length > 0 ? true : undefined));
    ear.close();
  });

  test('three devices find each other and become friends', async () => {
    await Promise.all([ben, cleo, emil].map((home) => callAllHome(home)));
    await Promise.all([pairNearby(ana, ben), pairNearby(cleo, ana)]);
    await Promise.all([pairNearby(ben, cleo), pairNearby(ana, emil)]);
    const all = [ana, ben, cleo];
    await Promise.all(
      all.flatMap((home) =>
        all.filter((each) => each !== home).map(({ name }) => sees(home, name, 'online')),
      ),
    );
    // Friends are no strangers.
    await until(async () => ((await ana.call('nearby.list', {})).length === 0 ? true : undefined));
    await sees(ana, 'Emil', 'online');
    // That it is missed takes a while; the last test looks.
    signal(emil, 'SIGKILL');
  });

  test('a pulled cable and a sleeping computer part them', async () => {
    plugs.get('Ben')!.cut();
    signal(cleo, 'SIGSTOP');
    await networksOf(ben, 0);
    await Promise.all([sees(ben, 'Ana', 'away'), goesAway(ana, 'Ben'), goesAway(ana, 'Cleo')]);
  });

  test('they meet again when the cable is back, by themselves', async () => {
    plugs.get('Ben')!.mend();
    const mendedMs = performance.now();
    await Promise.all([sees(ben, 'Ana', 'online'), sees(ana, 'Ben', 'online')]);
    process.stdout.write(`found again after ${Math.round(performance.now() - mendedMs)} ms\n`);
    // The other one sleeps on.
    expect((await friendOf(ana, 'Cleo'))?.presence.state).toBe('away');
  });

  test('a computer that wakes looks for its friends, and is found', async () => {
    signal(cleo, 'SIGCONT');
    await Promise.all([
      sees(cleo, 'Ana', 'online'),
      sees(cleo, 'Ben', 'online'),
      sees(ana, 'Cleo', 'online'),
      sees(ben, 'Cleo', 'online'),
    ]);
  });

  test('one who comes late finds those that were there long before, and is found', async () => {
    const host = lab.host('Dora');
    host.plug(network);
    const dora = await startLabHome(host, place.folder);
    await callAllHome(dora);
    await Promise.all(['Ana', 'Ben', 'Cleo'].map((name) => seesNearby(dora, name)));
    await Promise.all([ana, ben, cleo].map((home) => seesNearby(home, 'Dora')));
    await dora.stop();
    // Long before what was heard would expire by itself: goodbye was said.
    await until(async () => ((await ana.call('nearby.list', {})).length === 0 ? true : undefined));
  });

  test('a friend who quits is away at once', async () => {
    const startedMs = performance.now();
    await cleo.stop();
    await sees(ana, 'Cleo', 'away');
    process.stdout.write(`away after ${Math.round(performance.now() - startedMs)} ms\n`);
  });

  test('a device on both is found on each, also by IPv6 alone, and reached when one is cut', async () => {
    const other = createLab();
    onTestFinished(() => other.remove());
    const upstairs = other.network({ ipv4: '192.168.7', router: true });
    const cellar = other.network({ ipv4: '192.168.8' });
    const hosts = ['Ana', 'Ben', 'Cleo'].map((name) => other.host(name));
    const [anas, bens, cleos] = hosts;
    const upstairsPlug = anas!.plug(upstairs);
    anas!.plug(cellar);
    bens!.plug(upstairs);
    bens!.plug(cellar);
    // Without any address but the one every link has by itself.
    cleos!.plug(cellar, { families: [6] });
    const [ana, ben, cleo] = await Promise.all(
      hosts.map((host) => startLabHome(host, place.folder)),
    );
    await Promise.all([callAllHome(ana!, 2), callAllHome(ben!, 2), callAllHome(cleo!)]);
    await pairNearby(ana!, ben!);
    await pairNearby(cleo!, ana!);
    // Whoever was called knows at first only that he was.
    const met = await until(async () => {
      const presence = (await friendOf(cleo!, 'Ana'))?.presence;
      return presence?.state === 'online' && presence.address !== null ? presence : undefined;
    });
    expect(met.address).toMatch(/^\[fe80::[0-9a-f:]+%eth0\]:/);
    await sees(ana!, 'Cleo', 'online');
    await sees(ben!, 'Ana', 'online');
    upstairsPlug.cut();
    await networksOf(ana!, 1);
    const still = await until(async () => {
      await ben!.call('friends.try', { friend: 'Ana' }).catch(() => undefined);
      const presence = (await friendOf(ben!, 'Ana'))?.presence;
      return presence?.state === 'online' && !presence.address?.startsWith('192.168.7.')
        ? presence
        : undefined;
    });
    expect(still.address).toMatch(/^(192\.168\.8\.|\[fe80)/);
  });

  test('another router behind the same addresses is another network, where nothing is said', async () => {
    const other = createLab();
    onTestFinished(() => other.remove());
    const homeNetwork = other.network({ ipv4: '192.168.7', router: true });
    const cafe = other.network({ ipv4: '192.168.7', router: true });
    const host = other.host('Ana');
    const stranger = other.host('ear');
    const plug = host.plug(homeNetwork);
    stranger.plug(cafe);
    const ear = await listenOn(stranger);
    const ana = await startLabHome(host, place.folder);
    await callAllHome(ana);
    const known = await until(async () => {
      const view = await ana.call('networks.get', {});
      return view.announces ? view : undefined;
    });
    plug.unplug();
    await networksOf(ana, 0);
    host.plug(cafe, { interfaceName: plug.interfaceName });
    const seen = await networksOf(ana);
    expect(seen.networks[0]).toMatchObject({ label: known.networks[0]?.label, home: null });
    expect(seen.networks[0]?.id).not.toBe(known.networks[0]?.id);
    await pause(SILENCE_MS);
    expect(ear.heard()).toEqual([]);
  });

  test('one that was killed has been noticed by its silence', async () => {
    await sees(ana, 'Emil', 'away');
  });
});
