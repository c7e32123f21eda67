import fs from 'node:fs';
import { existsSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openJournal } from '../../../../electron/core/backup/engine/restore-journal.ts';
import type { RepositoryStore } from '../../../../electron/core/backup/repository/repository-store.ts';
import { createEngineHere } from '../../../fakes/engine-here.ts';
import {
  beginByHand,
  fileNode,
  folderNode,
  restoreOf,
} from '../../../fakes/handmade-repository.ts';
import { scratch } from '../../../fakes/homes.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';

/** The notes of a restore may lie on another disk than what comes back, and that one may be full. */
let place: Awaited<ReturnType<typeof scratch>>;
let out: string;
let store: ReturnType<typeof createMemoryRepositoryStore>;
let repository: Awaited<ReturnType<typeof beginByHand>>['repository'];

beforeEach(async () => {
  place = await scratch();
  out = join(place.folder, 'out');
  store = createMemoryRepositoryStore();
  const hand = await beginByHand(store);
  ({ repository } = hand);
  const id = hand.data('rice');
  // So many pieces are sent for at once.
  const content = Array.from({ length: 16_000 }, () => id);
  const large = fileNode('large', id, 4 * content.length, { content });
  const tree = hand.tree(large, folderNode('later', hand.tree()));
  await hand.snapshot(hand.tree(folderNode('kept', tree)), { paths: ['/kept'] });
});
afterEach(() => place.remove());

const journal = () => join(place.folder, 'journal');
const noted = (path: string) => Buffer.from(path).toString('base64');
const restore = (from: RepositoryStore = store) =>
  createEngineHere(repository).run(restoreOf({ to: out, journal: journal() }), from, {});

/** There is no room for a line that begins so. */
async function withoutRoomFor(line: string, act: () => Promise<unknown>): Promise<void> {
  const real = fs.writeSync;
  const full = (...[file, ...more]: Parameters<typeof real>) => {
    if (String(more[0]).startsWith(line))
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    return real(file, ...more);
  };
  fs.writeSync = full as typeof real;
  syncBuiltinESMExports();
  try {
    await act();
  } finally {
    fs.writeSync = real;
    syncBuiltinESMExports();
  }
}

describe('notes that find no room', () => {
  test.each(['its first line', 'the try before', 'a folder', 'a passing name'])(
    'are told by their own disk (%s)',
    async (what) => {
      if (what === 'the try before') openJournal(journal()).close();
      const lines: Readonly<Record<string, string>> = {
        'its first line': 'allotment restore',
        'the try before': 'try ',
        'a folder': noted(join(out, 'kept')),
        'a passing name': noted(join(out, 'kept', '.a')).slice(0, -4),
      };
      await withoutRoomFor(lines[what] ?? '', async () => {
        const fault = { code: 'folder', error: 'ENOSPC', folder: journal() };
        expect(await restore()).toEqual({ ok: false, fault });
      });
    },
  );

  test('end a restore when nothing of it is under way: it would write into notes that are closed', async () => {
    const line = Promise.withResolvers<undefined>();
    const sentFor = Promise.withResolvers<undefined>();
    const slow: RepositoryStore = {
      ...store,
      load: async (object, options) => {
        if (options?.range !== undefined && existsSync(join(out, 'kept'))) {
          sentFor.resolve(undefined);
          await line.promise;
        }
        return store.load(object, options);
      },
    };
    await withoutRoomFor(noted(join(out, 'kept', 'later')), async () => {
      let isOver = false;
      const done = restore(slow).finally(() => {
        isOver = true;
      });
      await sentFor.promise;
      for (let turns = 0; turns < 50; turns += 1) await turn();
      expect(isOver).toBe(false);
      line.resolve(undefined);
      expect(await done).toMatchObject({ ok: false, fault: { error: 'ENOSPC' } });
    });
  });
});
