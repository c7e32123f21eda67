import { z } from 'zod';
import { defineGround } from '../ground.ts';

const EVERYTHING = {
  verdict: 'allow',
  maxBytes: 2n ** 63n,
  maxS: Number.MAX_SAFE_INTEGER,
} as const;

/** Case 2 of the seed: your friend owns the server, and the server always grants what there is room for. */
export const always = defineGround({
  kind: 'always',
  schema: z.strictObject({ kind: z.literal('always') }),
  judge: () => EVERYTHING,
  entitlementBytes: () => undefined,
});
