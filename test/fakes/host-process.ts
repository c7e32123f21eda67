import { flushCompileCache } from 'node:module';
import { startCore } from '../../electron/core/start-core.ts';

/**
 * A host in a process of its own, to be killed: `node host-process.ts HOME`. From the first line that it is told it sweeps all
 * the time: until then somebody looks at what the last one has left, and a whole processor would go into sweeps.
 */
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
await new Promise((resolve) => process.stdin.once('data', resolve));
for (;;) await started.value.chores();
