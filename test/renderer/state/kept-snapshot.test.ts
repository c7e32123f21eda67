import { expect, test } from 'vitest';
import { keepSnapshot, keptSnapshot } from '../../../renderer/state/kept-snapshot.ts';
import { worlds } from '../worlds/worlds.ts';

const { snapshot } = worlds.garden();

test('what was kept is shown again', () => {
  const keep = memory();
  keepSnapshot(keep, snapshot);
  expect(keptSnapshot(keep)).toEqual(snapshot);
});

test.each(Object.keys(snapshot).filter((name) => name !== 'revision'))(
  'what another version kept without its "%s" is thrown away',
  (name) => {
    const keep = memory();
    keepSnapshot(keep, { ...snapshot, [name]: undefined });
    expect(keptSnapshot(keep)).toBeUndefined();
  },
);

test('what is too large to be kept leaves nothing of before', () => {
  const keep = memory();
  keepSnapshot(keep, snapshot);
  keepSnapshot(keep, { ...snapshot, epoch: 'x'.repeat(1_000_000) });
  expect(keptSnapshot(keep)).toBeUndefined();
});

function memory(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, text) => void kept.set(key, text),
    removeItem: (key) => void kept.delete(key),
  };
}
