import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFolderRepositoryStore } from '../../../../electron/core/backup/repository/folder-repository-store.ts';
import { initRepository } from '../../../../electron/core/backup/repository/repository.ts';
import { seal, unseal } from '../../../../electron/core/backup/repository/sealing.ts';
import { compareTrees } from '../../../../electron/headless/compare-trees.ts';
import {
  beginByHand,
  fileNode,
  folderNode,
  node,
  PASSWORD,
  restoreOf,
  runJob,
} from '../../../fakes/handmade-repository.ts';
import { scratch } from '../../../fakes/homes.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';
import { hasProgram, restic } from '../../../fakes/programs.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let out: string;
let store: ReturnType<typeof createMemoryRepositoryStore>;

beforeEach(async () => {
  place = await scratch();
  out = join(place.folder, 'deep', 'out');
  mkdirSync(join(place.folder, 'deep'));
  store = createMemoryRepositoryStore();
});
afterEach(() => place.remove());

const restore = () => runJob(store, restoreOf({ to: out }), place.folder);

describe('a tree that no backup has written', () => {
  test('can’t reach out of the folder, by names or by links', async () => {
    const hand = await beginByHand(store);
    const id = hand.data('gotcha');
    const inner = hand.tree(
      fileNode('../escaped', id, 6),
      fileNode('..', id, 6),
      fileNode('/etc/escaped', id, 6),
      fileNode('', id, 6),
      fileNode('a\\x00b', id, 6),
      fileNode('good', id, 6),
      // A link, and then a folder of the same name to write through it.
      node('symlink', 'door', { linktarget: '/tmp' }),
      folderNode('door', hand.tree(fileNode('escaped', id, 6))),
    );
    await hand.snapshot(hand.tree(folderNode('kept', inner)), { paths: ['/kept'] });
    const back = await restore();
    expect(back.result.ok).toBe(true);
    expect(readdirSync(join(out, 'kept')).sort()).toEqual(['door', 'good']);
    expect(new Set(back.codes)).toEqual(new Set(['file-damaged']));
    expect(readdirSync(place.folder).sort()).toEqual(['cache', 'deep']);
    expect(readdirSync(join(place.folder, 'deep'))).toEqual(['out']);
    expect(existsSync('/tmp/escaped')).toBe(false);
  });

  test('whose paths are longer than a zip can say is packed without those, and says so', async () => {
    const hand = await beginByHand(store);
    const id = hand.data('far down');
    let tree = hand.tree(fileNode('file', id, 8));
    for (let level = 0; level < 270; level += 1)
      tree = hand.tree(folderNode(`${level} `.padEnd(250, 'x'), tree));
    const good = fileNode('good', id, 8);
    await hand.snapshot(hand.tree(folderNode('kept', hand.tree(folderNode('deep', tree), good))), {
      paths: ['/kept'],
    });
    const file = join(place.folder, 'all.zip');
    const back = await runJob(store, restoreOf({ to: file, archive: true }), place.folder);
    expect(back.result).toMatchObject({ ok: true, value: { filesFailed: 1, files: 1 } });
    expect(back.codes).toEqual(['file-not-written']);
    // Its end is there, and what fits is in it; `unzip` itself knows no paths as long as a zip's may be.
    const zip = readFileSync(file);
    expect(zip.subarray(-22, -18).toString('latin1')).toBe('PK\u0005\u0006');
    expect(zip.includes('kept/good')).toBe(true);
    const tar = join(place.folder, 'all.tar.gz');
    const whole = await runJob(store, restoreOf({ to: tar, archive: true }), place.folder);
    expect(whole.result).toMatchObject({ ok: true, value: { filesFailed: 0, files: 2 } });
  });

  test('that holds itself over and over again is stopped before it fills the disk', async () => {
    const hand = await beginByHand(store);
    let tree = hand.tree(fileNode('grain', hand.data('rice'), 4));
    for (let square = 0; square < 64; square += 1)
      tree = hand.tree(folderNode('one', tree), folderNode('other', tree));
    await hand.snapshot(hand.tree(folderNode('board', tree)), { paths: ['/board'] });
    const back = await restore();
    expect(back.result).toMatchObject({ ok: false, fault: { code: 'damaged' } });
    expect(existsSync(join(out, 'board'))).toBe(false);
  });

  test('of things that are neither files nor folders nor links is restored without them', async () => {
    const hand = await beginByHand(store);
    const inner = hand.tree(
      node('fifo', 'pipe'),
      node('chardev', 'terminal'),
      node('something new', 'who knows'),
      fileNode('good', hand.data('good'), 4),
    );
    await hand.snapshot(hand.tree(folderNode('kept', inner)), { paths: ['/kept'] });
    const back = await restore();
    expect(back.codes).toEqual(['special-file', 'special-file', 'special-file']);
    expect(readdirSync(join(out, 'kept'))).toEqual(['good']);
  });

  test('whose files claim sizes that they don’t have comes back as large as it is', async () => {
    const hand = await beginByHand(store);
    const inner = hand.tree(fileNode('huge', hand.data('small'), 5_000_000_000_000));
    await hand.snapshot(hand.tree(folderNode('kept', inner)), { paths: ['/kept'] });
    const back = await restore();
    expect(back.result.ok).toBe(true);
    expect(readFileSync(join(out, 'kept', 'huge'), 'utf8')).toBe('small');
  });

  test('with a folder that can’t be read comes back without it, and says so', async () => {
    const hand = await beginByHand(store);
    const inner = hand.tree(
      folderNode('lost', 'ab'.repeat(32)),
      fileNode('missing', 'cd'.repeat(32), 4),
      fileNode('good', hand.data('good'), 4),
    );
    await hand.snapshot(hand.tree(folderNode('kept', inner)), { paths: ['/kept'] });
    const back = await restore();
    expect(back.codes.sort()).toEqual(['blob-missing', 'tree-damaged']);
    expect(back.result).toMatchObject({ ok: true, value: { files: 1, filesFailed: 2 } });
    expect(readdirSync(join(out, 'kept')).sort()).toEqual(['good', 'lost']);
  });
});

describe('a repository that is not as it should be', () => {
  test('damage is never blamed on the password', async () => {
    await initRepository(store, PASSWORD);
    const [key = '', bytes = new Uint8Array()] =
      [...store.objects].find(([each]) => each.startsWith('keys/')) ?? [];
    const text = Buffer.from(bytes).toString('utf8');
    // One letter of the sealed key: it is a key file still, and does not open.
    store.objects.set(key, Buffer.from(text.replace(/"data":"(.)/, '"data":"$1A')));
    const opened = await restore();
    expect(opened.result).toMatchObject({ ok: false, fault: { code: 'damaged' } });
  });

  test('one of a later version is told from a damaged one', async () => {
    const begun = await initRepository(store, PASSWORD);
    if (!begun.ok) throw new Error(begun.fault.code);
    const { key } = begun.value;
    const sealed = store.objects.get('config/') ?? new Uint8Array();
    const config = JSON.parse(String(unseal(key, sealed))) as object;
    const later = Buffer.from(JSON.stringify({ ...config, version: 3 }));
    store.objects.set('config/', seal(key, later));
    const opened = await restore();
    expect(opened.result).toMatchObject({ ok: false, fault: { code: 'unsupported' } });
  });
});

describe.skipIf(!hasProgram('restic'))('stock restic (skipped where it is not installed)', () => {
  test('what it wrote in format 1, without compression, comes back', async () => {
    const folder = join(place.folder, 'repository');
    const source = join(place.folder, 'source');
    mkdirSync(join(source, 'inner'), { recursive: true });
    writeFileSync(join(source, 'inner', 'letter'), 'Dear Ben, '.repeat(50_000));
    writeFileSync(join(source, 'empty'), '');
    const options = { password: PASSWORD };
    expect(await restic(folder, ['init', '--repository-version', '1'], options)).toMatchObject({
      code: 0,
    });
    expect(await restic(folder, ['backup', source], options)).toMatchObject({ code: 0 });
    const job = restoreOf({ to: out });
    const back = await runJob(createFolderRepositoryStore(folder), job, place.folder);
    expect(back.problems).toEqual([]);
    expect((await compareTrees(source, join(out, 'source'))).differences).toEqual([]);
  });
});
