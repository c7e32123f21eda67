import { type Profiler, Session } from 'node:inspector';

/**
 * Which blocks of the product's code were reached since it was asked last, as V8 counts them in this very
 * process. An input that reaches a new one is worth keeping and changing further.
 */
export type Coverage = {
  /** Blocks that nothing had reached before. */
  readonly fresh: () => readonly Block[];
  /** Of these, the ones that were reached since it was asked last. */
  readonly reachedOf: (blocks: readonly Block[]) => readonly Block[];
  readonly count: () => number;
  readonly close: () => void;
};

export type Block = {
  /** The function that it stands in. */
  readonly inside: string;
  readonly from: number;
  readonly to: number;
};

const OURS = /\/(electron|shared)\/.*\.ts$|\/dns-packet\//;

export function openCoverage(ours: RegExp = OURS): Coverage {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const seen = new Set<string>();

  function taken(): ReadonlyMap<string, readonly Profiler.CoverageRange[]> {
    let scripts: readonly Profiler.ScriptCoverage[] = [];
    // Answers at once, because it asks its own thread.
    session.post('Profiler.takePreciseCoverage', (_error, { result }) => {
      scripts = result;
    });
    const functions = scripts
      .filter(({ url }) => ours.test(url))
      .flatMap(({ scriptId, functions: all }) =>
        all.map(({ ranges }) => [`${scriptId}:${ranges[0]?.startOffset}`, ranges] as const),
      );
    return new Map(functions);
  }

  return {
    fresh: () => {
      const blocks: Block[] = [];
      for (const [inside, ranges] of taken())
        for (const { startOffset: from, endOffset: to, count } of ranges) {
          const name = `${inside}:${from}:${to}`;
          if (count === 0 || seen.has(name)) continue;
          seen.add(name);
          blocks.push({ inside, from, to });
        }
      return blocks;
    },
    reachedOf: (blocks) => {
      const now = taken();
      // A block that was reached as often as what is around it is not told apart from that.
      return blocks.filter(({ inside, from, to }) => {
        const around = (now.get(inside) ?? []).filter(
          ({ startOffset, endOffset }) => startOffset <= from && to <= endOffset,
        );
        return (around.at(-1)?.count ?? 0) > 0;
      });
    },
    count: () => seen.size,
    close: () => {
      session.post('Profiler.stopPreciseCoverage');
      session.disconnect();
    },
  };
}
