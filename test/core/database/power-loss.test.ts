import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SETTINGS_AT_FIRST } from '../../../shared/model/settings.ts';
import { createFileSecretStore } from '../../../electron/core/adapters/file-secret-store.ts';
import { createFolderPapers } from '../../../electron/core/backup/repository/folder-papers.ts';
import { createFolderRepositoryStore } from '../../../electron/core/backup/repository/folder-repository-store.ts';
import { openConfig, openHome } from '../../../electron/core/config.ts';
import { openConfigFile } from '../../../electron/core/config-file.ts';
import { fileMark } from '../../../electron/core/database/book-mark.ts';
import { makeFolders } from '../../../electron/core/database/durable-file.ts';
import { isVolumePresent, prepareVolume } from '../../../electron/core/plots/volume.ts';
import {
  anyLuck,
  createFallingDisk,
  type DiskStep,
  layOut,
  LUCKS,
  seeded,
  textOf,
} from '../../fakes/power/falling-disk.ts';
import { watchFiles } from '../../fakes/power/watched-files.ts';

/** The small files of a home and of a disk that is carried: after a power loss the old content or the new, whole, and nothing else. */
const TRIES = process.env['POWER'] === 'long' ? 40 : 4;

let top: string;
let folder: string;
beforeEach(async () => {
  top = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'allotment-power-'));
  folder = join(top, 'disk');
});
afterEach(() => rm(top, { recursive: true, force: true }));

/** What was told of, last; and what was begun since and may have happened. */
type Told = { readonly last: string | undefined; readonly begun: readonly string[] };

/**
 * Runs a script, which says of each thing when it begins and when it was told to have happened; then looks at the disk after a
 * power loss at every step of it.
 */
async function everyFall(
  script: (tell: {
    readonly begin: (what: string) => void;
    readonly done: (what: string) => void;
  }) => Promise<void>,
  look: (told: Told) => Promise<string | undefined>,
): Promise<readonly string[]> {
  const log: (DiskStep | { readonly begin: string } | { readonly done: string })[] = [];
  const end = watchFiles(top, { after: (step) => log.push(step), stepsBefore: 0 });
  try {
    await script({
      begin: (what) => log.push({ begin: what }),
      done: (what) => log.push({ done: what }),
    });
  } finally {
    end();
  }
  const random = seeded(20_261_126);
  const lucks = [
    ...Object.entries(LUCKS),
    ...Array.from({ length: TRIES }, (_, at) => [`any ${at}`, anyLuck(random)] as const),
  ];
  const wrong: string[] = [];
  const seen = new Set<string>();
  for (let moment = 1; moment <= log.length; moment += 1) {
    const disk = createFallingDisk(top);
    let told: Told = { last: undefined, begun: [] };
    for (const entry of log.slice(0, moment)) {
      if ('begin' in entry) told = { ...told, begun: [...told.begun, entry.begin] };
      else if ('done' in entry) told = { last: entry.done, begun: [] };
      else disk.apply(entry);
    }
    for (const [name, luck] of lucks) {
      const tree = disk.after(luck);
      const text = `${JSON.stringify(told)}\n${textOf(tree)}`;
      if (seen.has(text)) continue;
      seen.add(text);
      rmSync(folder, { recursive: true, force: true });
      layOut(tree);
      const problem = await look(told);
      if (problem !== undefined) wrong.push(`${problem} (moment ${moment}, ${name})`);
      for (const path of filesIn(folder))
        if (path.endsWith('.new') && !path.endsWith('mark.new'))
          wrong.push(`${basename(path)} was left behind (moment ${moment}, ${name})`);
    }
  }
  return wrong.slice(0, 8);
}

/** Whether a content may be there: the last that was told of, or one that was begun since. */
function judge({ last, begun }: Told, found: string | undefined): string | undefined {
  return found === last || (found !== undefined && begun.includes(found))
    ? undefined
    : `${found} instead of ${[last, ...begun].join(' or ')}`;
}

function filesIn(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(join(path, entry.name)) : [join(path, entry.name)],
  );
}

test('what the owner chose once', async () => {
  const otherwise = { name: 'none', port: 0, settings: SETTINGS_AT_FIRST };
  const wrong = await everyFall(
    async ({ begin, done }) => {
      const home = await openHome(folder);
      if (!home.ok) throw new Error(home.fault.code);
      begin('Ben');
      const config = await openConfig(home.value, { name: 'Ben', port: 20_000 });
      if (!config.ok) throw new Error(config.fault.code);
      done('Ben');
      for (const name of ['Benjamin the elder', 'B']) {
        begin(name);
        await config.value.set({ name });
        done(name);
      }
    },
    async (told) => {
      const home = await openHome(folder);
      if (!home.ok) return home.fault.code;
      const config = await openConfigFile(home.value.config, { wishes: {}, otherwise });
      if ((await config.putAside()) !== undefined) return 'it could not be read';
      const { name } = config.get();
      return judge(told, name === 'none' ? undefined : name);
    },
  );
  expect(wrong).toEqual([]);
});

test('secrets', async () => {
  const secrets = () => createFileSecretStore(join(folder, 'secrets'));
  const wrong = await everyFall(
    async ({ begin, done }) => {
      const home = await openHome(folder);
      if (!home.ok) throw new Error(home.fault.code);
      for (const value of ['the first key', 'another, longer key', 'k']) {
        begin(value);
        await secrets().set('identity', Buffer.from(value));
        done(value);
      }
    },
    async (told) => {
      const found = await secrets().get('identity');
      if (found === 'locked') return found;
      return judge(told, found && Buffer.from(found).toString());
    },
  );
  expect(wrong).toEqual([]);
});

test('the mark beside a book', async () => {
  const mark = () => fileMark(join(folder, 'mark'));
  const wrong = await everyFall(
    async ({ begin, done }) => {
      const home = await openHome(folder);
      if (!home.ok) throw new Error(home.fault.code);
      for (const sure of [1, 20, 3]) {
        begin(`${sure}`);
        mark().write({ sure, tried: sure + 1000 });
        done(`${sure}`);
      }
    },
    async (told) => {
      const found = mark().read();
      return judge(told, found === undefined ? undefined : `${found.sure}`);
    },
  );
  expect(wrong).toEqual([]);
});

test('the marker of a volume', async () => {
  const spare = join(folder, 'spare');
  const wrong = await everyFall(
    async ({ begin, done }) => {
      await makeFolders(spare);
      for (let time = 0; time < 2; time += 1) {
        begin('any');
        const made = await prepareVolume(spare);
        if (!made.ok) throw new Error(made.fault.code);
        done(made.value.volume);
      }
    },
    async ({ last }) => {
      if (last !== undefined && !(await isVolumePresent(spare, last))) return 'it is not there';
      // The next time it is made whole, and what lay there stays what it was.
      await makeFolders(spare);
      const again = await prepareVolume(spare);
      if (!again.ok) return again.fault.code;
      return last === undefined || again.value.volume === last ? undefined : 'it is another one';
    },
  );
  expect(wrong).toEqual([]);
});

const nameOf = (text: string) => createHash('sha256').update(text).digest('hex');

test('a repository on a disk that is carried, with its papers', async () => {
  const place = join(folder, 'backups', 'photos');
  const texts = ['one', 'two', 'three'];
  const wrong = await everyFall(
    async ({ begin, done }) => {
      const store = createFolderRepositoryStore(place);
      const papers = createFolderPapers(place);
      let there: string[] = [];
      const next = async (now: string[], act: () => Promise<unknown>) => {
        there = now;
        begin(there.join());
        await act();
        done(there.join());
      };
      await next(['config'], () =>
        store.save({ type: 'config', name: '' }, [Buffer.from('config')]),
      );
      for (const text of texts)
        await next([...there, text], () =>
          store.save({ type: 'data', name: nameOf(text) }, [Buffer.from(text)]),
        );
      await next([...there, 'manifest'], () => papers.write('manifest', Buffer.from('manifest')));
      await next(
        there.filter((text) => text !== 'two'),
        () => store.remove({ type: 'data', name: nameOf('two') }),
      );
    },
    async (told) => {
      const store = createFolderRepositoryStore(place);
      const config = await store.load({ type: 'config', name: '' });
      const there = config.ok ? [Buffer.from(config.value).toString()] : [];
      const listed = await store.list('data');
      for (const text of texts)
        if (listed.ok && listed.value.some(({ name }) => name === nameOf(text))) there.push(text);
      for (const path of filesIn(place))
        if (/[0-9a-f]{64}$/.test(path) && !basename(path).startsWith('tmp-'))
          if (nameOf(readFileSync(path, 'utf8')) !== basename(path)) return 'half an object';
      const manifest = await createFolderPapers(place).read('manifest');
      if (manifest.ok) there.push(Buffer.from(manifest.value).toString());
      await createFolderPapers(place).write('manifest', Buffer.from('manifest'));
      return judge(told, there.length === 0 ? undefined : there.join());
    },
  );
  expect(wrong).toEqual([]);
});
