import type * as Electron from 'electron';

/** The test's way into main: a function's source text and an argument come in, its result goes out. */
export type Question = {
  readonly evaluate: number;
  readonly source: string;
  readonly arg: unknown;
};
export type Reply =
  | { readonly evaluated: number; readonly value: unknown }
  | { readonly evaluated: number; readonly error: string };

export function openTestDoor(electron: typeof Electron): void {
  function say(reply: Reply): void {
    process.send?.(reply);
  }
  async function evaluate({ evaluate: evaluated, source, arg }: Question): Promise<void> {
    try {
      // Indirect, so that the function sees globals and nothing of ours.
      // oxlint-disable-next-line no-eval
      const run = (0, eval)(`(${source})`) as (all: typeof Electron, arg: unknown) => unknown;
      say({ evaluated, value: await run(electron, arg) });
    } catch (error) {
      say({ evaluated, error: error instanceof Error ? error.message : String(error) });
    }
  }
  process.on('message', (question: Question) => void evaluate(question));
  // A test that died leaves nobody behind.
  process.on('disconnect', () => process.exit(1));
}
