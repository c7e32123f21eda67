import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { announcement, SERVICE } from '../../../electron/core/discovery/adverts.ts';
import { dailyTag } from '../../../electron/core/discovery/tag.ts';
import type { DnsMessage } from '../../../electron/core/ports.ts';
import { cafeLink, homeLink, link, type Packet } from '../../fakes/air.ts';
import { HOME, type NearWorld, nearWorld, testDevice } from './near-world.ts';

const DAY_MS = 86_400_000;
const start = Date.UTC(2026, 10, 25, 12);
const beforeMidnight = Date.UTC(2026, 10, 25, 23, 55);
let world: NearWorld;

beforeEach(() => {
  vi.useFakeTimers({ now: start, toFake: [...timers] });
  world = nearWorld();
});
afterEach(async () => {
  await world.close();
  vi.useRealTimers();
});

const timers = ['setTimeout', 'clearTimeout', 'Date', 'performance'] as const;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

const kindOf = ({ message }: Packet): string =>
  message.kind === 'query' ? 'question' : message.records[0]?.ttlS === 0 ? 'goodbye' : 'advert';

const stranger = (name: string, more: Partial<Parameters<typeof announcement>[0]> = {}) =>
  announcement(
    { tag: dailyTag(testDevice(), start), name, kind: 'server', port: 24816, ...more },
    [],
  );

describe('devices on one network called home', () => {
  test('see each other at once, also whoever comes late', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    const ben = await world.device({ name: 'Ben', link: homeLink(2) });
    await pass(1500);
    expect([ana.near(), ben.near()]).toEqual([['Ben'], ['Ana']]);
    await pass(3_600_000);
    const cleo = await world.device({ name: 'Cleo', link: homeLink(3) });
    await pass(1500);
    expect([ana.near(), ben.near(), cleo.near()]).toEqual([
      ['Ben', 'Cleo'],
      ['Ana', 'Cleo'],
      ['Ana', 'Ben'],
    ]);
  });

  test('are shown with what they say, and after a call with the end of their key', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    const ben = await world.device({ name: 'Ben', link: homeLink(2) });
    await pass(1500);
    expect(ana.discovery.nearby()).toEqual([
      {
        id: dailyTag(ben.id, start),
        name: 'Ben',
        kind: 'desktop',
        tail: ben.id.slice(-6),
        address: `192.168.1.2:${ben.told.port}`,
        network: '192.168.1.0/24',
        state: 'answers',
      },
    ]);
    expect(ana.discovery.addressesOf(dailyTag(ben.id, start))).toEqual([
      `192.168.1.2:${ben.told.port}`,
      `[fe80::2%eth0]:${ben.told.port}`,
    ]);
    expect(ana.discovery.addressesOf('nobody')).toBeUndefined();
  });

  test('that only announce themselves and do not answer are shown as silent', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    await pass(100);
    world.air.say('home', '192.168.1.77', stranger('Mute', { port: 1 }));
    await pass(2000);
    expect(ana.discovery.nearby()).toMatchObject([{ name: 'Mute', state: 'silent', tail: null }]);
  });

  test('stay there although every fourth packet is lost', async () => {
    let random = 1;
    world.air.loseIf(() => {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      return random >>> 30 === 0;
    });
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    const ben = await world.device({ name: 'Ben', link: homeLink(2), friends: [ana.id] });
    ana.befriend([ben.id]);
    await pass(3 * 3_600_000);
    for (const { sightings } of [ana, ben])
      expect(sightings.filter(({ type }) => type === 'lost')).toEqual([]);
  });

  test('say goodbye when they end, and are gone at once', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    const ben = await world.device({ name: 'Ben', link: homeLink(2), friends: [ana.id] });
    await pass(1500);
    await ana.discovery.close();
    await pass(0);
    expect(ben.near()).toEqual([]);
    expect(ben.sightings.at(-1)).toEqual({ type: 'lost', device: ana.id });
  });

  test('that vanish without a word are gone after two minutes', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    const ben = await world.device({ name: 'Ben', link: homeLink(2), friends: [ana.id] });
    await pass(1500);
    ana.host.sleep();
    await pass(115_000);
    expect(ben.there()).toEqual([ana.id]);
    await pass(10_000);
    expect(ben.there()).toEqual([]);
  });

  test('talk little: twenty of them send fewer than thirty packets in a minute', async () => {
    for (let number = 1; number <= 20; number += 1)
      await world.device({ name: `Device ${number}`, link: homeLink(number) });
    await pass(60_000);
    const before = world.air.sent.length;
    await pass(300_000);
    const packets = world.air.sent.length - before;
    expect(packets).toBeGreaterThan(50);
    expect(packets).toBeLessThan(150);
  });

  test('that have a new name or port are heard of within a second', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    const ben = await world.device({ name: 'Ben', link: homeLink(2) });
    await pass(5000);
    ben.told.name = 'Benjamin';
    ben.told.port = 4711;
    await pass(1100);
    expect(ana.discovery.nearby()).toMatchObject([
      { name: 'Benjamin', address: '192.168.1.2:4711' },
    ]);
  });
});

describe('friends', () => {
  test('are recognised by their tags, also by clocks that are days off', async () => {
    const ben = await world.device({ name: 'Ben', link: homeLink(2), skewMs: 6 * DAY_MS });
    const ana = await world.device({ name: 'Ana', link: homeLink(1), friends: [ben.id] });
    await pass(1500);
    expect(ana.near()).toEqual([]);
    expect(ana.sightings).toEqual([
      {
        type: 'seen',
        device: ben.id,
        addresses: [`192.168.1.2:${ben.told.port}`, `[fe80::2%eth0]:${ben.told.port}`],
      },
    ]);
    expect(ana.calls).toEqual([]);
  });

  test('whose clock is off by a month are recognised by the key that answers', async () => {
    const ben = await world.device({ name: 'Ben', link: homeLink(2), skewMs: 30 * DAY_MS });
    const ana = await world.device({ name: 'Ana', link: homeLink(1), friends: [ben.id] });
    await pass(2500);
    expect([ana.near(), ana.there()]).toEqual([[], [ben.id]]);
    await pass(3_600_000);
    expect([ana.there(), ana.calls.length]).toEqual([[ben.id], 1]);
  });

  test('are no strangers any more once they are friends, nor friends once they are not', async () => {
    const ben = await world.device({ name: 'Ben', link: homeLink(2) });
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    await pass(2500);
    expect(ana.near()).toEqual(['Ben']);
    ana.befriend([ben.id]);
    expect([ana.near(), ana.there()]).toEqual([[], [ben.id]]);
    ana.befriend([]);
    expect([ana.near(), ana.there()]).toEqual([['Ben'], []]);
  });

  test('are not lost at midnight, when everybody gets a new name', async () => {
    vi.setSystemTime(beforeMidnight);
    const ben = await world.device({ name: 'Ben', link: homeLink(2) });
    const ana = await world.device({ name: 'Ana', link: homeLink(1), friends: [ben.id] });
    await pass(600_000);
    expect(ana.sightings.map(({ type }) => type)).toEqual(['seen']);
    const names = new Set(
      world.air.sent.flatMap(({ host, message }) =>
        host === ben.host && message.kind === 'response'
          ? message.records.flatMap((record) => (record.type === 'SRV' ? [record.name] : []))
          : [],
      ),
    );
    expect(names.size).toBe(2);
  });

  test('of strangers the list is right after midnight too', async () => {
    vi.setSystemTime(beforeMidnight);
    await world.device({ name: 'Ben', link: homeLink(2) });
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    await pass(600_000);
    expect(ana.discovery.nearby()).toMatchObject([{ name: 'Ben', state: 'answers' }]);
  });
});

describe('networks', () => {
  test('that nobody called home hear nothing from this device, and are not listened to', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1), homes: [] });
    const ben = await world.device({ name: 'Ben', link: homeLink(2) });
    await pass(60_000);
    expect(world.air.sent.every(({ host }) => host === ben.host)).toBe(true);
    expect(ana.host.used()).toEqual([]);
    expect(ana.near()).toEqual([]);
    expect(ana.discovery.networks()).toEqual({
      networks: [
        {
          id: HOME,
          label: '192.168.1.0/24',
          hasRouter: true,
          interfaceName: 'eth0',
          kind: 'cable',
          addresses: ['192.168.1.1', 'fe80::1'],
          home: null,
        },
      ],
      announces: false,
    });
  });

  test('are used from the moment they are called home, and left with a goodbye', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1), homes: [] });
    const ben = await world.device({ name: 'Ben', link: homeLink(2) });
    await pass(2000);
    expect(await ana.discovery.setHome('another', true)).toBe(false);
    expect(await ana.discovery.setHome(HOME, true)).toBe(true);
    await pass(1100);
    expect([ana.near(), ben.near()]).toEqual([['Ben'], ['Ana']]);
    expect(ana.discovery.networks()).toMatchObject({ networks: [{ home: true }], announces: true });
    expect(await ana.discovery.setHome(HOME, false)).toBe(true);
    await pass(0);
    expect([ana.near(), ben.near()]).toEqual([[], []]);
    expect(ana.discovery.networks()).toMatchObject({
      networks: [{ home: false }],
      announces: false,
    });
  });

  test('with the addresses of home behind another router are other networks', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    await pass(2000);
    ana.host.pull('eth0');
    await pass(1100);
    ana.host.plug('cafe', cafeLink(1));
    const before = world.air.sent.length;
    await pass(60_000);
    expect(world.air.sent.length).toBe(before);
    expect(ana.discovery.networks()).toMatchObject({
      networks: [{ label: '192.168.1.0/24', home: null }],
    });
  });

  test('that change under the same interface hear no goodbye from the one before', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    await pass(2000);
    ana.host.plug('cafe', { ...cafeLink(1), interfaceName: 'eth0' });
    await pass(60_000);
    expect(world.air.sent.filter(({ wire }) => wire === 'cafe')).toEqual([]);
  });

  test('are told of when they come, go, and are called home', async () => {
    const ana = await world.device({ name: 'Ana', homes: [] });
    const told = vi.fn<() => void>();
    ana.discovery.onNetworks(told);
    ana.host.plug('home', homeLink(1));
    await pass(1100);
    expect(told).toHaveBeenCalledTimes(1);
    await ana.discovery.setHome(HOME, true);
    expect(told).toHaveBeenCalledTimes(2);
    ana.host.pull('eth0');
    await pass(1100);
    expect(told).toHaveBeenCalledTimes(3);
    await pass(60_000);
    expect(told).toHaveBeenCalledTimes(3);
  });

  test('of containers and virtual machines are none', async () => {
    const ana = await world.device({
      name: 'Ana',
      link: { ...homeLink(1), kind: 'virtual', interfaceName: 'docker0' },
    });
    await pass(2000);
    expect(ana.discovery.networks().networks).toEqual([]);
    expect(world.air.sent).toEqual([]);
  });

  test('that are reached by cable and by radio are one network', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    ana.host.plug('home', { ...homeLink(9), interfaceName: 'wlan0', kind: 'wireless' });
    const ben = await world.device({ name: 'Ben', link: homeLink(2) });
    await pass(2000);
    expect(ana.discovery.networks().networks).toMatchObject([
      { interfaceName: 'eth0', kind: 'cable', home: true },
    ]);
    expect(ben.near()).toEqual(['Ana']);
    ana.host.pull('eth0');
    await pass(121_000);
    expect(ben.discovery.nearby()).toMatchObject([
      { name: 'Ana', address: `192.168.1.9:${ana.told.port}` },
    ]);
  });

  test('may have IPv6 alone', async () => {
    const only6 = (number: number) => link('eth0', [`fe80::${number}/64`], { router: undefined });
    const homes = ['link eth0'];
    const ana = await world.device({ name: 'Ana', link: only6(1), homes });
    const ben = await world.device({ name: 'Ben', link: only6(2), homes });
    await pass(1500);
    expect(ana.discovery.nearby()).toMatchObject([
      { name: 'Ben', address: `[fe80::2%eth0]:${ben.told.port}`, state: 'answers' },
    ]);
  });

  test('on which the system lets nothing out are known with its word', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    await pass(1500);
    expect(ana.discovery.facts().heardSelfMs).toBeGreaterThan(start);
    ana.host.refuse('eth0', 'EACCES');
    await pass(1500);
    expect(ana.discovery.facts()).toMatchObject({
      problems: new Map([['eth0', 'EACCES']]),
      networks: { announces: false },
      visible: true,
    });
  });
});

describe('links that come and go', () => {
  test('a pulled cable loses everybody at once, and a second after it is back they are there', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    const ben = await world.device({ name: 'Ben', link: homeLink(2), friends: [ana.id] });
    ana.befriend([ben.id]);
    await pass(30_000);
    ana.host.pull('eth0');
    await pass(1100);
    expect(ana.there()).toEqual([]);
    await pass(300_000);
    expect(ben.there()).toEqual([]);
    ana.host.plug('home', homeLink(1));
    await pass(1300);
    expect([ana.there(), ben.there()]).toEqual([[ben.id], [ana.id]]);
  });

  test('a new address is told, with the old one behind it until that is forgotten', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    const ben = await world.device({ name: 'Ben', link: homeLink(2), friends: [ana.id] });
    await pass(5000);
    ana.host.plug('home', homeLink(50));
    await pass(1200);
    const latest = () => ben.sightings.findLast(({ type }) => type === 'seen');
    expect(latest()).toMatchObject({
      addresses: expect.arrayContaining([`192.168.1.50:${ana.told.port}`]),
    });
    await pass(130_000);
    expect(latest()).toMatchObject({
      addresses: [`192.168.1.50:${ana.told.port}`, `[fe80::32%eth0]:${ana.told.port}`],
    });
  });

  test('whoever slept looks again at once, and forgets within seconds who has gone meanwhile', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    const ben = await world.device({ name: 'Ben', link: homeLink(2) });
    const cleo = await world.device({ name: 'Cleo', link: homeLink(3) });
    await pass(3000);
    const told = vi.fn<() => void>();
    ana.discovery.onNetworks(told);
    ana.host.sleep();
    await pass(60_000);
    await ben.discovery.close();
    await pass(20_000);
    expect(ana.near()).toEqual(['Ben', 'Cleo']);
    ana.host.wake();
    await pass(1000);
    expect(cleo.near()).toEqual(['Ana']);
    expect(told).toHaveBeenCalledTimes(1);
    await pass(5500);
    expect(ana.near()).toEqual(['Cleo']);
  });
});

describe('a device that slept', () => {
  test('answers nobody before it has looked where it is', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    await pass(40_000);
    ana.host.sleep();
    await pass(20_000);
    ana.host.stir();
    const before = world.air.sent.length;
    world.air.say('home', '192.168.1.66', {
      kind: 'query',
      questions: [{ name: SERVICE, type: 'PTR' }],
    });
    await pass(2000);
    expect(world.air.sent.slice(before).filter(({ host }) => host === ana.host)).toEqual([]);
    ana.host.wake();
    await pass(100);
    expect(world.air.sent.slice(before).some(({ host }) => host === ana.host)).toBe(true);
  });
});

describe('a device that wants to be unseen', () => {
  test('says nothing, asks nothing, calls nobody, and still hears the others', async () => {
    const told = { visible: false };
    const ana = await world.device({ name: 'Ana', link: homeLink(1), told });
    await world.device({ name: 'Ben', link: homeLink(2) });
    await pass(3_600_000);
    expect(world.air.sent.filter(({ host }) => host === ana.host)).toEqual([]);
    expect(ana.discovery.nearby()).toMatchObject([{ name: 'Ben', state: 'seen' }]);
    expect(ana.calls).toEqual([]);
  });

  test('says goodbye when it begins to want that, and is back when it no longer does', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    const ben = await world.device({ name: 'Ben', link: homeLink(2) });
    await pass(2000);
    ana.told.visible = false;
    await pass(1100);
    expect(ben.near()).toEqual([]);
    ana.told.visible = true;
    await pass(1100);
    expect(ben.near()).toEqual(['Ana']);
  });

  test('is silent too while it does not listen', async () => {
    await world.device({ name: 'Ana', link: homeLink(1), told: { port: undefined } });
    await pass(60_000);
    expect(world.air.sent).toEqual([]);
  });
});

describe('what others send', () => {
  const question: DnsMessage = { kind: 'query', questions: [{ name: SERVICE, type: 'PTR' }] };

  test('a hundred questions in a second are answered once', async () => {
    await world.device({ name: 'Ana', link: homeLink(1) });
    await pass(40_000);
    const before = world.air.sent.length;
    for (let count = 0; count < 100; count += 1) {
      world.air.say('home', '192.168.1.66', question);
      await pass(10);
    }
    await pass(200);
    const answers = world.air.sent.slice(before).filter((packet) => kindOf(packet) === 'advert');
    expect(answers.length).toBeLessThanOrEqual(2);
    expect(answers.length).toBeGreaterThan(0);
  });

  test('questions and adverts from beyond the link are not heard', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    await pass(40_000);
    const before = world.air.sent.length;
    world.air.say('home', '8.8.8.8', question);
    world.air.say('home', '8.8.8.8', stranger('Far'));
    world.air.say('home', 'nonsense', stranger('Nowhere'));
    await pass(3000);
    expect(world.air.sent.slice(before).filter(({ host }) => host !== undefined)).toEqual([]);
    expect(ana.near()).toEqual([]);
  });

  test('a goodbye from another address than the advert is not believed', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    const ben = await world.device({ name: 'Ben', link: homeLink(2), friends: [ana.id] });
    await pass(2000);
    const target = `${dailyTag(ana.id, start)}.${SERVICE}`;
    world.air.say('home', '192.168.1.66', {
      kind: 'response',
      records: [{ type: 'PTR', name: SERVICE, ttlS: 0, target }],
    });
    await pass(0);
    expect(ben.there()).toEqual([ana.id]);
  });

  test('a flood of names grows nothing, calls few, and hides nobody who has answered', async () => {
    const ben = await world.device({ name: 'Ben', link: homeLink(2) });
    const cleo = await world.device({ name: 'Cleo', link: homeLink(3) });
    const ana = await world.device({ name: 'Ana', link: homeLink(1), friends: [cleo.id] });
    await pass(2000);
    expect(ana.discovery.nearby()).toMatchObject([{ name: 'Ben', state: 'answers' }]);
    const before = ana.calls.length;
    for (let second = 0; second < 10; second += 1) {
      for (let count = 0; count < 1000; count += 1)
        world.air.say(
          'home',
          `192.168.1.${100 + (count % 100)}`,
          stranger(`Liar ${count}`, { port: 9 }),
        );
      await pass(1000);
    }
    expect(ana.discovery.nearby().length).toBeLessThanOrEqual(64);
    expect(ana.near()).toContain('Ben');
    expect(ana.there()).toEqual([cleo.id]);
    expect(ana.calls.length - before).toBeLessThanOrEqual(11);
    const late = await world.device({ name: 'Late', link: homeLink(4) });
    await pass(20_000);
    expect(ana.near()).toContain('Late');
    await late.discovery.close();
    await ben.discovery.close();
  });

  test('this device itself is never a stranger, whoever repeats what it says', async () => {
    const ana = await world.device({ name: 'Ana', link: homeLink(1) });
    await pass(1500);
    const own = { tag: dailyTag(ana.id, start), name: 'Ana', kind: 'desktop' as const, port: 5 };
    world.air.say('home', '192.168.1.66', announcement(own, []));
    world.air.say('home', '192.168.1.1', stranger('Mirror', { port: ana.told.port ?? 0 }));
    await pass(3000);
    expect(ana.near()).toEqual([]);
  });
});
