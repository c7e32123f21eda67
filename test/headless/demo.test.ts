import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scratch } from '../fakes/homes.ts';

const DEMO = fileURLToPath(new URL('../../electron/headless/demo.ts', import.meta.url));

function demo(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [DEMO, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out: stdout + stderr });
    });
  });
}

test('the demo tells the whole story and finds everything the same', async () => {
  const place = await scratch();
  const folder = join(place.folder, 'files');
  mkdirSync(join(folder, 'deep', 'deeper'), { recursive: true });
  writeFileSync(join(folder, 'a'), 'a');
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]), 'no text');
  symlinkSync('a', join(folder, 'link'));
  const { code, out } = await demo(folder);
  expect(out).toContain('All of it is the same.');
  expect(out).toContain(
    'is told why not: only 10 GB of the offer are free, working room included.',
  );
  expect(code).toBe(0);
  await place.remove();
});

test('without a folder it says what it wants', async () => {
  expect(await demo('/nowhere')).toMatchObject({ code: 2 });
});
