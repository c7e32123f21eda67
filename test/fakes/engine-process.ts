import { createInterface } from 'node:readline';
import { type EngineJob, runEngine } from '../../electron/core/backup/engine/engine.ts';
import { createFolderRepositoryStore } from '../../electron/core/backup/repository/folder-repository-store.ts';

/**
 * The engine with all its threads in a process of its own, to be killed: `node engine-process.ts REPOSITORY CACHE PASSWORD`.
 * Says `ready`, waits for a job as a line of JSON, runs it and says what came of it.
 */
const [, , repository = '', cache = '', password = ''] = process.argv;
const lines = createInterface({ input: process.stdin });
lines.once('line', (line) => {
  const job = JSON.parse(line) as EngineJob;
  void runEngine(job, {
    store: createFolderRepositoryStore(repository),
    password,
    cache,
    tools: {
      signal: new AbortController().signal,
      progress: () => undefined,
      problem: () => undefined,
    },
  }).then((result) => {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    process.exit(0);
  });
});
process.stdout.write('ready\n');
