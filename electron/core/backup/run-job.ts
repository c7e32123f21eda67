import type { Sentence } from '../../../shared/contract/views.ts';
import type { Result } from '../../../shared/result.ts';
import {
  type EngineFault,
  type EngineJob,
  type EngineProblem,
  type EngineSummary,
  runEngine,
} from './engine/engine.ts';
import type { JobControl } from './jobs.ts';
import type { RepositoryStore } from './repository/repository-store.ts';

/** Runs one job of the engine on a store and says what happens meanwhile in a person's sentences. */
export type RunJob = (
  job: EngineJob,
  store: RepositoryStore,
  control: JobControl,
) => Promise<Result<EngineSummary, EngineFault>>;

export function createRunJob({
  password,
  cache,
}: {
  readonly password: string;
  /** Where the engine keeps what it can lose. */
  readonly cache: string;
}): RunJob {
  return (job, store, control) => {
    const tools = {
      signal: control.signal,
      progress: control.progress,
      problem: (problem: EngineProblem) => control.problem(sentenceOf(problem)),
      givesWay: control.givesWay === true,
    };
    return runEngine(job, { store, password, cache, tools });
  };
}

function sentenceOf({ code, path, detail }: EngineProblem): Sentence {
  return { key: `problem.${code}`, params: { path, detail } };
}
