import type { GroundRule } from '../grounds.ts';

/** Case 2 of the seed: your friend owns the server, and the server always grants what there is room for. */
export const always: GroundRule<{ kind: 'always' }> = {
  judge: () => ({ verdict: 'allow', maxBytes: 2n ** 63n, maxS: Number.MAX_SAFE_INTEGER }),
  entitlementBytes: () => undefined,
};
