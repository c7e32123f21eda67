import { z } from 'zod';
import type { GroundModule } from './ground.ts';
import { account } from './grounds/account.ts';
import { always } from './grounds/always.ts';
import { fairShare } from './grounds/fair-share.ts';
import { notes } from './grounds/notes.ts';
import { quota } from './grounds/quota.ts';
import { reciprocal } from './grounds/reciprocal.ts';
import { voucher } from './grounds/voucher.ts';

/** Every ground there is. A new one is its file in `grounds/` and its two words here. */
const GROUNDS = [always, quota, fairShare, reciprocal, voucher, notes, account] as const;
export const ground = z.discriminatedUnion('kind', [
  always.schema,
  quota.schema,
  fairShare.schema,
  reciprocal.schema,
  voucher.schema,
  notes.schema,
  account.schema,
]);

export type Ground = z.infer<typeof ground>;
export type GroundKind = Ground['kind'];
export const GROUND_KINDS = GROUNDS.map(({ kind }) => kind) as readonly GroundKind[];

/** Those that want nothing for it: they say how much a friend has, whatever else speaks for a yes. */
export const GIVEN: ReadonlySet<string> = new Set(['always', 'quota', 'fair-share']);

/** Those on which somebody can be let in who is no friend (design §3.1): all others say who may, and nobody knows him. */
export const LETS_IN: ReadonlySet<string> = new Set(['voucher', 'notes']);

/** The grounds by their kinds, as the chain looks them up. */
export type GroundRules = ReadonlyMap<string, GroundModule>;

export function rulesOf(modules: readonly GroundModule[]): GroundRules {
  return new Map(modules.map((module) => [module.kind, module]));
}

// Each module judges grounds of its own schema only; the lookup by kind is what the compiler can't follow.
export const GROUND_RULES = rulesOf(GROUNDS as unknown as readonly GroundModule[]);
