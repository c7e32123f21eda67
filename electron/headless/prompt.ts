import { createInterface } from 'node:readline/promises';

/** What the person types; undefined: Ctrl-C or Ctrl-D, which is no answer and no bug. */
export async function prompt(
  question: string,
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<string | undefined> {
  const lines = createInterface({ input, output });
  try {
    return await lines.question(question);
  } catch {
    output.write('\n');
    return undefined;
  } finally {
    lines.close();
  }
}
