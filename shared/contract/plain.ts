import { encodeJson } from '../wire/json.ts';
import type { Plain } from './views.ts';

/** A message as the doors show it: every byte count as its decimal text. */
export function plain<T>(value: T): Plain<T> {
  return JSON.parse(encodeJson(value)) as Plain<T>;
}
