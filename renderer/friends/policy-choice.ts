import type { Plain } from '../../shared/contract/views.ts';
import type { Ground, Policy } from '../../shared/model/policy.ts';
import type { SizeUnits } from '../../shared/units.ts';
import { asTypedSize, readSize } from '../ui/typed-size.ts';

/** A policy as a person chooses it, and back. What the form doesn't show stays, unless it would say yes to more. */
export type PolicyKind = 'default' | 'fair' | 'fixed' | 'always' | 'nothing';
export type PolicyChoice = {
  readonly kind: PolicyKind;
  /** Of a fair share: how many times an ordinary share. */
  readonly weight: string;
  /** Of a fixed size, as typed. */
  readonly size: string;
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
  const plain = { weight: '1', size: '' };
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

/** `null`: as for everybody; `undefined`: the size can't be read. */
export function policyOf(
  choice: PolicyChoice,
  present: PlainPolicy,
  units: SizeUnits,
): PlainPolicy | null | undefined {
  if (choice.kind === 'default') return null;
  const ground = groundOf(choice, units);
  if (ground === undefined) return undefined;
  // Behind a limit, another ground would still say yes: "nothing" and "a fixed size" stand alone.
  const isLimit = choice.kind === 'nothing' || choice.kind === 'fixed';
  return {
    guards: present.guards,
    grounds: isLimit ? [ground] : [ground, ...present.grounds.slice(1)],
  };
}

function groundOf(
  { kind, weight, size }: PolicyChoice,
  units: SizeUnits,
): Plain<Ground> | undefined {
  switch (kind) {
    case 'fair':
      return { kind: 'fair-share', weight: Number(weight) };
    case 'nothing':
      return { kind: 'fair-share', weight: 0 };
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
