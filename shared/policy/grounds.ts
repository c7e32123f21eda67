import { z } from 'zod';
import type { GroundModule } from './ground.ts';
import { always } from './grounds/always.ts';
import { fairShare } from './grounds/fair-share.ts';
import { quota } from './grounds/quota.ts';

/** Every ground there is. A new one is its file in `grounds/` and its two words here. */
const GROUNDS = [always, quota, fairShare] as const;
export const ground = z.discriminatedUnion('kind', [always.schema, quota.schema, fairShare.schema]);

export type Ground = z.infer<typeof ground>;
export type GroundKind = Ground['kind'];
export const GROUND_KINDS = GROUNDS.map(({ kind }) => kind) as readonly GroundKind[];

/** The grounds by their kinds, as the chain looks them up. */
export type GroundRules = ReadonlyMap<string, GroundModule>;

export function rulesOf(modules: readonly GroundModule[]): GroundRules {
  return new Map(modules.map((module) => [module.kind, module]));
}

// Each module judges grounds of its own schema only; the lookup by kind is what the compiler can't follow.
export const GROUND_RULES = rulesOf(GROUNDS as unknown as readonly GroundModule[]);
