import type {
  AccountView,
  HouseholdView,
  KeeperView,
  MembershipView,
} from '../../shared/contract/household-views.ts';
import type { InputOf } from '../../shared/contract/contract.ts';
import { ok } from '../../shared/result.ts';
import { parseSize } from '../../shared/units.ts';
import { say, type Translate } from '../../shared/words/say.ts';
import { endOfDay, typedDay } from '../../shared/words/typed-day.ts';
import {
  badArguments,
  type Command,
  NO_THOUSANDS,
  textOption,
  textsOption,
  type Values,
} from './command.ts';
import { dateTime, inShell, plainText, size, table } from './output.ts';

/** Commands about accounts: those kept here, those honoured here, and those of which one is a member. */
export const accountCommands: Readonly<Record<string, Command>> = {
  accounts: {
    usage: 'accounts',
    help: 'the accounts kept here, who uses how much of them where, and whose are honoured here',
    words: [0, 0],
    run: async ({ call }) => {
      const got = await call('household.get', {});
      return got.ok ? ok({ value: got.value, text: householdText(got.value) }) : got;
    },
  },
  'accounts set': {
    usage:
      'accounts set NAME [--plan 200GB] [--until 2027-12-31 | --no-end] [--member Mum …] [--no-members] [--host Ben … | --host self | --any-host] [--close | --open]',
    help: 'make an account, or change it; what is not named stays, and who is named takes the place of who was',
    options: {
      plan: { type: 'string' },
      until: { type: 'string' },
      'no-end': { type: 'boolean' },
      member: { type: 'string', multiple: true },
      'no-members': { type: 'boolean' },
      host: { type: 'string', multiple: true },
      'any-host': { type: 'boolean' },
      close: { type: 'boolean' },
      open: { type: 'boolean' },
    },
    words: [1, 1],
    run: async ({ call, words: [account = ''], values }) => {
      const change = changeOf(account, values);
      if (typeof change === 'string') return badArguments(change);
      const set = await call('accounts.set', change);
      if (set.ok) {
        const { hosts = [] } = change;
        const isNews = set.value.hosts.length === 0 || hosts.some((host) => host !== 'self');
        const next = isNews && set.value.usage.length === 0 ? `\n${NEXT}` : '';
        return ok({ value: set.value, text: `${accountText(set.value)}${next}` });
      }
      if (set.fault.code !== 'account-unknown') return set;
      return badArguments(
        `there is no account “${plainText(account)}” yet. To make it, say how much it may use: --plan 200GB`,
      );
    },
  },
  'accounts drop': {
    usage: 'accounts drop NAME',
    help: 'keep an account no longer; only one on which nothing is kept any more',
    words: [1, 1],
    run: async ({ call, words: [account = ''] }) => {
      const dropped = await call('accounts.drop', { account });
      if (!dropped.ok) return dropped;
      return ok({ value: dropped.value, text: `“${plainText(account)}” is no account any more.` });
    },
  },
  'accounts strike': {
    usage: 'accounts strike NAME HOST',
    help: 'a host is gone for good: what was used there is free again, and the plan counts there no longer',
    words: [2, 2],
    run: async ({ call, words: [account = '', host = ''] }) => {
      const struck = await call('accounts.strike', { account, host });
      return struck.ok ? ok({ value: struck.value, text: accountText(struck.value) }) : struck;
    },
  },
  'accounts honour': {
    usage: 'accounts honour KEEPER [--no]',
    help: 'give members of that friend’s accounts room here, as much as their account allows; --no: no longer',
    options: { no: { type: 'boolean' } },
    words: [1, 1],
    run: async ({ call, words: [friend = ''], values }) => {
      const honoured = values['no'] !== true;
      const set = await call('keepers.honour', { friend, honoured });
      return set.ok ? ok({ value: set.value, text: keeperText(set.value) }) : set;
    },
  },
  memberships: {
    usage: 'memberships',
    help: 'accounts at friends’ of which you are a member, and what is left of each',
    words: [0, 0],
    run: async ({ call, t }) => {
      const found = await call('memberships.look', {});
      return found.ok ? ok({ value: found.value, text: membershipsText(found.value, t) }) : found;
    },
  },
};

/** What is to change, or what is wrong with the words. */
function changeOf(account: string, values: Values): InputOf<'accounts.set'> | string {
  const plan = textOption(values, 'plan');
  const planBytes = plan === undefined ? undefined : parseSize(plan);
  if (plan !== undefined && planBytes === undefined)
    return `--plan wants a size such as 200GB or 1.5TiB, ${NO_THOUSANDS}`;
  const until = textOption(values, 'until');
  if (until !== undefined && values['no-end'] === true)
    return '--until and --no-end exclude each other';
  const untilMs = until === undefined ? undefined : endOfDay(until);
  if (until !== undefined && untilMs === undefined)
    return '--until wants the last day, such as 2027-12-31';
  const members = listOf(values, { named: 'member', none: 'no-members' });
  if (members === undefined) return '--member and --no-members exclude each other';
  const hosts = listOf(values, { named: 'host', none: 'any-host' });
  if (hosts === undefined) return '--host and --any-host exclude each other';
  if (values['close'] === true && values['open'] === true)
    return '--close and --open exclude each other';
  return {
    account,
    ...(planBytes === undefined ? {} : { planBytes: `${planBytes}` }),
    ...(untilMs === undefined ? {} : { untilMs }),
    ...(values['no-end'] === true ? { untilMs: null } : {}),
    ...(members === 'as-before' ? {} : { members }),
    ...(hosts === 'as-before' ? {} : { hosts }),
    ...(values['close'] === true ? { closed: true } : {}),
    ...(values['open'] === true ? { closed: false } : {}),
  };
}

/** `undefined`: both were said. */
function listOf(
  values: Values,
  { named, none }: { readonly named: string; readonly none: string },
): string[] | 'as-before' | undefined {
  const names = textsOption(values, named);
  if (values[none] !== true) return names.length > 0 ? names : 'as-before';
  return names.length === 0 ? [] : undefined;
}

function householdText({ kept, keepers, untold }: HouseholdView): string {
  const parts = kept.map(accountText);
  if (kept.length === 0)
    parts.push(
      'No accounts are kept here. To begin: allotment accounts set family --plan 200GB --member NAME --host self',
    );
  if (keepers.every(({ self }) => self === true))
    parts.push(
      'A friend keeps accounts, and their members shall have room here? allotment accounts honour FRIEND',
    );
  if (keepers.length > 0) parts.push(keepers.map(keeperText).join('\n'));
  if (untold > 0)
    parts.push(
      `${untold} ${untold === 1 ? 'message waits' : 'messages wait'} for keepers who are away.`,
    );
  return parts.join('\n\n');
}

/** Without it nobody gets anything there, and the keeper can't do it for them. */
const NEXT =
  'Each host says once that your accounts count there: allotment accounts honour YOUR-NAME. Members need do nothing.';

function accountText(account: AccountView): string {
  const {
    planBytes,
    chargedBytes,
    openBytes,
    members,
    hosts,
    usage,
    untilMs,
    struck = [],
  } = account;
  const names = (of: readonly { readonly name: string }[]) =>
    plainText(of.map(({ name }) => name).join(', '));
  const open = openBytes === '0' ? '' : `, ${size(openBytes)} of it under way`;
  const lines = [
    `${plainText(account.account)}: ${size(chargedBytes)} of ${size(planBytes)} used${open}${account.closed ? '; closed' : ''}`,
    ...(untilMs === undefined ? [] : [`the plan runs until ${typedDay(untilMs)}`]),
    members.length === 0 ? 'nobody is a member' : `members: ${names(members)}`,
    hosts.length === 0 ? 'at every friend who honours it' : `hosts: ${names(hosts)}`,
  ];
  if (struck.length > 0) lines.push(`struck off: ${names(struck)}`);
  if (account.restored === true)
    lines.push(
      'These books were restored from an older copy, so this account is closed: what was changed since is not in it.',
      `Set its plan and its members anew, wait until every host has compared, and then: allotment accounts set ${inShell(account.account)} --open`,
    );
  if (usage.length > 0)
    lines.push(
      table(
        ['member', 'host', 'used', 'plots', 'compared'],
        usage.map(({ member, host, chargedBytes: used, plots, comparedMs }) => [
          member.name,
          host.name,
          size(used),
          `${plots}`,
          dateTime(comparedMs),
        ]),
      ),
    );
  return lines.join('\n');
}

function keeperText({ name, self, honoured }: KeeperView): string {
  if (self === true)
    return honoured
      ? 'Members of your own accounts get room here.'
      : `Your own accounts are not honoured here: members get no room on this device. To change that: allotment accounts honour ${inShell(name)}`;
  return honoured
    ? `Members of ${plainText(name)}’s accounts get room here.`
    : `${plainText(name)} keeps accounts that are not honoured here. To change that: allotment accounts honour ${inShell(name)}`;
}

function membershipsText(all: readonly MembershipView[], t: Translate): string {
  if (all.length === 0) return 'You are a member of no account.';
  const rows = all.map(
    ({ account, keeper, planBytes, leftBytes, closed, untilMs, hosts, asOfMs }) => [
      account,
      keeper.name,
      size(planBytes),
      closed ? 'closed' : size(leftBytes),
      untilMs === undefined ? '–' : typedDay(untilMs),
      hosts.length === 0 ? 'all who honour it' : hosts.map(({ name }) => name).join(', '),
      dateTime(asOfMs),
    ],
  );
  const problems = all.flatMap(({ problem }) =>
    problem === null ? [] : [plainText(say(t, problem))],
  );
  return [
    table(['account', 'kept by', 'plan', 'left', 'until', 'at', 'as of'], rows),
    ...new Set(problems),
  ].join('\n');
}
