import { describe, expect, test } from 'vitest';
import {
  announcement,
  goodbye,
  isAskedFor,
  question,
  SERVICE,
} from '../../../electron/core/discovery/adverts.ts';
import { isOnLink, placesOf } from '../../../electron/core/discovery/reach.ts';
import { readAdverts } from '../../../electron/core/discovery/read-adverts.ts';
import { parseAddress } from '../../../shared/address.ts';
import { dailyTag, TAG } from '../../../electron/core/discovery/tag.ts';
import type { DnsMessage, DnsRecord } from '../../../electron/core/ports.ts';
import { MACHINE_KINDS } from '../../../shared/model/machine.ts';
import { personName } from '../../../shared/wire/messages.ts';
import { homeLink, link } from '../../fakes/air.ts';
import { testDevice } from './near-world.ts';
import { fc, runs } from '../../fakes/properties.ts';

const tag = dailyTag(testDevice(), 0);
const instance = `${tag}.${SERVICE}`;
const { addresses } = homeLink(20);
const self = { tag, name: 'Ana', kind: 'laptop', port: 24816 } as const;
const text = (words: string) => new TextEncoder().encode(words);
const response = (records: readonly DnsRecord[]): DnsMessage => ({ kind: 'response', records });
const good = announcement(self, addresses).records;
/** The good advert with one text in place of its own. */
const saying = (...texts: readonly Uint8Array[]) =>
  response(good.map((record) => (record.type === 'TXT' ? { ...record, texts } : record)));
const words = (name: string) =>
  ['v=1', `n=${name}`, 'k=laptop', `t=${tag}`].map(text) as readonly Uint8Array[];

describe('what a device says of itself', () => {
  test('is read by another as it was said', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(
        name.filter((each) => personName.safeParse(each).success),
        fc.constantFrom(...MACHINE_KINDS),
        fc.integer({ min: 1, max: 65_535 }),
        (called, kind, port) => {
          const said = announcement({ tag, name: called, kind, port }, addresses);
          expect(readAdverts(said)).toEqual({
            adverts: [
              { tag, name: called, kind, port, ttlS: 120, hosts: ['192.168.1.20', 'fe80::14'] },
            ],
            goodbyes: [],
          });
        },
      ),
    );
  });

  test('fits into the texts of DNS whatever its name, cut between characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (name) => {
        for (const record of announcement({ ...self, name }, []).records)
          if (record.type === 'TXT')
            for (const each of record.texts) {
              expect(each.length).toBeLessThanOrEqual(255);
              new TextDecoder('utf-8', { fatal: true }).decode(each);
            }
      }),
    );
  });

  test('ends with a goodbye', () => {
    expect(readAdverts(goodbye(tag))).toEqual({ adverts: [], goodbyes: [tag] });
  });

  test('answers questions about it, in capitals too, and no others', () => {
    const asked = (name: string, type: string) =>
      isAskedFor({ kind: 'query', questions: [{ name, type }] }, tag);
    expect(isAskedFor(question, tag)).toBe(true);
    expect(asked('_Allotment._TCP.local', 'PTR')).toBe(true);
    expect(asked('_services._dns-sd._udp.local', 'PTR')).toBe(true);
    expect(asked(instance, 'TXT')).toBe(true);
    expect(asked(instance, 'ANY')).toBe(true);
    expect(asked(`${tag}.local`, 'AAAA')).toBe(true);
    expect(asked('_allotment._tcp.local', 'A')).toBe(false);
    expect(asked('_ipp._tcp.local', 'PTR')).toBe(false);
    expect(asked(`${tag}.local`, 'PTR')).toBe(false);
    expect(isAskedFor(response(good), tag)).toBe(false);
  });
});

describe('what others say', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(SERVICE, instance, `${tag}.local`, `x\\.y.${SERVICE}`, `a.b.${SERVICE}`, ''),
  );
  const ttlS = fc.oneof(fc.integer(), fc.constantFrom(0, 120, 2 ** 31, Number.NaN));
  const record: fc.Arbitrary<DnsRecord> = fc.oneof(
    fc.record({ type: fc.constant('PTR' as const), name: hostile, ttlS, target: hostile }),
    fc.record({
      type: fc.constant('SRV' as const),
      name: hostile,
      ttlS,
      target: hostile,
      port: fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, 1, 65_535, 65_536)),
    }),
    fc.record({
      type: fc.constant('TXT' as const),
      name: hostile,
      ttlS,
      texts: fc.array(
        fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(...words('Ana'))),
        { maxLength: 20 },
      ),
    }),
    fc.record({
      type: fc.constantFrom('A' as const, 'AAAA' as const),
      name: hostile,
      ttlS,
      address: fc.oneof(fc.ipV4(), fc.ipV6(), hostile),
    }),
  );

  test('never throws, and is inert or left out', () => {
    const mixed = fc.array(fc.oneof(record, fc.constantFrom(...good)), { maxLength: 40 });
    fc.assert(
      fc.property(mixed, (records) => {
        const { adverts, goodbyes } = readAdverts(response(records));
        expect(adverts.length + goodbyes.length).toBeLessThanOrEqual(8);
        for (const each of adverts) {
          expect(each.tag).toMatch(TAG);
          expect(personName.safeParse(each.name).success).toBe(true);
          expect(MACHINE_KINDS).toContain(each.kind);
          expect(each.port).toBeGreaterThan(0);
          expect(each.ttlS).toBeGreaterThanOrEqual(10);
          expect(each.ttlS).toBeLessThanOrEqual(120);
          expect(each.hosts.length).toBeLessThanOrEqual(8);
          for (const place of placesOf({ ...each, from: '192.168.1.9', link: homeLink(20) }))
            expect(parseAddress(place)?.port).toBe(each.port);
        }
      }),
      { numRuns: runs(500) },
    );
  });

  test('is left out without a service, a port, a version that we know, or its tag', () => {
    const without = (type: string) => response(good.filter((each) => each.type !== type));
    const atPort = (port: number) =>
      response(good.map((each) => (each.type === 'SRV' ? { ...each, port } : each)));
    const bad = [
      without('SRV'),
      without('TXT'),
      atPort(0),
      atPort(65_536),
      saying(text('v=2'), text('n=Ana'), text(`t=${tag}`)),
      saying(text('n=Ana'), text(`t=${tag}`)),
      saying(text('v=1'), text('n=Ana'), text('t=aaaaaaaaaaaaaaaa')),
      saying(text('v=1'), text('n=Ana')),
    ];
    for (const message of bad) expect(readAdverts(message).adverts).toEqual([]);
    expect(readAdverts(saying(...words('Ana'))).adverts).toHaveLength(1);
  });

  test('with names of control characters, of nothing, of broken text, or without end is left out', () => {
    for (const name of ['', 'Ana\nBen', 'Ana\u0007', '\u0000', 'x'.repeat(81)])
      expect(readAdverts(saying(...words(name))).adverts).toEqual([]);
    const broken = new Uint8Array([...text('n='), 0xff, 0xfe]);
    expect(readAdverts(saying(text('v=1'), broken, text(`t=${tag}`))).adverts).toEqual([]);
    const huge = new Uint8Array(60_000).fill(110);
    expect(readAdverts(saying(huge, ...words('Ana'))).adverts).toMatchObject([{ name: 'Ana' }]);
  });

  test('of two texts with one key the first counts', () => {
    const message = saying(...words('Ana'), text('n=Eve'), text('N=Eve'));
    expect(readAdverts(message).adverts).toMatchObject([{ name: 'Ana' }]);
  });

  test('in hundreds at once is looked at in part', () => {
    const many = Array.from({ length: 500 }, (_, index) =>
      announcement({ ...self, tag: dailyTag(testDevice(), 0), name: `Liar ${index}` }, []),
    ).flatMap(({ records }) => records);
    expect(readAdverts(response(many)).adverts.length).toBeLessThanOrEqual(8);
  });

  test('lasts no longer than what we say ourselves', () => {
    const forYears = good.map((each) => ({ ...each, ttlS: 100_000_000 }));
    expect(readAdverts(response(forYears)).adverts).toMatchObject([{ ttlS: 120 }]);
  });
});

describe('the places at which somebody can be called', () => {
  const here = homeLink(20);
  const places = (from: string, hosts: readonly string[]) =>
    placesOf({ from, hosts, port: 7, link: here });

  test('begin with where the packet came from, and lie on that link', () => {
    expect(places('192.168.1.9', ['192.168.1.8', 'fe80::9', '10.0.0.1', '8.8.8.8'])).toEqual([
      '192.168.1.9:7',
      '192.168.1.8:7',
      '[fe80::9%eth0]:7',
    ]);
    expect(places('fe80::9%eth0', ['192.168.1.9'])).toEqual(['[fe80::9%eth0]:7', '192.168.1.9:7']);
  });

  test('are never this computer, everybody at once, or the whole network', () => {
    const odd = ['127.0.0.1', '255.255.255.255', '192.168.1.255', '192.168.1.0', '224.0.0.251'];
    expect(places('8.8.8.8', [...odd, '::1', 'ff02::1', '::ffff:127.0.0.1'])).toEqual([]);
  });

  test('are at most four, and each once', () => {
    const hosts = Array.from({ length: 8 }, (_, index) => `192.168.1.${index + 1}`);
    expect(places('192.168.1.1', hosts)).toHaveLength(4);
  });

  test('are none for packets that came from elsewhere', () => {
    expect(isOnLink('192.168.1.9', here)).toBe(true);
    expect(isOnLink('192.168.2.9', here)).toBe(false);
    expect(isOnLink('fe80::1%eth0', here)).toBe(true);
    expect(isOnLink('fe80::1%eth0', link('eth0', ['192.168.1.2/24']))).toBe(false);
    expect(isOnLink('', here)).toBe(false);
  });
});
