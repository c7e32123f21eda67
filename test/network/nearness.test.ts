import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
import { createLab, type Lab, type LabHost, noNamespaces, type Plug } from './namespaces.ts';

/** The first test of a describe block makes the world in which the others go on. */
const HOSTS = ['Ana', 'Ben', 'Cleo'] as const;
/** A whole gap between looks at the links, and as long again. */
const SILENCE_MS = 4000;

let place: Awaited<ReturnType<typeof scratch>>;
let lab: Lab;

beforeAll(async () => {
  place = await scratch();
});
afterAll(() => place.remove());

describe.skipIf(noNamespaces !== undefined)(
  `on one network (SKIPPED without namespaces: ${noNamespaces})`,
  () => {
    let plugs: ReadonlyMap<string, Plug>;
    let hosts: ReadonlyMap<string, LabHost>;
    let ana: LabHome;
    let ben: LabHome;
    let cleo: LabHome;
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
      [ana, ben, cleo] = await Promise.all([
        startLabHome(hosts.get('Ana')!, place.folder),
        startLabHome(hosts.get('Ben')!, place.folder),
        startLabHome(hosts.get('Cleo')!, place.folder),
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
      await Promise.all([callAllHome(ben), callAllHome(cleo)]);
      await Promise.all([pairNearby(ana, ben), pairNearby(cleo, ana)]);
      await pairNearby(ben, cleo);
      const all = [ana, ben, cleo];
      await Promise.all(
        all.flatMap((home) =>
          all.filter((each) => each !== home).map(({ name }) => sees(home, name, 'online')),
        ),
      );
      // Friends are no strangers.
      await until(async () =>
        (await ana.call('nearby.list', {})).length === 0 ? true : undefined,
      );
    });

    test('a cable that is pulled parts them, and they meet again when it is back', async () => {
      const plug = plugs.get('Ben')!;
      plug.cut();
      await networksOf(ben, 0);
      await Promise.all([sees(ben, 'Ana', 'away'), sees(ben, 'Cleo', 'away')]);
      await ana.call('friends.try', { friend: 'Ben' }).catch(() => undefined);
      await sees(ana, 'Ben', 'away');
      // They go on between themselves.
      expect((await friendOf(ana, 'Cleo'))?.presence.state).toBe('online');
      plug.mend();
      const mendedMs = performance.now();
      await Promise.all([sees(ben, 'Ana', 'online'), sees(ana, 'Ben', 'online')]);
      process.stdout.write(`found again after ${Math.round(performance.now() - mendedMs)} ms\n`);
    });

    test('a computer that slept looks for its friends by itself', async () => {
      const { pid } = ben.process;
      if (pid === undefined) throw new Error('Ben does not run');
      process.kill(pid, 'SIGSTOP');
      await pause(8000);
      await ana.call('friends.try', { friend: 'Ben' }).catch(() => undefined);
      await sees(ana, 'Ben', 'away');
      process.kill(pid, 'SIGCONT');
      await Promise.all([sees(ana, 'Ben', 'online'), sees(ben, 'Ana', 'online')]);
    });

    test('one who comes late finds those that were there long before, and is found', async () => {
      const host = lab.host('Dora');
      host.plug(network);
      const dora = await startLabHome(host, place.folder);
      await callAllHome(dora);
      await Promise.all(HOSTS.map((name) => seesNearby(dora, name)));
      await Promise.all([ana, ben, cleo].map((home) => seesNearby(home, 'Dora')));
      await dora.stop();
      // Long before what was heard of it would expire by itself: it said goodbye.
      await until(async () =>
        (await ana.call('nearby.list', {})).length === 0 ? true : undefined,
      );
    });

    test('a friend who quits is away at once', async () => {
      await cleo.stop();
      const presence = await sees(ana, 'Cleo', 'away');
      expect(presence.sinceMs).not.toBeNull();
    });

    test('one that was killed is noticed by its silence', async () => {
      ben.process.kill('SIGKILL');
      await sees(ana, 'Ben', 'away');
    }, 240_000);
  },
);

describe.skipIf(noNamespaces !== undefined)(
  `on two networks (SKIPPED without namespaces: ${noNamespaces})`,
  () => {
    test('a device on both is found on each, also by IPv6 alone, and reached when one is cut', async () => {
      lab = createLab();
      const upstairs = lab.network({ ipv4: '192.168.7', router: true });
      const cellar = lab.network({ ipv4: '192.168.8' });
      const hosts = HOSTS.map((name) => lab.host(name));
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
      const met = await sees(cleo!, 'Ana', 'online');
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
      lab.remove();
    });

    test('another router behind the same addresses is another network, where nothing is said', async () => {
      lab = createLab();
      const homeNetwork = lab.network({ ipv4: '192.168.7', router: true });
      const cafe = lab.network({ ipv4: '192.168.7', router: true });
      const host = lab.host('Ana');
      const stranger = lab.host('ear');
      const plug = host.plug(homeNetwork);
      stranger.plug(cafe);
      const ear = await listenOn(stranger);
      const ana = await startLabHome(host, place.folder);
      await callAllHome(ana);
      const known = await until(async () => {
        const view = await ana.call('networks.get', {});
        return view.announces ? view : undefined;
      });
      plug.cut();
      await networksOf(ana, 0);
      host.plug(cafe);
      const seen = await networksOf(ana);
      expect(seen.networks[0]).toMatchObject({ label: known.networks[0]?.label, home: null });
      expect(seen.networks[0]?.id).not.toBe(known.networks[0]?.id);
      await pause(SILENCE_MS);
      expect(ear.heard()).toEqual([]);
      lab.remove();
    });
  },
);
