import type { Plain } from '../../shared/contract/views.ts';
import type { PolicyText } from '../../shared/model/policy.ts';
import type { SizeUnits } from '../../shared/units.ts';
import { asTypedSize, readSize } from '../ui/typed-size.ts';
import {
  type GroundChoice,
  groundOrderOf,
  MAIN,
  mainOf,
  type PlainGround,
  readGrounds,
} from './ground-choice.ts';
import { type GuardChoice, guardChoiceOf, readGuards } from './guard-choice.ts';

/** A policy as a person chooses it, and back. What the form doesn't show stays, unless it would say yes to more. */
export type PolicyKind = 'default' | 'fair' | 'fixed' | 'always' | 'nothing';
export type PolicyChoice = {
  readonly kind: PolicyKind;
  /** Of a fair share: how many times an ordinary share. */
  readonly weight: string;
  /** Beyond a fair share, what others leave idle is lent. */
  readonly lends: boolean;
  /** Of a fixed size, as typed. */
  readonly size: string;
  /** What else speaks for a yes, with how much is given in its place among it. */
  readonly order: readonly GroundChoice[];
  readonly guards: GuardChoice;
};
export type PlainPolicy = Plain<PolicyText>;

/** Half, once, twice, three times an ordinary share (art direction). */
export const WEIGHTS = ['0.5', '1', '2', '3'] as const;

export function choiceOf({
  policy,
  own,
}: {
  readonly policy: PlainPolicy;
  readonly own: boolean;
}): PolicyChoice {
  const ground = mainOf(policy.grounds);
  const lends = ground?.kind !== 'fair-share' || ground.strict !== true;
  const order = groundOrderOf(policy.grounds);
  const plain = { weight: '1', lends, size: '', order, guards: guardChoiceOf(policy.guards) };
  if (!own) return { kind: 'default', ...plain };
  switch (ground?.kind) {
    case 'fair-share':
      return ground.weight === 0
        ? { kind: 'nothing', ...plain }
        : { kind: 'fair', ...plain, weight: `${ground.weight}` };
    case 'quota':
      return { kind: 'fixed', ...plain, size: asTypedSize(BigInt(ground.bytes)) };
    case 'always':
      return { kind: 'always', ...plain };
    default:
      return { kind: 'nothing', ...plain };
  }
}

/** Nothing and a fixed size are limits: behind them, a share or a quota of before would still say yes. */
function isLimit({ kind }: PolicyChoice): boolean {
  return kind === 'nothing' || kind === 'fixed';
}

/** What would be tried, in its order; what a limit rules out is left out of it. */
export function orderOf(choice: PolicyChoice): readonly GroundChoice[] {
  return isLimit(choice) ? choice.order.filter(({ kind }) => kind !== 'kept') : choice.order;
}

/** For a form that shows nothing but how much: behind a limit nothing says yes that nobody sees. */
export function alone(choice: PolicyChoice): PolicyChoice {
  return isLimit(choice) ? { ...choice, order: [MAIN] } : choice;
}

/** `null`: as for everybody; `undefined`: something that was typed can't be read. */
export function policyOf(
  choice: PolicyChoice,
  present: PlainPolicy,
  units: SizeUnits,
): PlainPolicy | null | undefined {
  if (choice.kind === 'default') return null;
  const main = groundOf(choice, units);
  const { guards } = readGuards(choice.guards, present.guards, units);
  const order = orderOf(choice);
  // Where something is wanted for it, "nothing by itself" needs no ground that says so.
  const isNothing = choice.kind === 'nothing' && order.length > 1;
  const { grounds } = readGrounds(order, isNothing ? undefined : main, units);
  if (main === undefined || guards === undefined || grounds === undefined) return undefined;
  return { guards, grounds: [...grounds] };
}

function groundOf(
  { kind, weight, lends, size }: PolicyChoice,
  units: SizeUnits,
): PlainGround | undefined {
  // Whoever chose so keeps it for the day on which there is a share again.
  const strict = lends ? {} : { strict: true };
  switch (kind) {
    case 'fair':
      return { kind: 'fair-share', weight: Number(weight), ...strict };
    case 'nothing':
      return { kind: 'fair-share', weight: 0, ...strict };
    case 'always':
      return { kind: 'always' };
    case 'fixed': {
      const bytes = readSize(size, units);
      return bytes === undefined ? undefined : { kind: 'quota', bytes: `${bytes}` };
    }
    case 'default':
      return undefined;
  }
}
