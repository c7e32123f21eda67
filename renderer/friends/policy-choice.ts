import type { Plain } from '../../shared/contract/views.ts';
import type { Ground, Policy } from '../../shared/model/policy.ts';
import type { SizeUnits } from '../../shared/units.ts';
import { asTypedSize, readSize } from '../ui/typed-size.ts';
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
  readonly guards: GuardChoice;
};
export type PlainPolicy = Plain<Policy>;

/** Half, once, twice, three times an ordinary share (art direction). */
export const WEIGHTS = ['0.5', '1', '2', '3'] as const;

export function choiceOf({
  policy,
  own,
}: {
  readonly policy: PlainPolicy;
  readonly own: boolean;
}): PolicyChoice {
  const [ground] = policy.grounds;
  const lends = ground?.kind !== 'fair-share' || ground.strict !== true;
  const plain = { weight: '1', lends, size: '', guards: guardChoiceOf(policy.guards) };
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
    case undefined:
      return { kind: 'nothing', ...plain };
  }
}

/** `null`: as for everybody; `undefined`: something that was typed can't be read. */
export function policyOf(
  choice: PolicyChoice,
  present: PlainPolicy,
  units: SizeUnits,
): PlainPolicy | null | undefined {
  if (choice.kind === 'default') return null;
  const ground = groundOf(choice, units);
  const { guards } = readGuards(choice.guards, present.guards, units);
  if (ground === undefined || guards === undefined) return undefined;
  // Behind a limit, another ground would still say yes: "nothing" and "a fixed size" stand alone.
  const isLimit = choice.kind === 'nothing' || choice.kind === 'fixed';
  return { guards, grounds: isLimit ? [ground] : [ground, ...present.grounds.slice(1)] };
}

function groundOf(
  { kind, weight, lends, size }: PolicyChoice,
  units: SizeUnits,
): Plain<Ground> | undefined {
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
