import { existsSync } from 'node:fs';
import { join, normalize } from 'node:path';

const DEEP_MAX = 50;

/**
 * A made-up path must not lead out of the scratch folder: the window may say where to restore to, and the fuzzer runs
 * as whoever starts it. What would lead elsewhere leads to the same name inside.
 */
export function stayInside(scratch: string, value: unknown, deep = 0): unknown {
  // No schema goes that far down, and a ring has no end.
  if (deep > DEEP_MAX) return value;
  if (typeof value === 'string') return inside(scratch, value);
  if (Array.isArray(value))
    return value.map((each: unknown) => stayInside(scratch, each, deep + 1));
  if (typeof value !== 'object' || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, stayInside(scratch, each, deep + 1)]),
  );
}

function inside(scratch: string, text: string): string {
  // Its own addresses have a colon and a port, and are no paths.
  if (!/[\\/~]|\.\./.test(text)) return text;
  const path = normalize(text);
  if (path === scratch) return text;
  const [top = ''] = path.startsWith(`${scratch}/`)
    ? path.slice(scratch.length + 1).split('/')
    : [];
  // Beside what lies there nothing is to be made, or it would look like something that was written elsewhere.
  if (top !== '' && existsSync(join(scratch, top))) return text;
  return join(scratch, 'here', path.replaceAll(/\.\.|[~\0]/g, '_'));
}
