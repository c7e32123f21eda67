import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createChance } from './chance.ts';
import { corpusOf, failureFile, hangFile } from './corpus.ts';
import { type Block, type Coverage, openCoverage } from './coverage.ts';
import { mutate } from './mutate.ts';
import type { Opened, Target } from './target.ts';
import { startWatchdog } from './watchdog.ts';

/** Runs cases against a target: what was kept first, then made ones, for as many as are wanted. */
export type Wish = {
  readonly seed: number;
  readonly cases: number;
  readonly scratch: string;
  readonly guided: boolean;
  /** Whose code counts as reached; the product's, unless a test has its own. */
  readonly covers?: RegExp;
  /** These and nothing else. */
  readonly only?: readonly Uint8Array[];
  readonly onProgress?: (cases: number) => void;
};
export type Finding = { readonly what: string; readonly file: string };
export type Outcome = {
  readonly cases: number;
  readonly findings: readonly Finding[];
  /** Blocks of the product's code that were reached; 0 if nobody looked. */
  readonly blocks: number;
  readonly grewBytes: number;
};

const BATCH = 256;
const FINDINGS_MAX = 12;
/** Kept inputs; beyond that the oldest go. */
const KEPT_MAX = 1500;
/** What a heap may differ by after a collection, whatever was done meanwhile. */
const GROWTH_BYTES_MAX = 48 * 1024 * 1024;
/** So much is needed until everything that is made once is there. */
const WARM = 0.2;

export async function fuzz(target: Target, wish: Wish): Promise<Outcome> {
  // First: of code that ran before, only whole functions are counted.
  const coverage = wish.guided && target.guided === true ? openCoverage(wish.covers) : undefined;
  const opened = await target.open(wish.scratch);
  const watchdog = startWatchdog(hangFile(target.name));
  const chance = createChance(wish.seed);
  const pool: Uint8Array[] = [...opened.seeds, ...corpusOf(target.name).map(({ input }) => input)];
  const findings = new Map<string, Finding>();
  let cases = 0;
  let current: Uint8Array = pool[0] ?? Buffer.alloc(0);

  function note(error: unknown, input: Uint8Array): void {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const [said = '', ...lines] = what.split('\n');
    // One of a kind is enough: what an oracle says up to its colon, and where it was said.
    const where = lines.find((line) => line.includes('.ts:')) ?? '';
    const key =
      said
        .split(':')
        .slice(0, 3)
        .join(':')
        .replaceAll(/[0-9]+/g, '#') + where;
    if (findings.has(key)) return;
    findings.set(key, { what, file: failureFile(target.name, input) });
  }
  const onLoose = (error: unknown) => note(error, current);
  process.on('unhandledRejection', onLoose);
  process.on('uncaughtException', onLoose);

  async function attempt(input: Uint8Array): Promise<void> {
    current = input;
    watchdog.begin(input);
    try {
      const running = opened.run(input);
      if (running !== undefined) await running;
    } catch (error) {
      note(error, input);
    }
  }

  async function made(): Promise<void> {
    const from = wish.cases * WARM;
    let base: number | undefined;
    let baseKept = 0;
    while (cases < wish.cases && findings.size < FINDINGS_MAX) {
      const count = Math.min(BATCH, wish.cases - cases);
      const batch = Array.from({ length: count }, () =>
        mutate(chance.pick(pool), { words: [], ...target }, chance),
      );
      for (const input of batch) await attempt(input);
      cases += count;
      if (coverage !== undefined) await keepFresh(batch, coverage);
      if (pool.length > KEPT_MAX) pool.splice(opened.seeds.length, pool.length - KEPT_MAX);
      // Turns of the loop are for whoever has put something off until then.
      await new Promise((resolve) => setImmediate(resolve));
      if (base === undefined && cases >= from) [base, baseKept] = [heapBytes(), bytesOf(pool)];
      wish.onProgress?.(cases);
    }
    grew = heapBytes() - (base ?? 0) - (bytesOf(pool) - baseKept);
    if (base !== undefined && grew > GROWTH_BYTES_MAX)
      note(
        new Error(`must never be: ${cases} cases leave ${grew} bytes of memory behind`),
        current,
      );
  }
  let grew = 0;

  /** Finds by halves which inputs of a batch reached what nothing had reached before. */
  async function keepFresh(
    batch: readonly Buffer[],
    { fresh, reachedOf }: Coverage,
  ): Promise<void> {
    // One input for each new block is enough; the rest would only crowd them out.
    const sought = new Set(fresh());
    const search = async (part: readonly Buffer[], wanted: readonly Block[]): Promise<void> => {
      const left = wanted.filter((block) => sought.has(block));
      if (left.length === 0) return;
      for (const input of part) await attempt(input);
      const reached = reachedOf(left);
      if (reached.length === 0) return;
      const [only] = part;
      if (part.length === 1 && only !== undefined) {
        pool.push(only);
        for (const block of reached) sought.delete(block);
        return;
      }
      const half = part.length >> 1;
      await search(part.slice(0, half), reached);
      await search(part.slice(half), reached);
    };
    await search(batch, [...sought]);
  }

  try {
    coverage?.fresh();
    for (const input of wish.only ?? pool) await attempt(input);
    coverage?.fresh();
    if (wish.only === undefined) await made();
    // What a case has set going and nobody waited for.
    await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    watchdog.end();
    try {
      await opened.close();
    } catch (error) {
      note(error, current);
    }
    process.off('unhandledRejection', onLoose);
    process.off('uncaughtException', onLoose);
    coverage?.close();
    await watchdog.close();
  }
  return {
    cases: cases + (wish.only ?? pool).length,
    findings: [...findings.values()],
    blocks: coverage?.count() ?? 0,
    grewBytes: grew,
  };
}

function bytesOf(pool: Opened['seeds']): number {
  return pool.reduce((sum, { length }) => sum + length, 0);
}

let collect: (() => void) | undefined;

function heapBytes(): number {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
