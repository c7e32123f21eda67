import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  createPackBuilder,
  openBlob,
  readHeader,
} from '../../../../electron/core/backup/repository/pack.ts';
import {
  loadIndex,
  openRepository,
} from '../../../../electron/core/backup/repository/repository.ts';
import type { MasterKey } from '../../../../electron/core/backup/repository/sealing.ts';
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

/** Whether a pack of this friend's has this content as it should be. */
const soundAt =
  (here: CopyWorld, n: number, key: MasterKey) =>
  (content: Buffer): boolean =>
    [...at(here, n).objects.objects].some(([name, bytes]) => {
      if (!name.startsWith('data/')) return false;
      const id = createHash('sha256').update(content).digest();
      return (readHeader(key, Buffer.from(bytes)) ?? []).some((blob) => {
        if (!blob.id.equals(id)) return false;
        const sealed = Buffer.from(bytes).subarray(blob.offset, blob.offset + blob.length);
        const plain = openBlob(key, sealed, blob.plainLength);
        return plain !== undefined && createHash('sha256').update(plain).digest().equals(id);
      });
    });

function flip(here: CopyWorld, n: number, { pack, at: byte }: { pack: string; at: number }): void {
  const { objects } = at(here, n).objects;
  const bytes = Buffer.from(objects.get(`data/${pack}`) ?? []);
  bytes[byte] = (bytes[byte] ?? 0) ^ 1;
  objects.set(`data/${pack}`, bytes);
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
  const isThere = soundAt(here, 1, key);
  // A byte of the first file in one, a byte of the second in the other.
  for (const [name, at_] of [
    [old, 5000],
    [again, 25_000],
  ] as const) {
    flip(here, 1, { pack: name, at: at_ });
    note(here, 1, name);
  }
  at(here, 0).store.cut();
  expect([isThere(one), isThere(two)]).toEqual([true, true]);
  expect(await prune(here, 100)).toMatchObject({ ok: true });
  expect([isThere(one), isThere(two)]).toEqual([true, true]);
});

test('where both of two packs are given up, what is sound in either is carried on', async () => {
  const here = world({ plots: 1 });
  const one = randomBytes(20_000);
  const two = randomBytes(20_000);
  const three = randomBytes(20_000);
  for (const [name, content] of Object.entries({ one, two, three }))
    here.toy.files.set(name, content);
  await backup(here);
  const old = firstPack(here);
  const again = await packAgain(here, [one, two, three]);
  const { objects } = at(here, 0);
  const opened = await openRepository(objects, PASSWORD);
  if (!opened.ok) throw new Error('no');
  // A byte of the first file in one, a byte of the second in the other, of the third in both.
  flip(here, 0, { pack: old, at: 5000 });
  flip(here, 0, { pack: again, at: 25_000 });
  flip(here, 0, { pack: old, at: 45_000 });
  flip(here, 0, { pack: again, at: 45_000 });
  const job = { kind: 'drop', packs: [old, again], reindex: false } as const;
  const dropped = await here.toy.run(job, objects, here.control());
  // The third file, and what lay beside them unneeded is sound.
  expect(dropped).toMatchObject({ ok: true, value: { packsDropped: 2, blobsLost: 1 } });
  const names = namesAt(at(here, 0));
  expect([names.includes(`data/${old}`), names.includes(`data/${again}`)]).toEqual([false, false]);
  const isThere = soundAt(here, 0, opened.value.key);
  expect([one, two, three].map(isThere)).toEqual([true, true, false]);
  // An index says where they are now.
  const index = await loadIndex(opened.value, { isOnlyThere: true });
  const isNamed = (content: Buffer) =>
    index.ok &&
    index.value.blobs.slotOf('data', createHash('sha256').update(content).digest()) >= 0;
  expect([one, two, three].map(isNamed)).toEqual([true, true, false]);
});

test('what is rotten in a pack that is given up and lies in one that stays is not lost', async () => {
  const here = world({ plots: 1 });
  const one = randomBytes(20_000);
  here.toy.files.set('one', one);
  await backup(here);
  const old = firstPack(here);
  await packAgain(here, [one]);
  flip(here, 0, { pack: old, at: 5000 });
  const job = { kind: 'drop', packs: [old], reindex: false } as const;
  const dropped = await here.toy.run(job, at(here, 0).objects, here.control());
  expect(dropped).toMatchObject({ ok: true, value: { packsDropped: 1, blobsLost: 0 } });
});
