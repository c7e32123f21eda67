import { z } from 'zod';
import { bytes } from '../../model/ids.ts';
import { defineGround } from '../ground.ts';
import { askableBytes, positive } from '../guards.ts';

/** A fixed number of bytes, promises under this ground counted with their working room. */
export const quota = defineGround({
  kind: 'quota',
  schema: z.strictObject({ kind: z.literal('quota'), bytes }),
  judge: ({ ground, ask, facts }) => {
    const useBytes = facts.useByGround['quota'] ?? 0n;
    const maxBytes = askableBytes(ask, positive(ground.bytes - useBytes));
    const short = () => ({
      code: 'quota' as const,
      params: {
        quotaBytes: `${ground.bytes}`,
        useBytes: `${useBytes}`,
        requestedBytes: `${ask.sizeBytes}`,
        mayAskBytes: `${maxBytes}`,
      },
    });
    return maxBytes >= ask.minSizeBytes && maxBytes > 0n
      ? { verdict: 'allow', maxBytes, maxS: Number.MAX_SAFE_INTEGER, short, mostBytes: maxBytes }
      : { verdict: 'deny', short, mostBytes: maxBytes };
  },
  entitlementBytes: ({ ground }) => ground.bytes,
});
