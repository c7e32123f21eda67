import { z } from 'zod';
import { defineGround } from '../../../shared/policy/ground.ts';

/** A seventh ground, for a test: whoever says the word in his request's purpose gets as much as it has letters, in GB. */
export const password = defineGround({
  kind: 'x-password',
  schema: z.strictObject({ kind: z.literal('x-password'), word: z.string().min(1) }),
  judge: ({ ground, ask }) => {
    const said = ask.why.find(({ kind }) => kind === 'x-password');
    if (said === undefined) return { verdict: 'abstain' };
    const isRight = 'word' in said && said['word'] === ground.word;
    if (!isRight) return { verdict: 'deny', code: 'no-ground', params: {} };
    const maxBytes = BigInt(ground.word.length) * 1_000_000_000n;
    return { verdict: 'allow', maxBytes, maxS: 86_400 };
  },
  entitlementBytes: () => undefined,
});
