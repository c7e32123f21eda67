import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createPlacer } from '../../../../electron/core/backup/engine/placer.ts';
import type { Crunchers } from '../../../../electron/core/backup/engine/crunchers.ts';
import type { RestoreJournal } from '../../../../electron/core/backup/engine/restore-journal.ts';
import type {
  Repository,
  RepositoryIndex,
} from '../../../../electron/core/backup/repository/repository.ts';
import { ok } from '../../../../shared/result.ts';
import { node } from '../../../fakes/handmade-repository.ts';

const OF_TWO = ['7', '9'].map((digit) => digit.repeat(64));

/** Of two packs; the second is on the line until it is let go. */
function placerOf({
  noteTemporary = () => undefined,
  crunchers = {} as Crunchers,
}: {
  readonly noteTemporary?: RestoreJournal['noteTemporary'];
  readonly crunchers?: Crunchers;
}) {
  const line = Promise.withResolvers<undefined>();
  const placer = createPlacer({
    repository: {
      store: {
        // Whatever it is told: what has come already is there.
        load: async ({ name }: { readonly name: string }) => {
          if (name.startsWith('1')) await line.promise;
          return ok(new Uint8Array(100));
        },
      },
    } as unknown as Repository,
    index: {
      blobs: {
        get: (_type: string, id: Buffer) => ({
          pack: id.toString('hex') === OF_TWO[0] ? 0 : 1,
          offset: 0,
          length: 100,
          plainLength: 0,
        }),
      },
      packs: [{ name: '8'.repeat(64) }, { name: '1'.repeat(64) }],
    } as unknown as RepositoryIndex,
    crunchers,
    tools: {
      signal: new AbortController().signal,
      progress: () => undefined,
      problem: () => undefined,
    },
    journal: { noteTemporary, settled: () => undefined } as unknown as RestoreJournal,
    onBytes: () => undefined,
    onFinished: () => undefined,
    onKept: () => undefined,
    own: undefined,
  });
  const add = (blob = OF_TWO[0] ?? '') =>
    placer.add({
      path: Buffer.from('/out/file'),
      temporary: Buffer.from('/out/.file.part'),
      node: node('file', 'file', { content: [blob] }),
      isGuarded: false,
      isFresh: true,
    });
  /** So many are planned together before the first is fetched. */
  const begin = async (blobs: readonly string[] = OF_TWO) => {
    for (let at = 0; at < 8000; at += 1) await add(blobs[at % blobs.length]);
    await turns();
  };
  return { placer, add, begin, letGo: () => line.resolve(undefined) };
}

async function turns(): Promise<void> {
  for (let count = 0; count < 100; count += 1) await turn();
}

test('what breaks while nobody waits for it is thrown to whoever brings the next file', async () => {
  const bug = new Error('a bug');
  const { placer, add, begin } = placerOf({
    crunchers: { run: () => Promise.reject(bug) } as unknown as Crunchers,
  });
  await begin(OF_TWO.slice(0, 1));
  await expect(add()).rejects.toBe(bug);
  await expect(placer.finish()).rejects.toBe(bug);
});

test.each(['ENOSPC', 'EIO'])(
  'notes that can’t be written end it, by their place, and no file alone (%s)',
  async (code) => {
    const { placer, add, begin } = placerOf({
      noteTemporary: () => {
        throw Object.assign(new Error(code), { code, path: '/home/notes' });
      },
    });
    await begin(OF_TWO.slice(0, 1));
    const fault = { code: 'folder', error: code, folder: '/home/notes' };
    expect(await add()).toEqual(fault);
    expect(await placer.finish()).toEqual(fault);
  },
);

test('once it was stopped nothing is under way any more that would write, whatever was on the line', async () => {
  let notes = 0;
  const { placer, begin, letGo } = placerOf({
    noteTemporary: () => {
      notes += 1;
    },
    crunchers: { run: () => Promise.reject(new Error('too late')) } as unknown as Crunchers,
  });
  await begin(OF_TWO.slice(1));
  let isStopped = false;
  const stopped = placer.stop().then(() => {
    isStopped = true;
  });
  await turns();
  expect(isStopped).toBe(false);
  letGo();
  await stopped;
  expect(notes).toBe(0);
});
