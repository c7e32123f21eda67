import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from '../../electron/headless/serve.ts';
import { bundle } from './bundle.ts';
import { asTestHome, offer, pair, scratch, startHome, type TestHome } from './homes.ts';

/** Each word at the command line is a process of its own. */
const CLI = fileURLToPath(new URL('../../electron/headless/cli.ts', import.meta.url));

type Said = { readonly code: number; readonly out: string; readonly err: string };

/** Ben at his command line, whose home is served as `allotment serve` does it, and Ana, his friend. */
export type CliHome = {
  readonly folder: string;
  readonly ben: TestHome;
  readonly ana: TestHome;
  readonly at: (...args: readonly string[]) => Promise<Said>;
  readonly close: () => Promise<void>;
};

export async function startCliHome(): Promise<CliHome> {
  const place = await scratch();
  const home = join(place.folder, 'ben');
  const cli = await bundle(CLI);
  const started = await serve({ home, name: 'Ben', port: 0, host: '127.0.0.1' });
  if (!started.ok) throw new Error(JSON.stringify(started.fault));
  const served = started.value;
  const ben = asTestHome(served.core, place.folder);
  const ana = await startHome('Ana', place.folder);
  await pair(ana, ben);
  return {
    folder: place.folder,
    ben,
    ana,
    at: (...args) =>
      new Promise((resolve) => {
        execFile(process.execPath, [cli, ...args, '--home', home], (error, out, err) => {
          resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
        });
      }),
    close: async () => {
      await ana.close();
      await served.close();
      await place.remove();
    },
  };
}

/** Each of the two shares a folder of their own. */
export async function offerBoth({ folder, ben, ana }: CliHome): Promise<void> {
  for (const [host, name] of [
    [ben, 'spare of Ben'],
    [ana, 'spare of Ana'],
  ] as const) {
    await mkdir(join(folder, name));
    await offer(host, join(folder, name));
  }
}
