import { text as readAll } from 'node:stream/consumers';
import type { HeldVoucherView, IssuedVoucherView } from '../../shared/contract/voucher-views.ts';
import { type Fault, fault, faults } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { DAY_S, parseDurationS, parseSize } from '../../shared/units.ts';
import { endingPolicy } from '../../shared/policy/ending.ts';
import { whoIsMeant } from '../../shared/who-is-meant.ts';
import { sayTried, sayTriedReason } from '../../shared/words/say-tried.ts';
import {
  badArguments,
  type Command,
  type CommandContext,
  type Outcome,
  textOption,
} from './command.ts';
import { dateTime, left, plainText, size, table } from './output.ts';

const DAYS_DEFAULT = 90;

/** Commands about introductions: vouching for somebody at a friend's, coming with a voucher, and who came so. */
export const voucherCommands: Readonly<Record<string, Command>> = {
  vouchers: {
    usage: 'vouchers',
    help: 'whom you introduced at friends’, and what others vouched for you',
    words: [0, 0],
    run: async ({ call }) => {
      const listed = await call('vouchers.list', {});
      if (!listed.ok) return listed;
      const status = await call('status.get', {});
      if (!status.ok) return status;
      const { owner } = status.value;
      const { issued, held } = listed.value;
      const parts = [
        issued.length === 0 ? 'You introduced nobody.' : issuedTable(issued),
        held.length === 0 ? 'Nobody vouches for you.' : heldTable(held),
        `Whoever wants to vouch for you needs your owner id: ${owner}`,
      ];
      return ok({ value: { owner, issued, held }, text: parts.join('\n\n') });
    },
  },
  vouch: {
    usage: 'vouch HOST NEWCOMER SIZE [--for 90d] [--delegable]',
    help: 'introduce somebody to a friend, out of your own share there; a newcomer is a friend of yours or an owner id',
    options: { for: { type: 'string' }, delegable: { type: 'boolean' } },
    words: [3, 3],
    run: vouch,
  },
  'vouch withdraw': {
    usage: 'vouch withdraw VOUCHER',
    help: 'take an introduction back; what stands on it is not renewed any more',
    words: [1, 1],
    run: async ({ call, words: [id = ''] }) => {
      const found = await findIssued(call, id);
      if (!found.ok) return found;
      const withdrawn = await call('vouchers.withdraw', { id: found.value });
      if (!withdrawn.ok) return withdrawn;
      const { host, told } = withdrawn.value;
      const text = told
        ? `${plainText(host.name)} knows that it counts no longer.`
        : `It counts no longer. ${plainText(host.name)} can’t be told now, and is told as soon as there is an answer from there.`;
      return ok({ value: withdrawn.value, text });
    },
  },
  introduced: {
    usage: 'introduced TEXT|- [--size 10GB]',
    help: 'ask for a plot with the text that somebody gave you who vouches for you; - reads it from the input',
    options: { size: { type: 'string' } },
    words: [1, 1],
    run: introduced,
  },
  guests: {
    usage: 'guests',
    help: 'who has a plot here without being a friend',
    words: [0, 0],
    run: async ({ call, t }) => {
      const listed = await call('vouchers.list', {});
      if (!listed.ok) return listed;
      const { guests } = listed.value;
      const rows = guests.map((guest) => [
        guest.name,
        guest.introducer?.name ?? '–',
        t(`ground.${guest.ground}`),
        size(guest.promisedBytes),
        size(guest.writtenBytes),
        `${left(Math.max(0, guest.leftS))}${guest.ends ? ', then it ends' : ''}`,
        guest.plot,
      ]);
      const head = ['guest', 'introduced by', 'on', 'promised', 'written', 'lease left', 'plot'];
      return ok({
        value: guests,
        text: rows.length === 0 ? 'Nobody is a guest here.' : table(head, rows),
      });
    },
  },
  'guests end': {
    usage: 'guests end GUEST',
    help: 'renew nothing of a guest’s any more: the plot ends with its lease and a time of grace',
    words: [1, 1],
    run: (context) => setEnds(context, true),
  },
  'guests keep': {
    usage: 'guests keep GUEST',
    help: 'let a guest renew again after all',
    words: [1, 1],
    run: (context) => setEnds(context, false),
  },
};

/** Nothing new and no renewals, or again what guests have; what lies here stays until its lease and grace are over. */
async function setEnds(
  { call, words: [name = ''] }: CommandContext,
  ends: boolean,
): Promise<Result<Outcome, Fault>> {
  const listed = await call('vouchers.list', {});
  if (!listed.ok) return listed;
  const found = whoIsMeant(listed.value.guests, name);
  const [guest, another] = [...new Map(found.map((each) => [each.owner, each])).values()];
  if (guest === undefined) return failed(fault('friend-unknown', { friend: name }));
  if (another !== undefined) return failed(fault('friend-ambiguous', { friend: name }));
  const general = await call('policy.get', { friend: 'guests' });
  if (!general.ok) return general;
  const set = await call('policy.set', {
    friend: guest.owner,
    policy: ends ? endingPolicy(general.value.policy) : null,
  });
  if (!set.ok) return set;
  const who = plainText(guest.name);
  const text = ends
    ? `Nothing of ${who}’s is renewed any more: the lease runs for ${left(Math.max(0, guest.leftS))}, and after a time of grace the plot can go. ${who} hears it with the next renewal.`
    : `${who} may go on renewing.`;
  return ok({ value: set.value, text });
}

async function vouch({ call, words, values }: CommandContext): Promise<Result<Outcome, Fault>> {
  const [host = '', newcomer = '', amount = ''] = words;
  const bytes = parseSize(amount);
  if (bytes === undefined || bytes === 0n) return failed(fault('bad-size', { field: 'SIZE' }));
  const wanted = textOption(values, 'for');
  const seconds = wanted === undefined ? DAYS_DEFAULT * DAY_S : parseDurationS(wanted);
  const days = seconds === undefined ? 0 : Math.ceil(seconds / DAY_S);
  if (days < 1 || days > 365) return badArguments('--for wants a duration from 1d to 365d');
  const issued = await call('vouchers.issue', {
    host,
    newcomer,
    bytes: `${bytes}`,
    days,
    ...(values['delegable'] === true ? { delegable: true } : {}),
  });
  if (!issued.ok) return issued;
  const { voucher, text } = issued.value;
  const lines = [
    `${plainText(voucher.newcomer.name)} may have ${size(voucher.bytes)} at ${plainText(voucher.host.name)}’s until ${dateTime(voucher.untilMs)}, out of your share there.`,
    ...(await shortOf(call, voucher)),
    'Give them this text by any way you like; only they can use it:',
    '',
    text,
  ];
  return ok({ value: issued.value, text: lines.join('\n') });
}

/** It may be for more than there is, and fills as the share grows; whoever gives it away should know. */
async function shortOf(
  call: CommandContext['call'],
  { host, bytes }: IssuedVoucherView,
): Promise<readonly string[]> {
  const friends = await call('friends.list', {});
  const there = friends.ok && friends.value.find(({ owner }) => owner === host.owner)?.there;
  if (!there || BigInt(bytes) <= BigInt(there.mayAskBytes)) return [];
  return [
    `That is more than is left of your share there now: ${size(there.mayAskBytes)} can be had, more only when there is more.`,
  ];
}

async function introduced(context: CommandContext): Promise<Result<Outcome, Fault>> {
  const { call, words, values, t } = context;
  const [given = ''] = words;
  const text = given === '-' ? await readAll(process.stdin) : given;
  if (text.trim() === '') return failed(fault('bad-voucher'));
  const wanted = textOption(values, 'size');
  const bytes = wanted === undefined ? undefined : parseSize(wanted);
  if (wanted !== undefined && bytes === undefined)
    return failed(fault('bad-size', { field: '--size' }));
  const answered = await call('vouchers.take', {
    text,
    ...(bytes === undefined ? {} : { size: `${bytes}` }),
  });
  if (!answered.ok) return answered;
  const { value } = answered;
  const tried = { answer: value, steps: [] };
  const said =
    value.type === 'granted'
      ? `You have a plot of ${size(value.size)} there, for ${left(value.ttl)}.`
      : [sayTried(t, tried, 'this device'), sayTriedReason(t, tried) ?? ''].join('\n').trim();
  return ok({
    value,
    text: said,
    ...(value.type === 'granted' ? {} : { exit: faults.refused.exit }),
  });
}

/** By the beginning of its id, as it stands in the list. */
async function findIssued(
  call: CommandContext['call'],
  id: string,
): Promise<Result<string, Fault>> {
  const listed = await call('vouchers.list', {});
  if (!listed.ok) return listed;
  const matches = listed.value.issued.filter((each) => each.id.startsWith(id.toLowerCase()));
  const [first, second] = matches;
  return first === undefined || second !== undefined
    ? failed(fault('voucher-unknown'))
    : ok(first.id);
}

function issuedTable(issued: readonly IssuedVoucherView[]): string {
  const head = ['voucher', 'for', 'at', 'size', 'used', 'until', 'state'];
  const rows = issued.map((each) => [
    each.id,
    each.newcomer.name,
    each.host.name,
    size(each.bytes),
    size(each.usedBytes),
    dateTime(each.untilMs),
    each.state === 'withdrawn' && !each.told ? 'withdrawn, not told yet' : each.state,
  ]);
  return table(head, rows);
}

function heldTable(held: readonly HeldVoucherView[]): string {
  const head = ['voucher', 'from', 'at', 'size', 'until', 'plots'];
  const rows = held.map((each) => [
    each.id,
    each.introducer.name,
    each.host.name,
    size(each.bytes),
    dateTime(each.untilMs),
    each.plots.join(' '),
  ]);
  return table(head, rows);
}
