/**
 * Waits in tests are for states, never for times; but one for a state that doesn't come must end before the test's own time
 * does, and say what it saw: a test that hung once, on another machine, is understood from that or not at all.
 */
const PATIENCE_MS = 240_000;
const STEP_MS = 10;
const TEXT_MAX = 600;
/** What was heard so long before the end of a wait belongs to it. */
const LATELY_MS = 5000;
/** A look that began at the end of a wait has so much more time. */
const LOOK_MS = 10_000;

type Patience = {
  readonly withinMs?: number;
  readonly stepMs?: number;
  readonly lookMs?: number;
};

type Heard = { readonly atMs: number; readonly value: unknown };
const heard = new Map<string, Heard>();

/** The last answer to a question that tests ask, by its name; told where a wait ends without what it waited for. */
export function hear(name: string, value: unknown): void {
  heard.set(name, { atMs: performance.now(), value });
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for something that must come, and stay long enough to be seen by who looks once in a while. */
export async function until<T>(
  look: () => Promise<T | undefined> | T | undefined,
  { withinMs = PATIENCE_MS, stepMs = STEP_MS, lookMs = LOOK_MS }: Patience = {},
): Promise<T> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const leftMs = Math.max(0, endMs - performance.now());
    const found = await within(leftMs + lookMs, look);
    if (found !== undefined) return found;
    if (performance.now() >= endMs) throw new Error(inVain(look));
    await pause(stepMs);
  }
}

/** A look that doesn't come back says as little as one that finds nothing. */
async function within<T>(
  ms: number,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(inVain(look))), ms);
  });
  try {
    return await Promise.race([look(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function inVain(look: () => unknown): string {
  const sinceMs = performance.now() - LATELY_MS - LOOK_MS;
  const answers = [...heard]
    .filter(([, { atMs }]) => atMs >= sinceMs)
    .map(([name, { value }]) => `${name}: ${shorten(JSON.stringify(value) ?? 'nothing')}`);
  return [`Waited in vain for: ${shorten(String(look))}`, ...answers].join('\n');
}

function shorten(text: string): string {
  const plain = text.replaceAll(/\s+/g, ' ');
  return plain.length > TEXT_MAX ? `${plain.slice(0, TEXT_MAX)}…` : plain;
}
