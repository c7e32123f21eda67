import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bundle } from '../fakes/bundle.ts';
import { scratch } from '../fakes/homes.ts';

const CLI = fileURLToPath(new URL('../../electron/headless/cli.ts', import.meta.url));

test('a Ctrl-C that comes from the terminal and from npm too is one: the end is orderly', async () => {
  const place = await scratch();
  const home = join(place.folder, 'home');
  const args = [await bundle(CLI), 'serve', '--home', home, '--no-discovery'];
  const served = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(served.stdout, 'data');
  const ended = once(served, 'exit');
  for (const afterMs of [0, 5, 10]) setTimeout(() => served.kill('SIGINT'), afterMs);
  await ended;
  // By which of them it was gone in the end says nothing: its last moments are the system's.
  const left = await readdir(home);
  for (const file of ['control.json', 'allotment.sqlite-wal']) expect(left).not.toContain(file);
  await place.remove();
});
