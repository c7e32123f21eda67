import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { prompt } from '../../electron/headless/prompt.ts';
import { bundle } from '../fakes/bundle.ts';

/** A command line whose output leads nowhere: `| head`, or a file on a disk that is full. */
const CLI = fileURLToPath(new URL('../../electron/headless/cli.ts', import.meta.url));
let bundled: string;
beforeAll(async () => {
  bundled = await bundle(CLI);
});

/** Into that file; without one into a pipe from which nobody reads any more. */
async function cli(args: readonly string[], file?: string) {
  const out = file === undefined ? undefined : openSync(file, 'w');
  const stdio: StdioOptions = ['ignore', out ?? 'pipe', 'pipe'];
  const child = spawn(process.execPath, [bundled, ...args], { stdio });
  if (out !== undefined) closeSync(out);
  child.stdout?.destroy();
  const { stderr } = child;
  if (stderr === null) throw new Error('it can’t be heard');
  const [err, [code]] = await Promise.all([text(stderr), once(child, 'exit')]);
  return { code: code as unknown, err };
}

describe('where nobody reads any more', () => {
  test('a command ends as it would have, without a word', async () => {
    expect(await cli(['help'])).toEqual({ code: 0, err: '' });
    expect(await cli(['nonsense', '--json'])).toEqual({ code: 2, err: '' });
  });
});

describe.skipIf(process.platform !== 'linux')('on a disk that is full', () => {
  test('a command says that its output is not whole, and scripts hear it', async () => {
    const said = 'That could not be written down (ENOSPC).\n';
    expect(await cli(['help'], '/dev/full')).toEqual({ code: 6, err: said });
    expect(await cli(['nonsense', '--json'], '/dev/full')).toEqual({ code: 2, err: said });
  });
});

describe('whoever is asked', () => {
  /** Typed at a terminal. */
  async function typed(keys: string) {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const asked = prompt('The name: ', input, Object.assign(output, { isTTY: true }));
    input.write(keys);
    return { answer: await asked, shown: String(output.read()) };
  }

  test('can answer, or not', async () => {
    expect(await typed('Ana\r')).toMatchObject({ answer: 'Ana' });
    for (const key of ['\u0003', '\u0004'])
      expect(await typed(key)).toEqual({
        answer: undefined,
        shown: expect.stringMatching(/The name: .*\n$/s),
      });
  });
});
