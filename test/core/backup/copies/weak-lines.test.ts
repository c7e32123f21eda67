import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Target } from '../../../../electron/core/backup/targets.ts';
import { ok } from '../../../../shared/result.ts';
import {
  anyOf,
  at,
  backup,
  expectSound,
  laterOn,
  namesAt,
  rowOf,
  world,
  write,
} from '../../../fakes/copy-steps.ts';
import { type CopyWorld, SET } from '../../../fakes/copy-world.ts';

/** One object that is rotten, or can’t be had now, is no reason to keep everything else back, or to keep it twice. */
const UNREACHABLE = { code: 'unreachable', detail: 'timeout' } as const;

/** From now on this friend can’t be asked for this object. */
function withhold(here: CopyWorld, number: number, name: string): void {
  at(here, number).objects.onCall = (call, object) =>
    (call === 'stat' || call === 'load') && object.name === name ? UNREACHABLE : undefined;
}

const packsAt = (here: CopyWorld, number: number) =>
  namesAt(at(here, number)).filter((key) => key.startsWith('data/'));

function noteDamaged(here: CopyWorld, number: number, name: string): void {
  const host = at(here, number).target.host.owner;
  here.books.copies.noteDamage({ set: SET, host, objects: [{ type: 'data', name }], atMs: 1 });
}

test('a copy to which only the indexes are still to be sent does not get everything once more, because the other one can’t give one object', async () => {
  const here = world({ plots: 2 });
  write(here, 'zero');
  await backup(here);
  at(here, 1).store.cut();
  for (let number = 0; number < 10; number += 1) {
    write(here, `file ${number}`);
    await backup(here);
  }
  at(here, 1).store.mend();
  const [last = '', ...others] = packsAt(here, 0)
    .filter((key) => !at(here, 1).objects.objects.has(key))
    .toReversed();
  for (const key of others)
    at(here, 1).objects.objects.set(key, at(here, 0).objects.objects.get(key) ?? new Uint8Array());
  withhold(here, 0, last.slice('data/'.length));
  write(here, 'new');
  expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
  at(here, 0).objects.onCall = () => undefined;
  await laterOn(here);
  await expectSound(here);
  // Two packs for each of twelve backups, trees and files.
  expect(packsAt(here, 1)).toHaveLength(24);
});

test('a single friend who can’t be asked for one damaged object gets backups, also when something is still to be removed there', async () => {
  const here = world({ plots: 1 });
  write(here, 'one');
  await backup(here);
  write(here, 'two');
  await backup(here);
  // A prune was cut off: written down as removed, not removed yet.
  const { name } = anyOf(at(here, 0), 'snapshots');
  const sequence = rowOf(here, 0)?.sequence ?? 0;
  here.books.copies.noteRemovals({ set: SET, removals: [{ sequence, type: 'snapshots', name }] });
  const bad = anyOf(at(here, 0), 'data').name;
  noteDamaged(here, 0, bad);
  withhold(here, 0, bad);
  for (const file of ['three', 'four']) {
    write(here, file);
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
    await laterOn(here);
  }
});

test('a new copy is filled though the only other one can’t be asked for one damaged object', async () => {
  const here = world({ plots: 2 });
  write(here, 'one');
  await backup(here);
  at(here, 1).store.cut();
  write(here, 'two');
  await backup(here);
  at(here, 1).objects.objects.clear();
  at(here, 1).papers.kept.clear();
  at(here, 1).store.mend();
  const bad = anyOf(at(here, 0), 'data').name;
  noteDamaged(here, 0, bad);
  withhold(here, 0, bad);
  write(here, 'three');
  expect((await backup(here)).ok).toBe(true);
  await laterOn(here);
  const lacks = namesAt(at(here, 0)).filter((key) => !at(here, 1).objects.objects.has(key));
  expect(lacks).toEqual([`data/${bad}`]);
});

test('an index that has rotten in one copy while the other one is away makes nothing be packed again', async () => {
  const here = world({ plots: 2 });
  for (let number = 0; number < 5; number += 1) write(here, `file ${number}`);
  await backup(here);
  at(here, 1).store.cut();
  at(here, 0).store.rot(anyOf(at(here, 0), 'index'), 'flipped');
  const before = packsAt(here, 0);
  await backup(here);
  await here.runner().check(here.set(), { readData: false }, here.control());
  await backup(here);
  expect(packsAt(here, 0)).toEqual(before);
  at(here, 1).store.mend();
  await laterOn(here);
  expect((await backup(here)).ok).toBe(true);
  await laterOn(here);
  await expectSound(here);
});

test('a config that came wrong over a line stays, and so does the last one there is', async () => {
  let wrong = 0;
  const seen = (target: Target): Target => {
    if (target.name !== 'Friend 0') return target;
    const load: Target['store']['load'] = async (object, options) => {
      const loaded = await target.store.load(object, options);
      if (!loaded.ok || object.type !== 'config' || wrong === 0) return loaded;
      wrong -= 1;
      return ok(loaded.value.map((byte) => byte ^ randomInt(1, 256)));
    };
    return { ...target, store: { ...target.store, load } };
  };
  const here = world({ plots: 2, seen });
  write(here, 'one');
  await backup(here);
  const config = at(here, 0).objects.objects.get('config/');
  wrong = 1;
  expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 2 } });
  expect(wrong).toBe(0);
  expect(rowOf(here, 0)?.repairedMs).toBeUndefined();
  at(here, 1).store.cut();
  wrong = 1;
  expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
  expect(at(here, 0).objects.objects.get('config/')).toEqual(config);
  wrong = Number.POSITIVE_INFINITY;
  expect(await backup(here)).toMatchObject({ ok: false });
  await laterOn(here);
  expect(at(here, 0).objects.objects.get('config/')).toEqual(config);
  wrong = 0;
  at(here, 1).store.mend();
  expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 2 } });
  await laterOn(here);
  await expectSound(here);
  expect(here.books.copies.damage(SET)).toEqual([]);
});

test('a copy of which nothing is left but a config that nobody can read is filled again', async () => {
  const here = world({ plots: 2 });
  write(here, 'one');
  await backup(here);
  const { objects } = at(here, 1).objects;
  for (const key of objects.keys()) if (key !== 'config/') objects.delete(key);
  at(here, 1).store.rot({ type: 'config', name: '' }, 'denied');
  expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 2 } });
  await laterOn(here);
  await expectSound(here);
});
