/**
 * Whoever reads what is printed may be gone (`| head`), and a file that it goes to may lie on a full disk. Neither is a bug, and
 * neither may end a program that friends use.
 */
export function bearLostOutput(): void {
  for (const stream of [process.stdout, process.stderr])
    if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore);
}

function ignore(): void {
  // Each `print` hears of its own.
}

/** What a reader that is gone makes of a write; on Windows not always the first. */
const GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EOF', 'ECONNRESET']);

/** Resolves when it is out, or with what kept it in. Whoever reads no more has what he wanted. */
export function print(text: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    process.stdout.write(text, (error?: NodeJS.ErrnoException | null) =>
      resolve(GONE.has(error?.code) ? undefined : (error ?? undefined)),
    );
  });
}
