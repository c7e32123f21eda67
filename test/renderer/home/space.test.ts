import { describe, expect, test } from 'vitest';
import { spaceLines } from '../../../renderer/home/space.ts';
import { space } from '../worlds/household-worlds.ts';
import { gb } from '../worlds/world-parts.ts';
import { fc } from '../../fakes/properties.ts';

const amount = fc.bigInt({ min: 0n, max: 10n ** 15n });

describe('where the space went', () => {
  test('every line adds up, whatever the core has counted', () => {
    fc.assert(
      fc.property(
        fc.array(amount, { minLength: 4, maxLength: 4 }),
        fc.array(amount, { minLength: 4, maxLength: 4 }),
        ([data = 0n, arriving = 0n, leaving = 0n, overhead = 0n], rest) => {
          const [promised = 0n, outstanding = 0n, free = 0n, offer = 0n] = rest;
          const lines = spaceLines(
            space({
              dataBytes: `${data}`,
              arrivingBytes: `${arriving}`,
              leavingBytes: `${leaving}`,
              overheadBytes: `${overhead}`,
              onDiskBytes: `${data + arriving + leaving + overhead}`,
              promisedBytes: `${promised}`,
              outstandingBytes: `${outstanding}`,
              freeBytes: `${free}`,
              offerBytes: `${offer}`,
            }),
          );
          const at = lines.findIndex(({ id }) => id === 'on-disk');
          const sum = (some: typeof lines) => some.reduce((total, { bytes }) => total + bytes, 0n);
          expect(sum(lines.slice(0, at))).toBe(lines[at]?.bytes);
          expect(sum(lines.slice(at, -1))).toBe(lines.at(-1)?.bytes);
        },
      ),
    );
  });

  test('what is charged to nobody lies beside the offer, and what does not fit is named for what it is', () => {
    const ids = (over: Parameters<typeof space>[0]) => spaceLines(space(over)).map(({ id }) => id);
    const tidy = { arrivingBytes: '0', leavingBytes: '0', overheadBytes: '0' };
    expect(ids({})).toEqual([
      'data',
      'arriving',
      'leaving',
      'overhead',
      'on-disk',
      'promised',
      'outstanding',
      'free',
      'uncounted',
      'offer',
    ]);
    expect(ids({ ...tidy, onDiskBytes: gb(231) })).not.toContain('uncounted');
    expect(ids({ offerBytes: gb(600) })).toContain('out-of-reach');
    expect(ids({ offerBytes: gb(400) })).toContain('beyond');
  });
});
