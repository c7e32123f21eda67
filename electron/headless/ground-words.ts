import type { InputOf, ResultOf } from '../../shared/contract/contract.ts';
import { parseSize } from '../../shared/units.ts';
import { whoIsMeant } from '../../shared/who-is-meant.ts';
import { plainText, size } from './output.ts';

/** Grounds as words of a command line: always, quota=50GB, account=Mum,Ben, notes … */
type PolicyInput = NonNullable<InputOf<'policy.set'>['policy']>;
export type GroundInput = PolicyInput['grounds'][number];
export type Known = readonly { readonly owner: string; readonly name: string }[];

export const GROUND_WORDS =
  '[always] [quota=50GB] [fair-share=1 [strict]] [account=MUM,BEN] [notes[=10GB]] [reciprocal=1] [voucher[=10GB]]';

export const GROUND_EXAMPLES =
  'always, quota=50GB, fair-share=1 (weights go in halves), account=Mum (friends who keep accounts), notes, reciprocal=1 (ratios go in tenths) and voucher=10GB';

export function namesAccounts(words: readonly string[]): boolean {
  return words.some((word) => word.startsWith('account='));
}

/** The ground; words about a friend who can't be told; `undefined`: the word is no ground. */
export function groundOfWord(word: string, friends: Known): GroundInput | string | undefined {
  const at = word.indexOf('=');
  const [kind, amount] = at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
  const bytes = parseSize(amount);
  switch (kind) {
    case 'always':
      return amount === '' ? { kind } : undefined;
    case 'quota':
      return bytes === undefined ? undefined : { kind, bytes: `${bytes}` };
    case 'fair-share':
      return /^([0-9]{1,4}(\.[05])?)?$/.test(amount)
        ? { kind, weight: amount === '' ? 1 : Number(amount) }
        : undefined;
    case 'reciprocal':
      return /^([0-9]{1,2}(\.[0-9])?)?$/.test(amount)
        ? { kind, ratio: amount === '' ? 1 : Number(amount) }
        : undefined;
    case 'notes':
    case 'voucher':
      if (amount === '') return { kind };
      return bytes === undefined ? undefined : { kind, maxBytes: `${bytes}` };
    case 'account':
      return amount === '' ? undefined : accountOf(amount, friends);
    default:
      return undefined;
  }
}

type GroundShown = ResultOf<'policy.get'>['policy']['grounds'][number];

/** The same for people: what speaks for a yes. */
export function sayGround(ground: GroundShown, nameOf: (owner: string) => string): string {
  const atMost =
    'maxBytes' in ground && ground.maxBytes !== undefined
      ? `, ${size(ground.maxBytes)} at most`
      : '';
  switch (ground.kind) {
    case 'always':
      return 'always: as much as there is';
    case 'quota':
      return `a fixed size of ${size(ground.bytes)}`;
    case 'fair-share':
      return sayFairShare(ground);
    case 'reciprocal':
      return `${ground.ratio === 1 ? 'as much' : `${ground.ratio} times as much`} as is kept for you in return`;
    case 'notes':
      return `notes of yours${atMost}`;
    case 'voucher':
      return `an introduction by a friend${atMost}`;
    case 'account':
      return `an account kept by ${ground.keepers.map(nameOf).join(' or ')}`;
  }
}

function sayFairShare({ weight, strict }: Extract<GroundShown, { kind: 'fair-share' }>): string {
  if (weight === 0) return 'nothing for now';
  const share = weight === 1 ? 'a fair share' : `a fair share of weight ${weight}`;
  return strict === true ? share : `${share}; beyond it, what others leave idle is lent`;
}

function accountOf(names: string, friends: Known): GroundInput | string {
  const keepers: string[] = [];
  for (const name of names.split(',')) {
    const found = whoIsMeant(friends, name);
    const [keeper, ...others] = found;
    if (keeper === undefined) return `nobody here is called “${plainText(name)}”`;
    if (others.length > 0) return `there are several called “${plainText(name)}”; use the owner id`;
    keepers.push(keeper.owner);
  }
  return { kind: 'account', keepers };
}
