import type { Logger } from '../core/ports.ts';

/**
 * What happens on a bug: going on might be worse than stopping. First the core is closed, so that friends
 * and the home are let go of in order; only then the person is told, and nobody is waited for long. The
 * computer may stand in a cupboard.
 */
const CLOSE_MS = 10_000;
const SAY_MS = 60_000;

type Ending = {
  readonly log: Logger;
  readonly close: () => Promise<void>;
  readonly say: () => Promise<void>;
  readonly exit: () => void;
};

export function createBreakDown(ending: Ending): (error: unknown) => void {
  const { log } = ending;
  let isBreaking = false;
  return (error) => {
    const stack = error instanceof Error ? error.stack : undefined;
    log.error('a bug', { error: String(error), stack });
    // What breaks while it ends is of the same bug.
    if (isBreaking) return;
    isBreaking = true;
    void endSaying(ending);
  };
}

/** What can't go on ends in that order. Never rejects. */
export async function endSaying({ log, close, say, exit }: Ending): Promise<void> {
  /** Never rejects and never takes longer. */
  async function within(ms: number, work: () => Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    try {
      await Promise.race([work(), late]);
    } catch (error) {
      log.error('not ended in order', { error: String(error) });
    }
    clearTimeout(timer);
  }

  await within(CLOSE_MS, close);
  await within(SAY_MS, say);
  exit();
}
