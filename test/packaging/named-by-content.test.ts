import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { build, type BuildOptions, type Plugin } from 'vite';

const NAMING = pathToFileURL(resolve(import.meta.dirname, '../../build/emit-workers.ts')).href;
const { emitWorkers, NAMES } = (await import(NAMING)) as {
  readonly emitWorkers: () => Plugin;
  readonly NAMES: NonNullable<NonNullable<BuildOptions['rolldownOptions']>['output']>;
};

/** How what is built is named, in a program of a few lines: what is started, its thread, and that one's own thread. */
const PROGRAM = {
  'start.ts': `import { say } from './said.ts'; import { Worker } from 'node:worker_threads';
    say('start'); new Worker(new URL('./outer-worker.ts', import.meta.url));
    new Worker(new URL('./other-worker.ts', import.meta.url));`,
  'outer-worker.ts': `import { say } from './said.ts'; import { Worker } from 'node:worker_threads';
    say('outer'); new Worker(new URL('./inner-worker.ts', import.meta.url));`,
  'inner-worker.ts': `import { word } from './word.ts'; console.log(word);`,
  'other-worker.ts': `console.log('other');`,
  'said.ts': 'export const say = (what: string) => console.log(what);',
  'word.ts': `export const word = 'older';`,
};

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allotment-named-'));
  await mkdir(join(folder, 'from'));
  for (const [name, text] of Object.entries(PROGRAM))
    await writeFile(join(folder, 'from', name), text);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What is built of it as it is now, by name. */
async function built(): Promise<Readonly<Record<string, string>>> {
  const to = join(folder, 'to');
  await build({
    root: folder,
    configFile: false,
    logLevel: 'silent',
    publicDir: false,
    plugins: [emitWorkers()],
    build: {
      ssr: true,
      target: 'node24',
      outDir: to,
      emptyOutDir: true,
      rolldownOptions: { input: [join(folder, 'from/start.ts')], output: NAMES },
    },
  });
  const names = await readdir(to);
  const texts = await Promise.all(names.map((name) => readFile(join(to, name), 'utf8')));
  return Object.fromEntries(names.map((name, at) => [name, texts[at] ?? '']));
}

const thread = (all: Readonly<Record<string, string>>, name: string) =>
  Object.keys(all).find((each) => each.startsWith(`${name}-worker-`)) ?? '';

test('a thread that was changed has another name, and so has whoever starts it; the others keep theirs', async () => {
  const before = await built();
  const [inner, outer, other] = [
    thread(before, 'inner'),
    thread(before, 'outer'),
    thread(before, 'other'),
  ];
  for (const name of [inner, outer, other]) expect(name).toMatch(/^\w+-worker-[0-9a-f]{8}\.js$/);
  expect(before['start.js']).toContain(`./${outer}`);
  expect(before[outer]).toContain(`./${inner}`);
  // What several import is named so too; what people start is not.
  const shared = Object.keys(before).filter((name) => !name.includes('-worker-'));
  expect(shared.sort()).toEqual([expect.stringMatching(/^said-[0-9a-f]{8}\.js$/), 'start.js']);

  expect(await built()).toEqual(before);

  await writeFile(join(folder, 'from/word.ts'), `export const word = 'newer';`);
  const after = await built();
  expect(after['start.js']).toContain(`./${thread(after, 'outer')}`);
  expect(thread(after, 'other')).toBe(other);
  for (const gone of [inner, outer]) expect(Object.keys(after)).not.toContain(gone);
});
