import { z } from 'zod';
import type { FaultCode } from '../fault.ts';
import { NAME_CHARS_MAX, PATH_CHARS_MAX, SET_NAME } from '../model/bounds.ts';

/** What the lines of the contract are made of. */
export type Entry<A extends z.ZodType, R> = {
  readonly args: A;
  /** Never present at run time; carries the type. */
  readonly result?: R;
  readonly faults: readonly FaultCode[];
};

export function entry<R>() {
  return <A extends z.ZodType>(args: A, faults: readonly FaultCode[] = []): Entry<A, R> => ({
    args,
    faults,
  });
}

export const none = z.strictObject({});
/** A friend by name, pet name, or owner id (or its beginning, at least 6 characters). */
export const friend = z.string().min(1).max(100);
/** Empty: the name that the friend gives himself. */
export const petName = z
  .string()
  .trim()
  .max(NAME_CHARS_MAX)
  .regex(/^\P{Cc}*$/u);
export const folder = z.string().min(1).max(PATH_CHARS_MAX);
export const plot = z.string().min(1).max(60);
export const setName = z.string().regex(SET_NAME, 'a name has 1 to 80 characters, no slashes');
export const peerFaults = [
  'friend-unknown',
  'friend-ambiguous',
  'unreachable',
  'wrong-key',
  'protocol',
  'refused',
] as const;
