import fc from 'fast-check';

/**
 * Properties try the same cases in every run, so that whether a commit is sound does not hang on luck. Other cases, and more of
 * them: `npm run properties` (`SEED`, a number; `TIMES`, how many times as many).
 */
const SEED = Number(process.env['SEED'] ?? 20_261_127);
const TIMES = Number(process.env['TIMES'] ?? 1);

fc.configureGlobal({ seed: SEED, numRuns: runs(100) });

/** How many cases a property tries whose cases cost more, or less, than others’. */
export function runs(count: number): number {
  return count * TIMES;
}

export { fc };
