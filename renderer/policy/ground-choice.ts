import type { Plain } from '../../shared/contract/views.ts';
import type { GroundKind, PolicyText } from '../../shared/model/policy.ts';
import type { SizeUnits } from '../../shared/units.ts';
import { readDecimal } from '../ui/typed-number.ts';
import { asTypedLimit, readSize } from '../ui/typed-size.ts';

/**
 * What speaks for a yes besides how much is given, as a person types it, and back. How much stands among them
 * as `main`, because their order is the owner's: the first that allows wins. Pure.
 */
export type AskedKind = (typeof ASKED_KINDS)[number];
export type GroundChoice =
  | { readonly kind: 'main' }
  | { readonly kind: 'account'; readonly keepers: readonly string[] }
  /** `most`: for each friend; empty: there is no such limit. */
  | { readonly kind: 'notes'; readonly most: string }
  | { readonly kind: 'reciprocal'; readonly ratio: string }
  | { readonly kind: 'voucher'; readonly most: string }
  /** Of a kind that is chosen above, set a second time on the command line: it can be moved and taken out. */
  | { readonly kind: 'kept'; readonly ground: PlainGround };
export type PlainGround = Plain<PolicyText>['grounds'][number];
/** Keys of the words that stand at a field. */
export type GroundProblems = Readonly<Partial<Record<AskedKind, string>>>;

/** Those that want something of whoever asks; in the order in which they are offered. */
export const ASKED_KINDS = ['account', 'notes', 'reciprocal', 'voucher'] as const;

/** Every ground that a policy can hold: how much there is, or what is wanted for it. */
const ROLES: Readonly<Record<GroundKind, 'main' | 'asked'>> = {
  always: 'main',
  quota: 'main',
  'fair-share': 'main',
  account: 'asked',
  notes: 'asked',
  reciprocal: 'asked',
  voucher: 'asked',
};

export const MAIN: GroundChoice = { kind: 'main' };

/** The ground that says how much; the first of its kind. */
export function mainOf(grounds: readonly PlainGround[]): PlainGround | undefined {
  return grounds.find(({ kind }) => ROLES[kind] === 'main');
}

export function groundOrderOf(grounds: readonly PlainGround[]): readonly GroundChoice[] {
  const main = mainOf(grounds);
  const choices = grounds.map((ground) => (ground === main ? MAIN : choiceOfGround(ground)));
  return main === undefined ? [...choices, MAIN] : choices;
}

function choiceOfGround(ground: PlainGround): GroundChoice {
  switch (ground.kind) {
    case 'account':
      return { kind: 'account', keepers: ground.keepers };
    case 'notes':
    case 'voucher':
      return { kind: ground.kind, most: asTypedLimit(ground.maxBytes) };
    case 'reciprocal':
      return { kind: 'reciprocal', ratio: `${ground.ratio}` };
    default:
      return { kind: 'kept', ground };
  }
}

/** What a kind begins with when it is added. */
export function newGround(kind: AskedKind): GroundChoice {
  switch (kind) {
    case 'account':
      return { kind, keepers: [] };
    case 'reciprocal':
      return { kind, ratio: '1' };
    default:
      return { kind, most: '' };
  }
}

/**
 * `main`: what was chosen above, put in its place; `undefined`: nothing is given by itself. There are `grounds`
 * only if all of it can be read.
 */
export function readGrounds(
  order: readonly GroundChoice[],
  main: PlainGround | undefined,
  units: SizeUnits,
): { readonly grounds: readonly PlainGround[] | undefined; readonly problems: GroundProblems } {
  const grounds: PlainGround[] = [];
  const problems: Partial<Record<AskedKind, string>> = {};
  for (const choice of order) {
    const ground = readGround(choice, main, units);
    if (typeof ground === 'object') grounds.push(ground);
    else if (ground !== undefined && choice.kind !== 'main' && choice.kind !== 'kept')
      problems[choice.kind] = ground;
  }
  return { grounds: Object.keys(problems).length === 0 ? grounds : undefined, problems };
}

/** The ground, or the key of what is wrong with it; `undefined`: there is none. */
function readGround(
  choice: GroundChoice,
  main: PlainGround | undefined,
  units: SizeUnits,
): PlainGround | string | undefined {
  switch (choice.kind) {
    case 'main':
      return main;
    case 'kept':
      return choice.ground;
    case 'account':
      return choice.keepers.length === 0
        ? 'grounds.problem-keepers'
        : { kind: 'account', keepers: [...choice.keepers] };
    case 'reciprocal': {
      const ratio = readRatio(choice.ratio);
      return ratio === undefined ? 'grounds.problem-ratio' : { kind: 'reciprocal', ratio };
    }
    case 'notes':
    case 'voucher': {
      const { kind, most } = choice;
      if (most.trim() === '') return { kind };
      const bytes = readSize(most, units);
      return bytes === undefined ? 'fault.bad-size' : { kind, maxBytes: `${bytes}` };
    }
  }
}

/** From a tenth to ten times, in tenths. */
function readRatio(text: string): number | undefined {
  const ratio = readDecimal(text, { places: 1, most: 10 });
  return ratio === 0 ? undefined : ratio;
}

/** One place up (−1) or down (1); where there is none, as it was. */
export function moved(
  order: readonly GroundChoice[],
  from: number,
  by: -1 | 1,
): readonly GroundChoice[] {
  const [one, other] = [order[from], order[from + by]];
  if (one === undefined || other === undefined) return order;
  return order.map((each, at) => (at === from ? other : at === from + by ? one : each));
}

/** How many there are besides how much is given, so that a folded part of the form says so. */
export function furtherCount(order: readonly GroundChoice[]): number {
  return order.filter(({ kind }) => kind !== 'main').length;
}
