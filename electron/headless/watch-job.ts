import { setTimeout as sleep } from 'node:timers/promises';
import type { JobView } from '../../shared/contract/views.ts';
import { type Fault, fault, type FaultCode, faults } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { say } from '../../shared/words/say.ts';
import type { CommandContext, Outcome } from './command.ts';
import { plainText, progressLine } from './output.ts';

const LOOK_MS = 200;

/** Shows how a job goes until it has ended; files that failed make another exit code of it. */
export async function watchJob(
  { call, t, note, isTerminal, isJson }: CommandContext,
  begun: Result<JobView, Fault>,
  summary: (result: NonNullable<JobView['result']>) => string,
): Promise<Result<Outcome, Fault>> {
  if (!begun.ok) return begun;
  let job = begun.value;
  const shows = isTerminal && !isJson;
  while (job.state === 'running') {
    await sleep(LOOK_MS);
    const looked = await call('jobs.get', { id: job.id });
    if (!looked.ok) return looked;
    job = looked.value;
    if (shows) process.stderr.write(`\r\u001b[K${progressLine(t, job)}`);
  }
  if (shows) process.stderr.write('\r\u001b[K');
  for (const problem of job.problems) note(plainText(say(t, problem)));
  if (job.state === 'paused')
    return ok({ value: job, text: 'Paused: allotment restores shows it.' });
  if (job.fault !== null || job.result === null)
    return failed(fault(codeOf(job.fault?.key), job.fault?.params ?? {}));
  const failures = Number(job.result['filesFailed'] ?? 0) + Number(job.result['problems'] ?? 0);
  const exit = failures > 0 ? faults['some-files-failed'].exit : 0;
  return ok({ value: job, text: summary(job.result), exit });
}

/** Jobs carry their fault as a sentence: `fault.<code>`. */
function codeOf(key: string | undefined): FaultCode {
  const code = (key ?? '').replace(/^fault\./, '');
  return Object.hasOwn(faults, code) ? (code as FaultCode) : 'internal';
}
