import { describe, expect, test } from 'vitest';
import { layOutBed, STRETCH_MIN } from '../../../renderer/bed/bed-layout.ts';
import { DAY_MS, friend, gb, hosted, NOW_MS, offer } from '../worlds/world-parts.ts';
import { fc } from '../../fakes/properties.ts';

const WIDTH = 1120;
const view = { width: WIDTH, nowMs: NOW_MS };

function shared(name: string, here: Parameters<typeof friend>[1] = {}) {
  return friend(name, {
    shareBytes: gb(100),
    promisedBytes: gb(60),
    writtenBytes: gb(40),
    ...here,
  });
}

describe('the layout of the bed', () => {
  test('ends the offer at 1/1.12 of its width and gives each friend as much as his share', () => {
    const layout = layOutBed(
      offer({ offerBytes: gb(500) }),
      { friends: [shared('Ana'), shared('Ben')], hosted: [] },
      view,
    );
    expect(layout.offerX).toBeCloseTo(1000);
    expect(layout.stretches.map(({ x, width }) => [Math.round(x), Math.round(width)])).toEqual([
      [0, 200],
      [200, 200],
    ]);
    expect(layout.stretches[0]?.promisedWidth).toBeCloseTo(120);
    expect(layout.stretches[0]?.writtenWidth).toBeCloseTo(80);
  });

  test('draws nobody beyond the offer, however much quotas add up to', () => {
    const friends = ['Ana', 'Ben', 'Cleo'].map((name) => shared(name, { shareBytes: gb(400) }));
    const layout = layOutBed(offer({ offerBytes: gb(500) }), { friends, hosted: [] }, view);
    const last = layout.stretches.at(-1);
    expect((last?.x ?? 0) + (last?.width ?? 0)).toBeLessThanOrEqual(WIDTH / 1.12 + 0.001);
  });

  test('names nobody below 64 px and gathers them under one name at the end', () => {
    const small = ['Edi', 'Fay'].map((name) =>
      shared(name, { shareBytes: gb(5), promisedBytes: gb(1), writtenBytes: '0' }),
    );
    const layout = layOutBed(
      offer({ offerBytes: gb(500) }),
      { friends: [...small, shared('Ana')], hosted: [] },
      view,
    );
    expect(layout.stretches.map((each) => [each.friend.name, each.isNamed])).toEqual([
      ['Ana', true],
      ['Edi', false],
      ['Fay', false],
    ]);
    expect(layout.more?.friends.map(({ name }) => name)).toEqual(['Edi', 'Fay']);
  });

  test('puts what is lent into the widest idle stretch, and not into its own count', () => {
    const ana = shared('Ana', { promisedBytes: gb(110) });
    const dev = shared('Dev', { promisedBytes: '0', writtenBytes: '0' });
    const layout = layOutBed(
      offer({ offerBytes: gb(200) }),
      {
        friends: [ana, dev],
        hosted: [hosted(ana, { class: 'borrowed', promisedBytes: gb(12), writtenBytes: gb(3) })],
      },
      view,
    );
    const [patch] = layout.patches;
    const idle = layout.stretches.find((each) => each.friend.name === 'Dev');
    expect(patch?.bytes).toBe(12_000_000_000n);
    expect(patch?.x).toBeGreaterThanOrEqual(idle?.x ?? Number.POSITIVE_INFINITY);
    const anas = layout.stretches.find((each) => each.friend.name === 'Ana');
    // 110 promised, 12 of them lent: 98 of 100 in her own ground.
    expect((anas?.promisedWidth ?? 0) / (anas?.width ?? 1)).toBeCloseTo(0.98);
  });

  test.each([
    ['blocked', friend('Ana', { arrivingBytes: '1' }, { blocked: true }), {}],
    ['damaged', shared('Ana', { arrivingBytes: '1' }), { missingObjects: 2 }],
    ['arriving', shared('Ana', { arrivingBytes: '1', mayAskBytes: '0' }), {}],
    ['full', shared('Ana', { mayAskBytes: '0' }), {}],
    ['grace', shared('Ana'), { state: 'grace' }],
    ['lent', shared('Ana'), { class: 'borrowed' }],
    ['waiting', shared('Ana', { weight: 0, promisedBytes: '0', shareBytes: '0' }), undefined],
    ['empty', shared('Ana', { promisedBytes: '0', writtenBytes: '0' }), undefined],
    ['held', shared('Ana'), undefined],
  ] as const)('says "%s" before anything less urgent', (state, of, plot) => {
    const plots = plot === undefined ? [] : [hosted(of, plot)];
    const { stretches } = layOutBed(offer(), { friends: [of], hosted: plots }, view);
    expect(stretches[0]?.state).toBe(state);
  });

  test('calls somebody away after three days', () => {
    const of = (days: number) =>
      friend(
        'Ana',
        { promisedBytes: gb(10), mayAskBytes: gb(80) },
        { lastContactMs: NOW_MS - days * DAY_MS },
      );
    const stateOf = (days: number) =>
      layOutBed(offer(), { friends: [of(days)], hosted: [] }, view).stretches[0]?.state;
    expect(stateOf(2)).not.toBe('away');
    expect(stateOf(4)).toBe('away');
  });

  test.each([240, 313, 700])('leaves room for what stays mine beside a bed of %i px', (width) => {
    const { offerX } = layOutBed(
      offer(),
      { friends: [shared('Ana')], hosted: [] },
      { ...view, width },
    );
    expect(width - offerX).toBeGreaterThanOrEqual(75);
  });

  test('keeps its scale while the handle moves', () => {
    const world = { friends: [shared('Ana')], hosted: [] };
    const settled = layOutBed(offer({ offerBytes: gb(500) }), world, view);
    const moved = layOutBed(offer({ offerBytes: gb(400) }), world, {
      ...view,
      bytesPerPixel: settled.bytesPerPixel,
    });
    expect(moved.offerX / settled.offerX).toBeCloseTo(0.8);
  });

  test('stays within itself whatever the figures are', () => {
    const figure = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String);
    const anybody = fc.record({
      name: fc.string({ minLength: 1, maxLength: 8 }),
      share: fc.option(figure),
      promised: figure,
      written: figure,
      borrowed: figure,
    });
    fc.assert(
      fc.property(
        fc.array(anybody, { maxLength: 12 }),
        figure,
        fc.integer({ min: 200, max: 2400 }),
        (people, offered, width) => {
          const friends = people.map(({ name, share, promised, written }, index) =>
            friend(`${name}${index}`, {
              shareBytes: share,
              promisedBytes: promised,
              writtenBytes: written,
            }),
          );
          const plots = people.map(({ borrowed }, index) =>
            hosted(friends[index]!, {
              class: 'borrowed',
              promisedBytes: borrowed,
              writtenBytes: '0',
            }),
          );
          const layout = layOutBed(
            { offerBytes: offered },
            { friends, hosted: plots },
            { width, nowMs: NOW_MS },
          );
          const edge = width / 1.12 + 0.5;
          for (const {
            x,
            width: wide,
            writtenWidth,
            graceWidth,
            promisedWidth,
            isNamed,
          } of layout.stretches) {
            expect(x).toBeGreaterThanOrEqual(0);
            expect(x + wide).toBeLessThanOrEqual(edge);
            expect(writtenWidth + graceWidth).toBeLessThanOrEqual(wide + 0.5);
            expect(promisedWidth).toBeLessThanOrEqual(wide + 0.5);
            if (isNamed) expect(wide).toBeGreaterThanOrEqual(STRETCH_MIN);
          }
          for (const { x, width: wide } of layout.patches) {
            expect(x).toBeGreaterThanOrEqual(-0.5);
            expect(x + wide).toBeLessThanOrEqual(edge);
          }
        },
      ),
    );
  });
});
