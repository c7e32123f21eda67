import { flushCompileCache } from 'node:module';
import { startCore } from '../../electron/core/start-core.ts';

/** A host in a process of its own, to be killed: `node host-process.ts HOME`. Sweeps all the time. */
const started = await startCore({
  home: process.argv[2] ?? '',
  version: 'test',
  host: '127.0.0.1',
  logLevel: 'silent',
});
if (!started.ok) {
  process.stderr.write(`${JSON.stringify(started.fault)}\n`);
  process.exit(1);
}
// Whoever is killed writes it down at no other moment; the next one starts in half the time.
flushCompileCache();
process.stdout.write('ready\n');
for (;;) await started.value.chores();
