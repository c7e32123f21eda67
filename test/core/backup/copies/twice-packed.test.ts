import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  createPackBuilder,
  openBlob,
  readHeader,
} from '../../../../electron/core/backup/repository/pack.ts';
import { openRepository } from '../../../../electron/core/backup/repository/repository.ts';
import { saveUnpacked } from '../../../../electron/core/backup/repository/unpacked.ts';
import { at, backup, namesAt, prune, world } from '../../../fakes/copy-steps.ts';
import { type CopyWorld, PASSWORD, SET } from '../../../fakes/copy-world.ts';

/** Packs the files again, together with something that nobody needs; all friends have both packs. */
async function packAgain(here: CopyWorld, contents: readonly Buffer[]): Promise<string> {
  const opened = await openRepository(at(here, 0).objects, PASSWORD);
  if (!opened.ok) throw new Error('no');
  const { key } = opened.value;
  const builder = createPackBuilder(key);
  for (const content of [...contents, randomBytes(500)])
    builder.add('data', createHash('sha256').update(content).digest(), content);
  const { bytes, blobs } = builder.finish();
  const kept = Buffer.from(bytes);
  const name = createHash('sha256').update(kept).digest('hex');
  const packs = [
    {
      id: name,
      blobs: blobs.map(({ type, id, offset, length, plainLength }) => ({
        id: id.toString('hex'),
        type,
        offset,
        length,
        ...(plainLength === 0 ? {} : { uncompressed_length: plainLength }),
      })),
    },
  ];
  const store = at(here, 0).objects;
  await store.save({ type: 'data', name }, [kept]);
  const indexed = await saveUnpacked(store, key, { type: 'index', content: { packs } });
  if (!indexed.ok) throw new Error('no');
  for (const plot of here.plots.slice(1))
    for (const [object, sealed] of store.objects)
      if (!plot.objects.objects.has(object)) plot.objects.objects.set(object, sealed);
  return name;
}

function firstPack(here: CopyWorld): string {
  const [key = ''] =
    [...at(here, 0).objects.objects].find(
      ([each, bytes]) => each.startsWith('data/') && bytes.length > 10_000,
    ) ?? [];
  return key.slice('data/'.length);
}

const note = (here: CopyWorld, n: number, name: string) =>
  here.books.copies.noteDamage({
    set: SET,
    host: at(here, n).target.host.owner,
    objects: [{ type: 'data', name }],
    atMs: here.clock.nowMs,
  });

test('of two packs of which one is rotten here and the other one only at somebody who is away, the sound one stays here', async () => {
  const here = world({ plots: 2 });
  const content = randomBytes(20_000);
  here.toy.files.set('one', content);
  await backup(here);
  const old = firstPack(here);
  const again = await packAgain(here, [content]);
  await backup(here);
  // The one who is there has the old one rotten, the one who is away the new one.
  note(here, 0, again);
  note(here, 1, old);
  at(here, 0).store.cut();
  at(here, 1).store.rot({ type: 'data', name: old }, 'flipped');
  const pruned = await prune(here, 100);
  expect(pruned).toMatchObject({ ok: true });
  expect(namesAt(at(here, 1))).toContain(`data/${again}`);
});

test('of two rotten packs both stay for as long as a snapshot needs what lies in them: what is rotten in one may be sound in the other', async () => {
  const here = world({ plots: 2 });
  const one = randomBytes(20_000);
  const two = randomBytes(20_000);
  here.toy.files.set('one', one);
  here.toy.files.set('two', two);
  await backup(here);
  const old = firstPack(here);
  const again = await packAgain(here, [one, two]);
  await backup(here);
  const opened = await openRepository(at(here, 0).objects, PASSWORD);
  if (!opened.ok) throw new Error('no');
  const { key } = opened.value;
  const isThere = (content: Buffer): boolean =>
    [...at(here, 1).objects.objects].some(([name, bytes]) => {
      if (!name.startsWith('data/')) return false;
      const id = createHash('sha256').update(content).digest();
      return (readHeader(key, Buffer.from(bytes)) ?? []).some((blob) => {
        if (!blob.id.equals(id)) return false;
        const plain = openBlob(
          key,
          Buffer.from(bytes).subarray(blob.offset, blob.offset + blob.length),
          blob.plainLength,
        );
        return plain !== undefined && createHash('sha256').update(plain).digest().equals(id);
      });
    });
  // A byte of the first file in one, a byte of the second in the other.
  for (const [name, at_] of [
    [old, 5000],
    [again, 25_000],
  ] as const) {
    const bytes = Buffer.from(at(here, 1).objects.objects.get(`data/${name}`) ?? []);
    bytes[at_] = (bytes[at_] ?? 0) ^ 1;
    at(here, 1).objects.objects.set(`data/${name}`, bytes);
    note(here, 1, name);
  }
  at(here, 0).store.cut();
  expect([isThere(one), isThere(two)]).toEqual([true, true]);
  expect(await prune(here, 100)).toMatchObject({ ok: true });
  expect([isThere(one), isThere(two)]).toEqual([true, true]);
});
