import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ChildHome, pairHomes, startChildHome } from '../../electron/headless/child-home.ts';

/** How long the main process of each side is held up while one backs up at the other, and restores (design §10). */
export type LoopRow = { readonly what: string; readonly ours: string; readonly ratio: number };

const WANTED_MS = 20;
const LOOK_MS = 10;
const WATCH = new URL('./loop-watch.ts', import.meta.url).href;
type Delays = { readonly p99Ms: number; readonly maxMs: number };

export async function measureLoopDelay(place: string, corpus: string): Promise<readonly LoopRow[]> {
  const folder = join(place, 'loop');
  mkdirSync(join(folder, 'spare'), { recursive: true });
  const ben = await startWatched(folder, 'Ben');
  const ana = await startWatched(folder, 'Ana');
  try {
    await pairHomes(ana, ben);
    await ben.call('offer.set', {
      folder: join(folder, 'spare'),
      offerBytes: '40000000000',
      keepFreeBytes: '0',
    });
    await ben.call('policy.set', { policy: { guards: {}, grounds: [{ kind: 'always' }] } });
    await ana.call('sets.create', { name: 'loop', folders: [corpus], to: ['Ben'] });
    const rows: LoopRow[] = [];
    const measure = async (what: string, act: () => Promise<void>) => {
      await Promise.all([
        delaysOf(folder, 'Ana', ana.process),
        delaysOf(folder, 'Ben', ben.process),
      ]);
      await act();
      for (const [name, home] of [
        ['Ana', ana],
        ['Ben', ben],
      ] as const) {
        const { p99Ms, maxMs } = await delaysOf(folder, name, home.process);
        const side = name === 'Ana' ? 'here' : 'at the friend’s';
        rows.push({
          what: `event loop during ${what}, ${side}, p99 ms (${WANTED_MS} wanted)`,
          ours: `${p99Ms.toFixed(1)} (at most ${maxMs.toFixed(0)})`,
          ratio: WANTED_MS / p99Ms,
        });
      }
    };
    await measure('a backup', () => finish(ana, 'sets.run'));
    await measure('a restore', () => finish(ana, 'sets.restore', join(folder, 'restored')));
    return rows;
  } finally {
    await Promise.all([ana.stop(), ben.stop()]);
  }
}

function startWatched(folder: string, name: string): Promise<ChildHome> {
  return startChildHome(join(folder, `home of ${name}`), name, (program, args) =>
    spawn(program, ['--import', WATCH, ...args, '--no-discovery'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, LOOP_FILE: fileOf(folder, name) },
    }),
  );
}

const fileOf = (folder: string, name: string) => join(folder, `loop of ${name}.json`);

/** Since it was asked the last time. */
async function delaysOf(folder: string, name: string, home: ChildProcess): Promise<Delays> {
  const file = fileOf(folder, name);
  rmSync(file, { force: true });
  home.kill('SIGUSR2');
  for (;;) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (text.endsWith('}')) return JSON.parse(text) as Delays;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function finish(
  home: ChildHome,
  channel: 'sets.run' | 'sets.restore',
  to = '',
): Promise<void> {
  const begun =
    channel === 'sets.run'
      ? await home.call('sets.run', { name: 'loop' })
      : await home.call('sets.restore', { name: 'loop', to });
  const ended = await home.finish(begun);
  if (ended.state !== 'done') throw new Error(`${channel}: ${JSON.stringify(ended.fault)}`);
}
