import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import type { DenialCode } from '../../../shared/denial.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { jsonOf } from '../../../shared/wire/json.ts';
import type { ServerLimits } from './limits.ts';

export type BodyFault = {
  readonly code: Extract<
    DenialCode,
    'bad-request' | 'unknown-version' | 'bad-size' | 'bad-duration'
  >;
  readonly params: Readonly<Record<string, string>>;
};

/** So much has to come in the time there is, and then there is as much time again: a slow line is no dribble. */
const PACE_BYTES = 16 * 1024;

/** The raw bytes of a small message, within its limits of size and time. */
export async function readBody(
  request: IncomingMessage,
  limits: Pick<ServerLimits, 'bodyBytes' | 'bodyMs'>,
): Promise<Result<Buffer, BodyFault>> {
  const tooLong = failed(problem(`longer than ${limits.bodyBytes} bytes`));
  if (Number(request.headers['content-length'] ?? 0) > limits.bodyBytes) return tooLong;
  const chunks: Buffer[] = [];
  let length = 0;
  const timer = setTimeout(() => request.destroy(new Error('body took too long')), limits.bodyMs);
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      const before = length;
      length += chunk.length;
      if (length > limits.bodyBytes) return tooLong;
      if (Math.floor(length / PACE_BYTES) > Math.floor(before / PACE_BYTES)) timer.refresh();
      chunks.push(chunk);
    }
    return ok(Buffer.concat(chunks));
  } catch {
    return failed(problem('broken off'));
  } finally {
    clearTimeout(timer);
  }
}

/** Text → JSON → message. What is wrong gets the code that tells the client what to mend. */
export function parseMessage<T>(
  raw: Buffer,
  schema: z.ZodType<T>,
  { nesting }: Pick<ServerLimits, 'nesting'>,
): Result<T, BodyFault> {
  const text = raw.toString('utf8');
  if (deepest(text) > nesting) return failed(problem(`nested deeper than ${nesting}`));
  const value = jsonOf(text);
  if (value === undefined) return failed(problem('not JSON'));
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  const params = { field: field.slice(0, 80), problem: (issue?.message ?? '').slice(0, 120) };
  return failed({ code: codeOf(field), params });
}

function codeOf(field: string): BodyFault['code'] {
  if (field === 'v') return 'unknown-version';
  if (field === 'size' || field === 'minSize') return 'bad-size';
  return field.startsWith('duration') ? 'bad-duration' : 'bad-request';
}

function problem(text: string): BodyFault {
  return { code: 'bad-request', params: { problem: text } };
}

/** An upper bound of the nesting: brackets inside of strings count too, and no message has many. */
function deepest(text: string): number {
  let depth = 0;
  let most = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > most) most = depth;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return most;
}
