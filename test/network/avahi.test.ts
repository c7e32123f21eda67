import type { StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scratch } from '../fakes/homes.ts';
import { type Avahi, noAvahi, startAvahi } from './avahi.ts';
import {
  callAllHome,
  friendOf,
  type LabHome,
  pairNearby,
  sees,
  seesNearby,
  startLabHome,
  until,
} from './lab-home.ts';
import {
  createLab,
  type Lab,
  type LabHost,
  noNamespaces,
  onlyWith,
  type Plug,
} from './namespaces.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let lab: Lab;
let network: ReturnType<Lab['network']>;
let ana: LabHome;
let ben: LabHome;
/** Where Avahi runs, and whoever means harm. */
let other: LabHost;
let otherPlug: Plug;

/** Ana is on another network besides, which nobody here may learn of. */
async function makeWorld(): Promise<void> {
  place = await scratch();
  lab = createLab();
  network = lab.network({ ipv4: '192.168.7', ipv6: 'fd07::', router: true });
  const elsewhere = lab.network({ ipv4: '192.168.8' });
  const [anas, bens] = [lab.host('Ana'), lab.host('Ben')];
  other = lab.host('other');
  anas.plug(network);
  anas.plug(elsewhere);
  bens.plug(network);
  otherPlug = other.plug(network);
  [ana, ben] = await Promise.all([
    startLabHome(anas, place.folder),
    startLabHome(bens, place.folder),
  ]);
  await Promise.all([callAllHome(ana, 2), callAllHome(ben)]);
  await pairNearby(ana, ben);
}

/** A port that takes every connection and says nothing; counts them. */
async function openDoor(): Promise<{ readonly port: number; readonly connections: () => number }> {
  const script = fileURLToPath(new URL('./door.ts', import.meta.url));
  const child = other.spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.stdout === null) throw new Error('the door can’t be read');
  const lines = createInterface({ input: child.stdout });
  const port = String((await once(lines, 'line'))[0]);
  let connections = 0;
  lines.on('line', () => {
    connections += 1;
  });
  return { port: Number(port), connections: () => connections };
}

function residentMB(home: LabHome): number {
  const status = readFileSync(`/proc/${home.process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+([0-9]+) kB/.exec(status)?.[1] ?? 0) / 1000;
}

/** Nothing that a terminal or a window would act on. */
const INERT = /^[^\p{Cc}\p{Cf}]*$/u;

describe.skipIf(noNamespaces !== undefined)(
  onlyWith('among Avahi and hostile adverts', noNamespaces),
  () => {
    beforeAll(makeWorld);
    afterAll(async () => {
      lab.remove();
      await place.remove();
    });

    describe.skipIf(noAvahi !== undefined)(onlyWith('with Avahi', noAvahi), () => {
      let avahi: Avahi;
      beforeAll(async () => {
        avahi = await startAvahi(other, place.folder);
      });

      test('avahi-browse resolves the service with addresses of that network alone', async () => {
        const seen = await until(async () => {
          const resolved = await avahi.browse();
          const families = new Set(
            resolved.filter(({ port }) => port === ana.ready.port).map(({ family }) => family),
          );
          return families.size === 2 ? resolved : undefined;
        });
        const anas = seen.filter(({ port }) => port === ana.ready.port);
        for (const { interfaceName, name, hostName, address, texts } of anas) {
          expect(interfaceName).toBe('eth0');
          expect(name).toMatch(/^[a-z2-7]{16}$/);
          expect(hostName).toBe(`${name}.local`);
          expect(address).toMatch(/^(192\.168\.7\.|fd07::|fe80:)/);
          expect(texts.toSorted()).toEqual(['k=server', 'n=Ana', `t=${name}`, 'v=1']);
          // Nothing of it outlives the day.
          expect(ana.ready.device).not.toContain(name);
        }
        expect(new Set(anas.map(({ name }) => name)).size).toBe(1);
        expect(await avahi.types()).toContain('_allotment._tcp');
      });

      test('an advert of avahi-publish appears among those nearby, as one that does not answer', async () => {
        const door = await openDoor();
        const good = avahi.publish('aaaabbbbccccdddd', door.port, [
          'v=1',
          'n=Zoe’s computer',
          'k=laptop',
          't=aaaabbbbccccdddd',
        ]);
        const seen = await until(async () =>
          (await ana.call('nearby.list', {})).find(({ name }) => name === 'Zoe’s computer'),
        );
        expect(seen).toMatchObject({ kind: 'laptop', tail: null, network: '192.168.7.0/24' });
        const silent = await until(async () =>
          (await ana.call('nearby.list', {})).find(
            ({ id, state }) => id === seen.id && state === 'silent',
          ),
        );
        expect(silent.tail).toBeNull();
        good.kill();
        await until(async () =>
          (await ana.call('nearby.list', {})).length === 0 ? true : undefined,
        );
        expect(door.connections()).toBeLessThan(10);
      });

      test('hostile adverts of avahi-publish stay text, and take nobody’s place', async () => {
        const door = await openDoor();
        const published = [
          avahi.publish('aaaabbbbccccddde', door.port, [
            'v=1',
            'n=Eve\u001b[2J\u202e<b>',
            'k=desktop',
            't=aaaabbbbccccddde',
          ]),
          avahi.publish(
            'aaaabbbbccccdddf',
            door.port,
            Array.from({ length: 30 }, (_, index) => `x${index}=${'y'.repeat(240)}`),
          ),
          avahi.publish('not a tag; at all.', 1, ['v=1', 'n=Port One', 'k=toaster']),
          // Ben's own name, at a port that is not his.
          avahi.publish('aaaabbbbccccdddg', door.port, [
            'v=1',
            'n=Ben',
            'k=server',
            't=aaaabbbbccccdddg',
          ]),
        ];
        const liar = await until(async () =>
          (await ana.call('nearby.list', {})).find(({ name }) => name === 'Ben'),
        );
        expect(liar.tail).toBeNull();
        for (const { name } of await ana.call('nearby.list', {})) expect(name).toMatch(INERT);
        expect((await friendOf(ana, 'Ben'))?.presence.state).toBe('online');
        expect((await friendOf(ana, 'Ben'))?.devices[0]?.addresses.join()).not.toContain(
          String(door.port),
        );
        const refused = await ana
          .call('pairings.start', { nearby: liar.id })
          .catch((error: unknown) => String(error));
        expect(refused).toMatch(/unreachable|protocol/);
        expect(door.connections()).toBeLessThan(15);
        for (const child of published) child.kill();
      });
    });

    test('two hundred thousand names are a bounded list, no storm of connections, and no weight', async () => {
      const door = await openDoor();
      const script = fileURLToPath(new URL('./flood.ts', import.meta.url));
      const flood = async (from: number) => {
        const args = [script, otherPlug.ipv4 ?? '', String(door.port), String(from)];
        const stdio: StdioOptions = ['ignore', 'ignore', 'pipe'];
        const child = other.spawn(process.execPath, args, { stdio });
        expect((await once(child, 'close'))[0]).toBe(0);
      };
      const startedMs = Date.now();
      // Any first burst of work makes the program larger. What is kept of names grows with every flood.
      await flood(0);
      const before = residentMB(ana);
      await flood(100_000);
      // It has all of its wits: it answers, keeps its friend, and finds who comes next.
      await sees(ana, 'Ben', 'online');
      const nearby = await ana.call('nearby.list', {});
      expect(nearby.length).toBeGreaterThan(0);
      expect(nearby.length).toBeLessThanOrEqual(64);
      for (const { name } of nearby) expect(name).toMatch(INERT);
      const host = lab.host('Dora');
      host.plug(network);
      const dora = await startLabHome(host, place.folder);
      await callAllHome(dora);
      await seesNearby(ana, 'Dora');
      const seconds = (Date.now() - startedMs) / 1000;
      const moreMB = residentMB(ana) - before;
      process.stdout.write(
        `the flood: ${moreMB.toFixed(0)} MB more, ${nearby.length} names, ${door.connections()} connections in ${seconds.toFixed(0)} s\n`,
      );
      expect(moreMB).toBeLessThan(60);
      // Two devices hear it, each with at most one new call a second.
      expect(door.connections()).toBeLessThan(2 * seconds + 10);
    });
  },
);
