import type { JobProgress, JobView, Sentence } from '../../../shared/contract/views.ts';
import { carriedFault, type Fault, fault } from '../../../shared/fault.ts';
import { failed, type Result } from '../../../shared/result.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';

/** What a job's work can say while it runs. */
export type JobControl = {
  readonly signal: AbortSignal;
  /** How far it is; rate and time left are worked out here. */
  readonly progress: (
    now: Omit<JobProgress, 'bytesPerS' | 'leftS' | 'bytesDone' | 'bytesTotal'> & {
      readonly bytesDone: number;
      readonly bytesTotal: number | null;
    },
  ) => void;
  /** One file that could not be read or written; the rest goes on. */
  readonly problem: (sentence: Sentence) => void;
  /** It began by itself and comes again: whoever has locked a repository is not waited for. */
  readonly givesWay?: boolean;
};

export type JobResult = Readonly<Record<string, string | number>>;

/** Why a job was cancelled, where somebody did it: then nothing begins it again before its time. */
export const BY_HAND = 'by hand';

/** Long work: started, watched, cancelled; the last ones are remembered until the program ends. */
export type Jobs = {
  /** Of what changes a set's copies, or must not see them change, one at a time: the next waits for its turn. */
  readonly start: (
    what: Pick<JobView, 'kind' | 'set'>,
    work: (control: JobControl) => Promise<Result<JobResult, Fault>>,
  ) => JobView;
  readonly list: () => readonly JobView[];
  readonly get: (id: string) => JobView | undefined;
  readonly cancel: (id: string, why?: typeof BY_HAND) => JobView | undefined;
  /** Resolves when it is over, also if there never was one. */
  readonly ended: (id: string) => Promise<void>;
  /** Cancels all and waits until they have ended; what is begun after that is cancelled before it does anything. */
  readonly close: () => Promise<void>;
};

const KEPT_MAX = 50;
/** A thousand unreadable files are one story, not a thousand. */
const PROBLEMS_MAX = 100;

const NO_PROGRESS: JobProgress = {
  phase: 'starting',
  filesDone: 0,
  filesTotal: null,
  bytesDone: '0',
  bytesTotal: null,
  bytesPerS: 0,
  leftS: null,
};

/** Two of these would undo or misjudge each other's work. Restores and drills only read. */
const ONE_AT_A_TIME: ReadonlySet<JobView['kind']> = new Set(['backup', 'prune', 'check', 'verify']);

type Running = { view: JobView; readonly abort: AbortController; readonly ended: Promise<void> };

export function createJobs({
  clock,
  randomness,
  logger,
  onChange,
}: {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly onChange: () => void;
}): Jobs {
  const all = new Map<string, Running>();
  let isClosed = false;

  function change(id: string, change: Partial<JobView>): void {
    const job = all.get(id);
    if (job === undefined) return;
    job.view = { ...job.view, ...change };
    onChange();
  }

  function controlOf(id: string, signal: AbortSignal): JobControl {
    // Until the first byte it waits for something else, which says nothing of its rate.
    let startedMs = clock.monotonicMs();
    return {
      signal,
      progress: ({ bytesDone, bytesTotal, ...rest }) => {
        if (bytesDone === 0) startedMs = clock.monotonicMs();
        const elapsedS = Math.max(0.001, (clock.monotonicMs() - startedMs) / 1000);
        const bytesPerS = Math.round(bytesDone / elapsedS);
        const left =
          bytesTotal === null || bytesPerS === 0 ? null : (bytesTotal - bytesDone) / bytesPerS;
        change(id, {
          progress: {
            ...rest,
            bytesDone: `${bytesDone}`,
            bytesTotal: bytesTotal === null ? null : `${bytesTotal}`,
            bytesPerS,
            leftS: left === null ? null : Math.max(0, Math.ceil(left)),
          },
        });
      },
      problem: (sentence) => {
        const problems = all.get(id)?.view.problems ?? [];
        if (problems.length < PROBLEMS_MAX) change(id, { problems: [...problems, sentence] });
      },
    };
  }

  /** Everything of the set that this one must not meet; ends early when it is cancelled meanwhile. */
  async function turn(
    { kind, set }: Pick<JobView, 'kind' | 'set'>,
    signal: AbortSignal,
  ): Promise<void> {
    if (!ONE_AT_A_TIME.has(kind)) return;
    const before = [...all.values()].filter(
      ({ view }) => view.set === set && view.state === 'running' && ONE_AT_A_TIME.has(view.kind),
    );
    const cancelled = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => cancelled.resolve(), { once: true });
    if (signal.aborted) cancelled.resolve();
    await Promise.race([Promise.all(before.map(({ ended }) => ended)), cancelled.promise]);
  }

  function forgetOldest(): void {
    for (const [id, job] of all) {
      if (all.size < KEPT_MAX) return;
      if (job.view.state !== 'running') all.delete(id);
    }
  }

  async function run(
    id: string,
    abort: AbortController,
    work: (control: JobControl) => Promise<Result<JobResult, Fault>>,
  ): Promise<void> {
    let ended: Result<JobResult, Fault>;
    try {
      ended = abort.signal.aborted
        ? failed(fault('cancelled'))
        : await work(controlOf(id, abort.signal));
    } catch (error) {
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      logger.error('a job broke', { job: id, detail });
      ended = failed(carriedFault(error) ?? fault('internal', { job: id }));
    }
    if (ended.ok) return change(id, { state: 'done', result: ended.value });
    const { code, params } = ended.fault;
    if (code === 'cancelled' && isPausing(id, abort.signal)) return change(id, { state: 'paused' });
    change(id, {
      state: code === 'cancelled' ? 'cancelled' : 'failed',
      fault: { key: `fault.${code}`, params },
    });
  }

  /** A restore that somebody stops can go on. */
  function isPausing(id: string, signal: AbortSignal): boolean {
    return signal.reason === BY_HAND && all.get(id)?.view.kind === 'restore';
  }

  return {
    start: ({ kind, set }, work) => {
      forgetOldest();
      const id = Buffer.from(randomness.bytes(8)).toString('hex');
      const abort = new AbortController();
      // A call that was under way when the program was told to stop: nobody would wait for what it begins.
      if (isClosed) abort.abort();
      const view: JobView = {
        id,
        kind,
        set,
        state: 'running',
        progress: NO_PROGRESS,
        result: null,
        fault: null,
        problems: [],
      };
      const before = turn(view, abort.signal);
      // The work begins in a later turn, when the job can be found.
      const ended = before.then(() => run(id, abort, work));
      all.set(id, { view, abort, ended });
      onChange();
      return view;
    },
    list: () => [...all.values()].map(({ view }) => view).reverse(),
    get: (id) => all.get(id)?.view,
    ended: async (id) => all.get(id)?.ended,
    cancel: (id, why) => {
      all.get(id)?.abort.abort(why);
      return all.get(id)?.view;
    },
    close: async () => {
      isClosed = true;
      for (const { abort } of all.values()) abort.abort();
      await Promise.all([...all.values()].map(({ ended }) => ended));
    },
  };
}
