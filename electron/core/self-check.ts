import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileRulesText } from '../../shared/model/backup-plan.ts';
import { createPinoLogger } from './adapters/pino-logger.ts';
import { createFileSecretStore } from './adapters/file-secret-store.ts';
import { runEngine } from './backup/engine/engine.ts';
import type { EngineJob, EngineTools } from './backup/engine/jobs.ts';
import { runEstimate } from './backup/engine/estimate.ts';
import { createReaders } from './backup/engine/readers.ts';
import { createFolderRepositoryStore } from './backup/repository/folder-repository-store.ts';
import { initRepository } from './backup/repository/repository.ts';
import { layoutOf } from './config.ts';
import { makeMissing } from './database/durable-file.ts';
import { startCore } from './start-core.ts';

/**
 * Whether everything that was packed is there and works on this machine: it lives one small life in a
 * temporary folder. A core opens its books (better-sqlite3, in a thread) and its port, and the engine
 * backs up, looks into and restores one file (sodium-native, and every kind of thread).
 */
export type Check = { readonly name: string; readonly run: (folder: string) => Promise<void> };

export type SelfCheck = {
  readonly ok: boolean;
  readonly version: string;
  readonly system: string;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly ms: number;
    /** What is wrong, as a sentence. */
    readonly problem?: string;
  }[];
};

/** A machine on which one of them takes longer is as good as broken; nobody waits for ever. */
const CHECK_MS = 60_000;
const PASSWORD = 'self-check';
const TEXT = 'What went in comes out again.\n';

/** `own`: what whoever packed it wants to know besides. Never rejects. */
export async function selfCheck({
  version,
  own = [],
}: {
  readonly version: string;
  readonly own?: readonly Check[];
}): Promise<SelfCheck> {
  const system = `${process.platform}-${process.arch}`;
  let folder = '';
  const problem = await problemOf('temporary folder', async () => {
    folder = await mkdtemp(join(tmpdir(), 'allotment-self-check-'));
  });
  if (problem !== undefined)
    return {
      ok: false,
      version,
      system,
      checks: [{ name: 'temporary folder', ok: false, ms: 0, problem }],
    };
  const checks: SelfCheck['checks'][number][] = [];
  for (const { name, run } of [...own, ...CHECKS]) {
    const startedMs = performance.now();
    const problem = await problemOf(name, () => run(folder));
    const ms = Math.round(performance.now() - startedMs);
    checks.push({
      name,
      ok: problem === undefined,
      ms,
      ...(problem === undefined ? {} : { problem }),
    });
  }
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  return { ok: checks.every((check) => check.ok), version, system, checks };
}

/** Every file that the window's page names is in the package, and so is what stands in `besides`. */
export function windowCheck(renderer: string, besides: readonly string[] = []): Check {
  return {
    name: 'window',
    run: async () => {
      const page = await readFile(join(renderer, 'index.html'), 'utf8');
      const named = [...page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file = '']) => file);
      if (!named.some((file) => file.endsWith('.js'))) throw new Error('its page has no script');
      for (const file of [...named, join('shell', 'icon.png'), ...besides])
        if ((await readFile(join(renderer, file))).length === 0)
          throw new Error(`${file} is empty`);
    },
  };
}

async function problemOf(name: string, run: () => Promise<void>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${CHECK_MS / 1000} s`)), CHECK_MS);
  });
  try {
    await Promise.race([run(), late]);
    return undefined;
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `The ${name} does not work: ${first.replace(/\.$/, '')}.`;
  } finally {
    clearTimeout(timer);
  }
}

/** What came back must be a value; a fault is the reason why not. */
function valueOf<T>(
  result:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly fault: { readonly code: string } },
): T {
  if (result.ok) return result.value;
  throw new Error(JSON.stringify(result.fault));
}

const CHECKS: readonly Check[] = [
  {
    name: 'core',
    run: async (folder) => {
      const home = join(folder, 'home');
      const core = valueOf(
        await startCore({
          home,
          version: 'self-check',
          host: '127.0.0.1',
          port: 0,
          // On no network: nobody hears of it. And the person's key ring is not for this.
          ports: {
            networks: { read: async () => [] },
            secrets: createFileSecretStore(layoutOf(home).secrets),
            logger: createPinoLogger('silent'),
          },
        }),
      );
      try {
        const { port } = valueOf(await core.api['status.get']({}));
        if (port === null) throw new Error('it listens at no port');
        await knock(port);
      } finally {
        await core.close();
      }
    },
  },
  {
    name: 'engine',
    run: async (folder) => {
      const { from, to } = await layOut(folder);
      await runJob(folder, {
        kind: 'backup',
        folders: [from],
        rules: RULES,
        leaveOut: [],
        hostname: 'self-check',
      });
      await runJob(folder, {
        kind: 'restore',
        snapshot: undefined,
        to,
        paths: undefined,
        conflict: undefined,
        archive: false,
        journal: undefined,
      });
      const text = await readFile(join(to, 'from', 'file.txt'), 'utf8');
      if (text !== TEXT) throw new Error('what was restored is not what was backed up');
    },
  },
  {
    name: 'reader',
    run: async (folder) => {
      const readers = createReaders({ password: PASSWORD, cache: join(folder, 'cache') });
      try {
        const store = () => createFolderRepositoryStore(join(folder, 'repository'));
        valueOf(await readers.ask('self-check', store, { kind: 'snapshots' }));
      } finally {
        await readers.close();
      }
    },
  },
  {
    name: 'estimate',
    run: async (folder) => {
      const job = { folders: [join(folder, 'from')], rules: RULES, leaveOut: [] };
      const { signal } = new AbortController();
      valueOf(await runEstimate(job, { signal, progress: () => undefined }));
    },
  },
];

const RULES: FileRulesText = { exclude: [], caches: false, maxFileBytes: null };

/** Something to back up, a place to restore it to, and a repository between them. */
async function layOut(folder: string): Promise<{ readonly from: string; readonly to: string }> {
  const from = join(folder, 'from');
  const to = join(folder, 'to');
  for (const each of [from, to, join(folder, 'repository'), join(folder, 'cache')])
    await makeMissing(each);
  await writeFile(join(from, 'file.txt'), TEXT);
  valueOf(await initRepository(createFolderRepositoryStore(join(folder, 'repository')), PASSWORD));
  return { from, to };
}

async function runJob(folder: string, job: EngineJob): Promise<void> {
  const problems: string[] = [];
  const tools: EngineTools = {
    signal: new AbortController().signal,
    progress: () => undefined,
    problem: ({ code }) => void problems.push(code),
  };
  valueOf(
    await runEngine(job, {
      store: createFolderRepositoryStore(join(folder, 'repository')),
      password: PASSWORD,
      cache: join(folder, 'cache'),
      tools,
    }),
  );
  if (problems.length > 0) throw new Error(problems.join(', '));
}

function knock(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
