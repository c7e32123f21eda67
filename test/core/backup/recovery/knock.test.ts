import { expect, test } from 'vitest';
import { knock } from '../../../../electron/core/backup/recovery/knock.ts';
import type { LainBook } from '../../../../electron/core/backup/recovery/read-books.ts';
import { createDeviceKey } from '../../../../electron/core/identity/device-key.ts';
import { PAPER_BYTES_MAX } from '../../../../shared/model/plot.ts';
import { startImpostor } from '../../../fakes/impostor.ts';
import { certify, testRoot } from '../../../fakes/pairing-parties.ts';

/** Real TLS on loopback, to somebody who hands out what he likes. */
test('whoever has filled one plot with large books keeps nothing out that lay in another before', async () => {
  const there = new Uint8Array(1024);
  const impostor = await startImpostor(
    [there, there, there],
    [
      { count: 64, book: new Uint8Array(PAPER_BYTES_MAX) },
      { count: 3, book: there },
      { count: 0, book: there },
    ],
  );
  const key = await createDeviceKey();
  const books: LainBook[] = [];
  const met = await knock(
    { ...key, statement: certify(testRoot()).signed },
    {
      addresses: [impostor.address],
      clock: { nowMs: () => 1, monotonicMs: () => 1 },
      signal: new AbortController().signal,
      take: async (some) => void books.push(...some),
    },
  );
  await impostor.close();
  expect(met).toMatchObject({ ok: true, value: { device: impostor.device, missed: 0 } });
  const [large, quiet, only] = [...Map.groupBy(books, ({ plot }) => plot).values()];
  expect(large?.length).toBeGreaterThan(1);
  expect(quiet).toHaveLength(4);
  expect(only).toHaveLength(1);
});

test('a book that does not come through is counted: there is one, and the person hears of it', async () => {
  const there = new Uint8Array(1024);
  const impostor = await startImpostor([there, new Uint8Array(PAPER_BYTES_MAX + 1)]);
  const key = await createDeviceKey();
  const met = await knock(
    { ...key, statement: certify(testRoot()).signed },
    {
      addresses: [impostor.address],
      clock: { nowMs: () => 1, monotonicMs: () => 1 },
      signal: new AbortController().signal,
      take: async () => undefined,
    },
  );
  await impostor.close();
  expect(met).toMatchObject({ ok: true, value: { missed: 1 } });
});
