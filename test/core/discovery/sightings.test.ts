import { describe, expect, test } from 'vitest';
import type { Advert } from '../../../electron/core/discovery/read-adverts.ts';
import {
  createSightings,
  FROM_ONE_SOURCE_MAX,
  type HeardAt,
  type Sightings,
  SIGHTINGS_MAX,
} from '../../../electron/core/discovery/sightings.ts';
import type { DeviceId } from '../../../shared/ids.ts';
import { testDevice } from './near-world.ts';
import { fc, runs } from '../../fakes/properties.ts';

const ben = testDevice();
const me = testDevice();
/** Tags in short: `ben-…` are Ben's, `own` is this device's. */
const whose = (tag: string): DeviceId | 'self' | undefined =>
  tag === 'own' ? 'self' : tag.startsWith('ben-') ? ben : undefined;
const open = (isFriend = (device: DeviceId) => device === ben) =>
  createSightings({ whose, isFriend });

const advert = (tag: string, more: Partial<Advert> = {}): Advert => ({
  tag,
  name: `name of ${tag}`,
  kind: 'desktop',
  port: 7,
  ttlS: 120,
  hosts: [],
  ...more,
});
const at = (from: string, more: Partial<HeardAt> = {}): HeardAt => ({
  interfaceName: 'eth0',
  network: 'home',
  from,
  places: [`${from}:7`],
  ...more,
});
const keys = (sightings: Sightings) => sightings.list().map(({ key }) => key);

describe('sightings', () => {
  test('of one tag over several links are one device with several places', () => {
    const sightings = open();
    expect(sightings.hear(advert('cleo'), at('10.0.0.1'), 0)).toBe(true);
    expect(sightings.hear(advert('cleo'), at('10.0.0.1'), 1)).toBe(false);
    const wlan = at('10.0.0.2', { interfaceName: 'wlan0' });
    expect(sightings.hear(advert('cleo'), wlan, 2)).toBe(true);
    expect(sightings.list()).toMatchObject([
      { key: 'cleo', name: 'name of cleo', places: ['10.0.0.2:7', '10.0.0.1:7'] },
    ]);
    expect(sightings.dropLink('eth0')).toBe(true);
    expect(sightings.list()).toMatchObject([{ places: ['10.0.0.2:7'] }]);
  });

  test('of one device keep the name that was heard first', () => {
    const sightings = open();
    sightings.hear(advert('cleo'), at('10.0.0.1'), 0);
    sightings.hear(advert('cleo', { name: 'Eve' }), at('10.0.0.66'), 1);
    expect(sightings.list()).toMatchObject([{ name: 'name of cleo' }]);
  });

  test('of a friend are one whatever the day on his clock', () => {
    const sightings = open();
    sightings.hear(advert('ben-monday'), at('10.0.0.1'), 0);
    sightings.hear(advert('ben-tuesday'), at('10.0.0.1'), 1);
    sightings.goodbye('ben-monday', '10.0.0.1');
    expect(sightings.list()).toMatchObject([{ key: ben, friend: ben, tag: 'ben-tuesday' }]);
  });

  test('end with their time, unless heard again, and with a goodbye from the same address', () => {
    const sightings = open();
    sightings.hear(advert('cleo'), at('10.0.0.1'), 0);
    sightings.hear(advert('dan', { ttlS: 10 }), at('10.0.0.2'), 0);
    expect(sightings.expire(10_000)).toBe(true);
    sightings.hear(advert('cleo'), at('10.0.0.1'), 60_000);
    expect(sightings.expire(179_000)).toBe(false);
    expect(sightings.goodbye('cleo', '10.0.0.2')).toBe(false);
    expect(sightings.goodbye('cleo', '10.0.0.1')).toBe(true);
    expect(keys(sightings)).toEqual([]);
  });

  test('that are in doubt end soon', () => {
    const sightings = open();
    sightings.hear(advert('cleo'), at('10.0.0.1'), 0);
    sightings.hear(advert('dan'), at('10.0.0.2'), 0);
    sightings.doubt(5000);
    sightings.hear(advert('dan'), at('10.0.0.2'), 1000);
    sightings.expire(5000);
    expect(keys(sightings)).toEqual(['dan']);
  });

  test('of this device itself, and of nobody who can be called, are none', () => {
    const sightings = open();
    expect(sightings.hear(advert('own'), at('10.0.0.1'), 0)).toBe(false);
    expect(sightings.hear(advert('cleo'), at('10.0.0.1', { places: [] }), 0)).toBe(false);
    expect(keys(sightings)).toEqual([]);
  });

  test('become a friend’s when his key answers, and stay so while he is one', () => {
    let isFriend = true;
    const sightings = open((device) => isFriend && device === ben);
    sightings.hear(advert('years-off'), at('10.0.0.1'), 0);
    expect(sightings.answered('years-off', ben)).toBe(true);
    sightings.hear(advert('years-off'), at('10.0.0.1'), 1);
    sightings.hear(advert('ben-today'), at('10.0.0.2'), 2);
    sightings.recognise();
    expect(sightings.list()).toMatchObject([{ key: ben, friend: ben }]);
    isFriend = false;
    sightings.recognise();
    expect(sightings.list()).toMatchObject([{ key: 'years-off', friend: undefined, answer: ben }]);
  });

  test('that are full let a newcomer in for one who did not answer', () => {
    const sightings = open();
    for (let index = 0; index < SIGHTINGS_MAX; index += 1)
      sightings.hear(advert(`t${index}`), at(`10.0.0.${index}`), 0);
    expect(sightings.hear(advert('cleo'), at('10.0.1.1'), 0)).toBe(false);
    sightings.answered('t7', 'silent');
    expect(sightings.hear(advert('cleo'), at('10.0.1.1'), 0)).toBe(true);
    expect(keys(sightings)).toContain('cleo');
    expect(keys(sightings)).not.toContain('t7');
  });
});

describe('whatever is heard', () => {
  const source = fc.nat(300).map((number) => `10.0.${number >> 8}.${number & 255}`);
  const step = fc.oneof(
    { weight: 20, arbitrary: fc.tuple(fc.constant('hear' as const), fc.nat(500), source) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('ben' as const), fc.nat(20), source) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('silent' as const), fc.nat(500), source) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('goodbye' as const), fc.nat(500), source) },
  );

  test('the table keeps its bounds, its friends, and those who have answered', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
        const sightings = open();
        sightings.hear(advert('ben-today'), at('10.9.9.1'), 0);
        sightings.hear(advert('cleo'), at('10.9.9.2'), 0);
        sightings.answered('cleo', me);
        for (const [what, number, from] of steps) {
          if (what === 'hear') sightings.hear(advert(`t${number}`), at(from), 1);
          if (what === 'ben') sightings.hear(advert(`ben-${number}`), at(from), 1);
          if (what === 'silent') sightings.answered(`t${number}`, 'silent');
          if (what === 'goodbye') sightings.goodbye('cleo', from);
          const list = sightings.list();
          expect(list.length).toBeLessThanOrEqual(SIGHTINGS_MAX);
          for (const { places } of list) expect(places.length).toBeLessThanOrEqual(4);
        }
        const list = sightings.list();
        expect(list.filter(({ friend }) => friend === ben)).toHaveLength(1);
        expect(list.find(({ friend }) => friend === ben)?.places).toContain('10.9.9.1:7');
        expect(list.find(({ key }) => key === 'cleo')).toMatchObject({ answer: me });
        const bySource = Map.groupBy(
          list.filter(({ friend }) => friend === undefined),
          ({ from }) => from,
        );
        for (const group of bySource.values())
          expect(group.length).toBeLessThanOrEqual(FROM_ONE_SOURCE_MAX);
      }),
      { numRuns: runs(60) },
    );
  });

  test('a hundred thousand names are no more than the table holds', () => {
    const sightings = open();
    for (let index = 0; index < 100_000; index += 1)
      sightings.hear(advert(`t${index}`), at(`10.${index % 200}.0.1`), index);
    expect(sightings.list()).toHaveLength(SIGHTINGS_MAX);
  });
});
