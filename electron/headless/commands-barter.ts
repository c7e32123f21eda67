import type { BarterView, OrderView } from '../../shared/contract/barter-views.ts';
import { type Fault, fault } from '../../shared/fault.ts';
import { unitsFor } from '../../shared/model/notes.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { DAY_S, parseSize } from '../../shared/units.ts';
import { say, type Translate } from '../../shared/words/say.ts';
import { sayAmount, sayNoteMovement, sayRoom } from '../../shared/words/say-notes.ts';
import {
  badArguments,
  type Command,
  type CommandContext,
  type Outcome,
  textOption,
} from './command.ts';
import { dateTime, plainText, table } from './output.ts';
import { whoseIsMeant } from './whose-is-meant.ts';

/** Notes, standing orders and how they are counted: what the page Barter can do, from the command line. */
export const barterCommands: Readonly<Record<string, Command>> = {
  barter: {
    usage: 'barter',
    help: 'notes you hold and owe, standing orders, in your currency',
    words: [0, 0],
    run: async ({ call, t }) => {
      const barter = await call('barter.get', {});
      if (!barter.ok) return barter;
      const { value } = barter;
      return ok({ value, text: value.on ? overview(value, t) : OFF });
    },
  },
  'barter give': {
    usage: 'barter give FRIEND 10GB',
    help: 'notes of yours as a present, for so much room for 30 days',
    words: [2, 2],
    run: async ({ call, t, words: [friend = '', amount = ''] }) => {
      const units = unitsOf(amount);
      if (!units.ok) return units;
      const given = await call('barter.give', { friend, units: units.value });
      if (!given.ok) return given;
      const { value } = given;
      const text = `${plainText(friend)} fetches notes of yours over ${inWords(t, value, units.value)}.`;
      return ok({ value, text });
    },
  },
  'barter send': {
    usage: 'barter send FRIEND 10GB --of ISSUER',
    help: 'notes of somebody else that you hold, to a friend',
    options: { of: { type: 'string' } },
    words: [2, 2],
    run: async ({ call, t, words: [friend = '', amount = ''], values }) => {
      const issuer = textOption(values, 'of');
      if (issuer === undefined) return badArguments('say whose notes: --of ISSUER');
      const units = unitsOf(amount);
      if (!units.ok) return units;
      const sent = await call('barter.send', { friend, issuer, units: units.value });
      if (!sent.ok) return sent;
      const { value } = sent;
      const text = `${plainText(friend)} has notes of ${plainText(issuer)} over ${inWords(t, value, units.value)} now.`;
      return ok({ value, text });
    },
  },
  'barter propose': {
    usage: 'barter propose FRIEND [--give 10GB] [--want 10GB] [--every 30]',
    help: 'a standing order: every so many days notes of yours for notes of theirs',
    options: { give: { type: 'string' }, want: { type: 'string' }, every: { type: 'string' } },
    words: [1, 1],
    run: propose,
  },
  'barter accept': {
    usage: 'barter accept ORDER|FRIEND',
    help: 'yes to a standing order that a friend proposes',
    words: [1, 1],
    run: (context) =>
      answer(context, { states: ['asked'], yes: true, said: 'It stands from now on' }),
  },
  'barter refuse': {
    usage: 'barter refuse ORDER|FRIEND',
    help: 'no to a standing order that a friend proposes',
    words: [1, 1],
    run: (context) => answer(context, { states: ['asked'], yes: false, said: 'Refused' }),
  },
  'barter end': {
    usage: 'barter end ORDER|FRIEND',
    help: 'ends a standing order, or takes your proposal back; what was swapped stays',
    words: [1, 1],
    run: (context) =>
      answer(context, { states: ['standing', 'offered'], yes: false, said: 'It is over' }),
  },
  'barter log': {
    usage: 'barter log [--limit 50] [--before NUMBER]',
    help: 'every movement of notes, the newest first',
    options: { limit: { type: 'string' }, before: { type: 'string' } },
    words: [0, 0],
    run: showLog,
  },
  'barter rate': {
    usage: 'barter rate ISSUER 0.8|auto',
    help: 'what a unit of somebody’s notes is worth to you; auto: as it comes from how they were honoured',
    words: [2, 2],
    run: async ({ call, words: [friend = '', text = ''] }) => {
      const rate = text === 'auto' ? null : figureOf(text);
      if (rate === undefined) return badArguments('the rate is a number like 0.8, or “auto”');
      const set = await call('barter.set', { rate: { friend, rate } });
      if (!set.ok) return set;
      const said = rate === null ? 'as it comes from how they are honoured' : String(rate);
      return ok({ value: set.value, text: `Notes of ${plainText(friend)} count ${said}.` });
    },
  },
  'barter translator': {
    usage: 'barter translator on --most-give 10GB --most-want 10GB | barter translator off',
    help: 'lets standing orders be proposed from what you do, never beyond that in 30 days',
    options: { 'most-give': { type: 'string' }, 'most-want': { type: 'string' } },
    words: [1, 1],
    run: setTranslator,
  },
  'barter currency': {
    usage: 'barter currency gb-months | barter currency NAME --per-gb-month 12',
    help: 'the one measure that all amounts are shown in',
    options: { 'per-gb-month': { type: 'string' } },
    words: [1, 1],
    run: async ({ call, words: [name = ''], values }) => {
      const own = name.toLowerCase() === 'gb-months' ? null : name;
      const text = textOption(values, 'per-gb-month');
      const perGbMonth = text === undefined ? 1 : figureOf(text);
      if (perGbMonth === undefined || perGbMonth === 0)
        return badArguments('--per-gb-month wants a number above 0, like 12');
      if (own === null && perGbMonth !== 1)
        return badArguments('a GB-month is worth one GB-month; another measure needs a name');
      const set = await call('barter.set', { currency: { name: own, perGbMonth } });
      if (!set.ok) return set;
      const said = own === null ? 'GB-months' : `${plainText(own)}, ${perGbMonth} for a GB-month`;
      return ok({ value: set.value, text: `Amounts are shown in ${said}.` });
    },
  },
};

const OFF = 'Barter is off. “allotment settings set barter=on” switches it on.';
const LOCALE = 'en';

function figureOf(text: string): number | undefined {
  return /^[0-9]{1,7}(\.[0-9]{1,6})?$/.test(text) ? Number(text) : undefined;
}

/** So much room for 30 days, in units; a part of one is a whole one. */
function unitsOf(text: string): Result<string, Fault> {
  const sizeBytes = parseSize(text);
  return sizeBytes === undefined
    ? failed(fault('bad-size', { field: plainText(text) }))
    : ok(`${unitsFor(sizeBytes, 30 * DAY_S)}`);
}

/** None is an amount too, where something else stands beside it. */
function unitsOrNone(text: string | undefined): Result<string, Fault> {
  return text === undefined || text === '0' ? ok('0') : unitsOf(text);
}

function inWords(t: Translate, { currency, wallet }: BarterView, units: string, owner?: string) {
  const rate = wallet.find(({ issuer }) => issuer.owner === owner)?.rate ?? 1;
  return `${sayAmount(t, units, { currency, rate, locale: LOCALE })} (${sayRoom(t, units)})`;
}

function overview(barter: BarterView, t: Translate): string {
  const { mint, wallet, orders, translator } = barter;
  const words = (units: string, owner?: string) => inWords(t, barter, units, owner);
  const held = wallet.map(({ issuer, units, heldUnits, expiresMs, rate, honoured, refused }) => [
    issuer.name,
    words(units, issuer.owner),
    heldUnits === '0' ? '' : words(heldUnits, issuer.owner),
    dateTime(expiresMs),
    String(rate),
    `${honoured}`,
    `${refused}`,
  ]);
  const head = ['notes of', 'worth', 'set aside', 'until', 'rate', 'honoured', 'refused'];
  const lines = [
    held.length === 0 ? 'You hold no notes.' : table(head, held),
    '',
    ordersTable(orders, barter, t),
    '',
    `Of yours are out: ${words(mint.outstandingUnits)}. There is room for ${words(mint.mayIssueUnits)} more.`,
    ...(mint.problem === null ? [] : [plainText(say(t, mint.problem))]),
    translator.on
      ? `The translator proposes orders by itself, in 30 days at most ${words(translator.mostGiveUnits)} for ${words(translator.mostWantUnits)}.`
      : 'The translator is off.',
  ];
  return lines.join('\n');
}

function ordersTable(orders: readonly OrderView[], barter: BarterView, t: Translate): string {
  if (orders.length === 0) return 'There are no standing orders.';
  const head = ['order', 'friend', 'you give', 'you get', 'days', 'state', 'next', 'last'];
  // What is over already is in nobody's place.
  const replaced = new Set(
    orders
      .filter(({ state }) => state === 'standing')
      .map((each): string | undefined => each.order),
  );
  const rows = orders.map((order) => [
    order.order,
    order.friend.name,
    inWords(t, barter, order.giveUnits),
    inWords(t, barter, order.wantUnits, order.friend.owner),
    `${order.periodDays}`,
    [
      STATES[order.state],
      ...(order.translated ? ['(translated)'] : []),
      ...(replaced.has(order.replaces) ? [`(in place of ${order.replaces})`] : []),
    ].join(' '),
    dateTime(order.nextMs),
    dateTime(order.lastMs),
  ]);
  const problems = orders.flatMap(({ friend, problem }) =>
    problem === null ? [] : [plainText(`${friend.name}: ${say(t, problem)}`)],
  );
  return [table(head, rows), ...problems].join('\n');
}

const STATES: Readonly<Record<OrderView['state'], string>> = {
  asked: 'waits for you',
  offered: 'waits for them',
  standing: 'stands',
  ended: 'over',
};

async function propose({
  call,
  t,
  words: [friend = ''],
  values,
}: CommandContext): Promise<Result<Outcome, Fault>> {
  const give = unitsOrNone(textOption(values, 'give'));
  if (!give.ok) return give;
  const want = unitsOrNone(textOption(values, 'want'));
  if (!want.ok) return want;
  if (give.value === '0' && want.value === '0')
    return badArguments('say what is swapped: --give 10GB --want 10GB');
  const every = textOption(values, 'every') ?? '30';
  const periodDays = Number(every);
  if (!/^[0-9]{1,3}$/.test(every) || periodDays < 1 || periodDays > 365)
    return badArguments('--every wants days from 1 to 365');
  const terms = { giveUnits: give.value, wantUnits: want.value, periodDays };
  const proposed = await call('barter.propose', { friend, ...terms });
  if (!proposed.ok) return proposed;
  const { value } = proposed;
  const swap = `${inWords(t, value, give.value)} of yours for ${inWords(t, value, want.value)} of theirs`;
  const text = `Proposed to ${plainText(friend)}: every ${periodDays} days ${swap}. It begins when they say yes.`;
  return ok({ value, text });
}

async function answer(
  { call, words: [which = ''] }: CommandContext,
  {
    states,
    yes,
    said,
  }: {
    readonly states: readonly OrderView['state'][];
    readonly yes: boolean;
    readonly said: string;
  },
): Promise<Result<Outcome, Fault>> {
  const barter = await call('barter.get', {});
  if (!barter.ok) return barter;
  if (!barter.value.on) return failed(fault('barter-off'));
  const fitting = barter.value.orders.filter(({ state }) => states.includes(state));
  const found = whoseIsMeant(fitting, which, ({ order: id, friend: { owner, name } }) => ({
    id,
    owner,
    name,
  }));
  const [order, ...others] = found;
  if (order === undefined) return failed(fault('order-unknown'));
  if (others.length > 0)
    return badArguments(
      `there are several with ${plainText(order.friend.name)}; name one: ${found.map((each) => each.order).join(', ')}`,
    );
  const answered = await call('barter.answer', { order: order.order, yes });
  if (!answered.ok) return answered;
  return ok({
    value: answered.value,
    text: `${said}: the standing order with ${plainText(order.friend.name)}.`,
  });
}

async function showLog({ call, t, values }: CommandContext): Promise<Result<Outcome, Fault>> {
  const limit = numberOption(textOption(values, 'limit'), 200);
  const before = numberOption(textOption(values, 'before'), Number.MAX_SAFE_INTEGER);
  if (limit === 'bad' || before === 'bad')
    return badArguments('--limit wants a number from 1 to 200, --before the number of a line');
  const barter = await call('barter.get', {});
  if (!barter.ok) return barter;
  const lines = await call('barter.log', {
    ...(limit === undefined ? {} : { limit }),
    ...(before === undefined ? {} : { before }),
  });
  if (!lines.ok) return lines;
  const { currency, wallet } = barter.value;
  const rates = new Map(wallet.map(({ issuer, rate }) => [issuer.owner, rate]));
  const text = lines.value.map((line) => {
    const rate = line.issuer === 'self' ? 1 : (rates.get(line.issuer.owner) ?? 1);
    const said = sayNoteMovement(t, line, { currency, rate, locale: LOCALE });
    return plainText(`${line.number}  ${dateTime(line.atMs)}  ${said}`);
  });
  return ok({
    value: lines.value,
    text: text.length === 0 ? 'No notes have moved yet.' : text.join('\n'),
  });
}

function numberOption(text: string | undefined, most: number): number | 'bad' | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  return /^[0-9]{1,15}$/.test(text) && value >= 1 && value <= most ? value : 'bad';
}

async function setTranslator({
  call,
  t,
  words: [word = ''],
  values,
}: CommandContext): Promise<Result<Outcome, Fault>> {
  if (word !== 'on' && word !== 'off') return badArguments('say on or off');
  const before = await call('barter.get', {});
  if (!before.ok) return before;
  const { translator } = before.value;
  const [givenMost, wantedMost] = [
    textOption(values, 'most-give'),
    textOption(values, 'most-want'),
  ];
  const give = givenMost === undefined ? ok(translator.mostGiveUnits) : unitsOrNone(givenMost);
  if (!give.ok) return give;
  const want = wantedMost === undefined ? ok(translator.mostWantUnits) : unitsOrNone(wantedMost);
  if (!want.ok) return want;
  if (word === 'on' && (give.value === '0' || want.value === '0'))
    return badArguments('say how far it may go: --most-give 10GB --most-want 10GB');
  const limits = { mostGiveUnits: give.value, mostWantUnits: want.value };
  const set = await call('barter.set', { translator: { on: word === 'on', ...limits } });
  if (!set.ok) return set;
  const most = `${inWords(t, set.value, give.value)} for ${inWords(t, set.value, want.value)}`;
  const text =
    word === 'on'
      ? `The translator proposes standing orders by itself, in 30 days at most ${most}.`
      : 'The translator is off; what stands goes on.';
  return ok({ value: set.value, text });
}
