import { describe, expect, test } from 'vitest';
import {
  initRepository,
  loadIndex,
} from '../../../../electron/core/backup/repository/repository.ts';
import { saveUnpacked } from '../../../../electron/core/backup/repository/unpacked.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';

describe('the index of a repository', () => {
  test.each([
    ['named first', ['lost', 'there']],
    ['named last', ['there', 'lost']],
  ] as const)(
    'leads to the pack that is there, where another one that is lost is %s',
    async (_, order) => {
      const store = createMemoryRepositoryStore();
      const begun = await initRepository(store, 'a password of the test');
      if (!begun.ok) throw new Error(begun.fault.code);
      const packs = { lost: 'aa'.repeat(32), there: 'bb'.repeat(32) };
      await store.save({ type: 'data', name: packs.there }, [Buffer.from('a pack')]);
      const id = 'cd'.repeat(32);
      for (const which of order) {
        const blobs = [{ id, type: 'data', offset: 0, length: 6 }];
        const content = { packs: [{ id: packs[which], blobs }] };
        await saveUnpacked(store, begun.value.key, { type: 'index', content });
      }
      const index = await loadIndex(begun.value);
      if (!index.ok) throw new Error(index.fault.code);
      const place = index.value.blobs.get('data', Buffer.from(id, 'hex'));
      expect(index.value.packs[place?.pack ?? -1]?.name).toBe(packs.there);
      expect(index.value.packs).toHaveLength(2);
    },
  );

  test.each([
    ['named first', ['rotten', 'sound']],
    ['named last', ['sound', 'rotten']],
  ] as const)(
    'leads to the pack that is sound, where another one that is known to be damaged is %s, and to that one where there is no other',
    async (_, order) => {
      const store = createMemoryRepositoryStore();
      const begun = await initRepository(store, 'a password of the test');
      if (!begun.ok) throw new Error(begun.fault.code);
      const packs = { rotten: 'aa'.repeat(32), sound: 'bb'.repeat(32) };
      const [twice, once] = ['cd'.repeat(32), 'ef'.repeat(32)];
      for (const which of order) {
        await store.save({ type: 'data', name: packs[which] }, [Buffer.from('a pack')]);
        const blobs = [{ id: twice, type: 'data', offset: 0, length: 6 }];
        if (which === 'rotten') blobs.push({ id: once, type: 'data', offset: 6, length: 6 });
        const content = { packs: [{ id: packs[which], blobs }] };
        await saveUnpacked(store, begun.value.key, { type: 'index', content });
      }
      const index = await loadIndex(begun.value, { rotten: new Set([packs.rotten]) });
      if (!index.ok) throw new Error(index.fault.code);
      const packOf = (id: string) => {
        const place = index.value.blobs.get('data', Buffer.from(id, 'hex'));
        return index.value.packs[place?.pack ?? -1]?.name;
      };
      expect([packOf(twice), packOf(once)]).toEqual([packs.sound, packs.rotten]);
    },
  );
});
