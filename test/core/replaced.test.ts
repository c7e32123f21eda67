import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startBookThread } from '../../electron/core/database/thread.ts';
import type { Logger } from '../../electron/core/ports.ts';
import { asReplaced, createReplacement } from '../../electron/core/replaced.ts';
import { startCore } from '../../electron/core/start-core.ts';
import { carriedFault, fault } from '../../shared/fault.ts';
import { failed } from '../../shared/result.ts';
import { silentAir } from '../fakes/air.ts';
import { scratch } from '../fakes/homes.ts';
import { silent } from '../fakes/silent-logger.ts';

let place: Awaited<ReturnType<typeof scratch>>;
const file = (name: string) => pathToFileURL(join(place.folder, name));

beforeEach(async () => {
  place = await scratch();
});
afterEach(() => place.remove());

/** What a thread of this program ends with. */
async function errorOf(name: string, program: string | undefined): Promise<unknown> {
  if (program !== undefined) await writeFile(file(name), program);
  const worker = new Worker(file(name));
  return new Promise((resolve) => worker.once('error', resolve));
}

describe('a thread that can’t begin', () => {
  test.each([
    ['its own file', undefined],
    ['a file that it imports', 'import "./another-0123abcd.js";'],
    ['a library', 'import "no-such-library";'],
    [
      'machine code of a library',
      'import { createRequire } from "node:module"; createRequire(import.meta.url)("./x.node");',
    ],
  ])('for want of %s says that the program was replaced', async (_what, program) => {
    const error = await errorOf('thread.mjs', program);
    expect(carriedFault(asReplaced(error))).toEqual(fault('program-replaced'));
  });

  test('for another reason says nothing of the kind', async () => {
    const error = await errorOf('thread.mjs', 'throw new TypeError("a bug");');
    expect(asReplaced(error)).toBe(error);
    expect(carriedFault(error)).toBeUndefined();
  });

  test('is told to whoever waits for its books', async () => {
    const opening = startBookThread(file('books-worker-0123abcd.js'), {});
    const error = await opening.catch((reason: unknown) => reason);
    expect(carriedFault(asReplaced(error))).toEqual(fault('program-replaced'));
  });
});

test('it is noticed when a program goes, and when it is back, once each', async () => {
  for (const name of ['one.js', 'two.js']) await writeFile(file(name), '');
  const said: boolean[] = [];
  const replacement = createReplacement([file('one.js'), file('two.js')], () =>
    said.push(replacement.isReplaced()),
  );
  await replacement.look();
  expect(said).toEqual([]);
  await rm(file('two.js'));
  await replacement.look();
  await replacement.look();
  expect(said).toEqual([true]);
  await writeFile(file('two.js'), '');
  await replacement.look();
  expect(said).toEqual([true, false]);
});

test('a start that fails for want of a file says in the log which one', async () => {
  const missing = Object.assign(new Error('Cannot find module /there/books-worker-0123abcd.js'), {
    code: 'MODULE_NOT_FOUND',
  });
  const gone = () => Promise.reject(missing);
  const said: unknown[] = [];
  const logger: Logger = {
    ...silent,
    error: (message, facts) => void said.push([message, facts]),
    named: () => logger,
  };
  const started = await startCore({
    home: join(place.folder, 'home'),
    version: 'test',
    ports: { ...silentAir(), logger, secrets: { get: gone, set: gone, remove: gone } },
  });
  expect(started).toEqual(failed(fault('program-replaced')));
  expect(said).toEqual([['the start failed', { error: expect.stringContaining(missing.message) }]]);
});
