import { ACCOUNT_NAME } from '../../shared/model/bounds.ts';
import type { InputOf } from '../../shared/contract/contract.ts';
import type { AccountView } from '../../shared/contract/household-views.ts';
import type { SizeUnits } from '../../shared/units.ts';
import { endOfDay, typedDay } from '../../shared/words/typed-day.ts';
import { asTypedSize, readSize } from '../ui/typed-size.ts';

/** What is typed into the form for an account, and what is still wrong with it. Pure. */
export type AccountForm = {
  readonly name: string;
  readonly plan: string;
  /** The last day, as it is typed; empty: it does not end by itself. */
  readonly until: string;
  readonly members: readonly string[];
  readonly counts: 'all' | 'chosen';
  /** Owners, and `self` for this computer; only where it counts as chosen. */
  readonly hosts: readonly string[];
};

export type AccountProblem =
  | 'no-name'
  | 'bad-name'
  | 'name-taken'
  | 'no-plan'
  | 'bad-day'
  | 'no-host';

/** This computer among the hosts, as the contract calls it. */
export const SELF = 'self';

export function formOf(account: AccountView | undefined, self: string): AccountForm {
  if (account === undefined)
    return { name: '', plan: '', until: '', members: [], counts: 'all', hosts: [] };
  return {
    name: account.account,
    plan: asTypedSize(BigInt(account.planBytes)),
    until: account.untilMs === undefined ? '' : typedDay(account.untilMs),
    members: account.members.map(({ owner }) => owner),
    counts: account.hosts.length === 0 ? 'all' : 'chosen',
    hosts: account.hosts.map(({ owner }) => (owner === self ? SELF : owner)),
  };
}

type Known = {
  /** The one that is changed; `undefined`: a new one. */
  readonly account: AccountView | undefined;
  /** The names of all accounts: an account that is set anew under a name is the same one, changed. */
  readonly names: readonly string[];
  readonly units: SizeUnits;
};

export function problemsOf(
  form: AccountForm,
  { account, names, units }: Known,
): readonly AccountProblem[] {
  const name = form.name.trim();
  const isNew = account === undefined;
  return [
    ...(isNew && name === '' ? (['no-name'] as const) : []),
    ...(isNew && name !== '' && !ACCOUNT_NAME.test(name) ? (['bad-name'] as const) : []),
    ...(isNew && names.includes(name) ? (['name-taken'] as const) : []),
    ...(readSize(form.plan, units) === undefined ? (['no-plan'] as const) : []),
    ...(form.until.trim() !== '' && endOfDay(form.until) === undefined
      ? (['bad-day'] as const)
      : []),
    ...(form.counts === 'chosen' && form.hosts.length === 0 ? (['no-host'] as const) : []),
  ];
}

/** What was not touched is not sent: it stays as it is, also where somebody in it is no friend any more. */
export function callOf(
  form: AccountForm,
  { account, units }: Omit<Known, 'names'>,
  before: AccountForm,
): InputOf<'accounts.set'> {
  const plan = readSize(form.plan, units);
  const hosts = form.counts === 'all' ? [] : form.hosts;
  const hostsBefore = before.counts === 'all' ? [] : before.hosts;
  const isNew = account === undefined;
  return {
    account: account?.account ?? form.name.trim(),
    ...(plan !== undefined && (isNew || form.plan !== before.plan) ? { planBytes: `${plan}` } : {}),
    ...(form.until === before.until ? {} : { untilMs: endOfDay(form.until) ?? null }),
    ...(isNew || !isSame(form.members, before.members) ? { members: [...form.members] } : {}),
    ...(isNew || !isSame(hosts, hostsBefore) ? { hosts: [...hosts] } : {}),
  };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each) => other.includes(each));
}
