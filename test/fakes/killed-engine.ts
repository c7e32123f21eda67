import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { EngineJob } from '../../electron/core/backup/engine/engine.ts';
import { createFolderRepositoryStore } from '../../electron/core/backup/repository/folder-repository-store.ts';
import {
  createEngineHere,
  type EngineHere,
  makeCheapRepository,
  type OpenHere,
} from './engine-here.ts';

/** A repository in a folder on which an engine works that is killed again and again. */
export type KilledEngine = {
  readonly folder: string;
  readonly store: ReturnType<typeof createFolderRepositoryStore>;
  readonly repository: OpenHere;
  /** The same engine in this process, which nobody kills. */
  readonly here: EngineHere;
  /** Runs the job in a process that is killed at some moment of it. Answers whether it was over before. */
  readonly killIn: (job: EngineJob) => Promise<'killed' | 'over'>;
  readonly stop: () => void;
};

export const PROGRAM = fileURLToPath(new URL('./engine-process.ts', import.meta.url));
export const PASSWORD = 'a password of the test';
const LIMIT_AT_FIRST_MS = 1000;

export function createKilledEngine({
  place,
  program,
  random,
}: {
  readonly place: string;
  /** What runs the job: `PROGRAM`, or what was made of it. */
  readonly program: string;
  readonly random: () => number;
}): KilledEngine {
  const folder = join(place, 'repository');
  const { objects, ...repository } = makeCheapRepository(PASSWORD);
  for (const [path, bytes] of objects) {
    const [type = '', name = ''] = path.split('/');
    mkdirSync(type === 'config' ? folder : join(folder, type), { recursive: true });
    writeFileSync(join(folder, type, name), bytes);
  }
  const store = createFolderRepositoryStore(folder);
  // How long a job takes here: the moments of the kills are spread over it.
  let limitMs = LIMIT_AT_FIRST_MS;

  function start() {
    const args = [program, folder, join(place, 'cache'), PASSWORD];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const said: string[] = [];
    let wake: () => void = () => undefined;
    lines.on('line', (line) => {
      said.push(line);
      wake();
    });
    const line = async () => {
      while (said.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return said.shift() ?? '';
    };
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    return { child, line, gone };
  }

  // The next one starts while the last one's work is looked at.
  let next = start();

  return {
    folder,
    store,
    repository,
    here: createEngineHere(repository),
    killIn: async (job) => {
      const { child, line, gone } = next;
      next = start();
      await line();
      const startedMs = performance.now();
      child.stdin.write(`${JSON.stringify(job)}\n`);
      let timer: NodeJS.Timeout | undefined;
      const moment = new Promise<'killed'>((resolve) => {
        timer = setTimeout(() => resolve('killed'), random() * limitMs);
      });
      const result = await Promise.race([moment, line()]);
      clearTimeout(timer);
      child.kill('SIGKILL');
      await gone;
      if (result === 'killed') {
        // Slowly longer, in case they have become slower.
        limitMs *= 1.02;
        return 'killed';
      }
      limitMs = Math.min(limitMs, 1.1 * (performance.now() - startedMs));
      const ended = JSON.parse(result) as { readonly ok: boolean };
      if (!ended.ok) throw new Error(`the job did not succeed: ${result}`);
      return 'over';
    },
    stop: () => void next.child.kill('SIGKILL'),
  };
}
