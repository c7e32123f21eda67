import type { HelperView, KeepOnlyView, OverShareView } from '../../shared/contract/space-views.ts';
import { type Fault, fault } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { DAY_S, parseBytes, parseDurationS } from '../../shared/units.ts';
import { whoIsMeant } from '../../shared/who-is-meant.ts';
import {
  badArguments,
  type Command,
  type CommandContext,
  type Outcome,
  textOption,
} from './command.ts';
import { dateTime, plainText, size, table } from './output.ts';

/** Commands about looking after space: where it went, who holds too much of it, what may go, who helps. */
export const upkeepCommands: Readonly<Record<string, Command>> = {
  space: {
    usage: 'space',
    help: 'where the space you share went, byte for byte as du counts it',
    words: [0, 0],
    run: async ({ call }) => {
      const space = await call('space.get', {});
      if (!space.ok) return space;
      const { value } = space;
      const rows = [
        ['data of friends', value.dataBytes],
        ['deleted by friends, kept for a while', value.trashBytes],
        ['arriving now', value.arrivingBytes],
        ['let go of, not yet off the disk', value.leavingBytes],
        ['folders, papers, ends of blocks', value.overheadBytes],
        ['on the disk (du -s says the same)', value.onDiskBytes],
        ['promised, not written yet', value.promisedBytes],
        ['kept free for notes', value.outstandingBytes],
        ['free to promise', value.freeBytes],
        ['offered', value.offerBytes],
      ].map(([what = '', bytes = '0']) => [what, size(bytes), bytes]);
      return ok({ value, text: table(['what', 'size', 'bytes'], rows) });
    },
  },
  shares: {
    usage: 'shares',
    help: 'friends who hold more than a fair share since somebody joined or the offer shrank',
    words: [0, 0],
    run: async ({ call }) => {
      const over = await call('shares.over', {});
      return over.ok ? ok({ value: over.value, text: overText(over.value) }) : over;
    },
  },
  'shares ask-less': {
    usage: 'shares ask-less FRIEND',
    help: 'ask a friend to make do with a fair share; nothing is taken',
    words: [1, 1],
    run: async ({ call, words: [friend = ''] }) => {
      const over = await call('shares.ask-less', { friend });
      return over.ok ? ok({ value: over.value, text: overText(over.value, friend) }) : over;
    },
  },
  'shares end': {
    usage: 'shares end FRIEND --in 30d | --never',
    help: 'end with notice what a friend holds over a fair share, or take that back',
    options: { in: { type: 'string' }, never: { type: 'boolean' } },
    words: [1, 1],
    run: async ({ call, words: [friend = ''], values }) => {
      const isTakenBack = values['never'] === true;
      const days = isTakenBack ? ok(null) : daysOption(textOption(values, 'in'), '--in', 7, 365);
      if (!days.ok) return days;
      const over = await call('shares.end', { friend, days: days.value });
      return over.ok ? ok({ value: over.value, text: overText(over.value, friend) }) : over;
    },
  },
  'plots keep-only': {
    usage: 'plots keep-only PLOT … [--goes BYTES]',
    help: 'let go of everything at the same friends’ that is neither named nor a backup of this device’s, after a week; without --goes it only says what',
    options: { goes: { type: 'string' } },
    words: [1, 1000],
    run: keepOnly,
  },
  'plots delegate': {
    usage: 'plots delegate PLOT FRIEND|me --for 60d',
    help: 'let a friend, whom the plot’s keeper must know too, or another device of yours renew a plot while you are away',
    options: { for: { type: 'string' } },
    words: [2, 2],
    run: async ({ call, words: [plot = '', to = ''], values }) => {
      const days = daysOption(textOption(values, 'for'), '--for', 1, 366);
      if (!days.ok) return days;
      const helpers = await call('plots.delegate', { plot, to, days: days.value });
      return helpers.ok ? ok({ value: helpers.value, text: helpersText(helpers.value) }) : helpers;
    },
  },
  'plots undelegate': {
    usage: 'plots undelegate PLOT FRIEND|me',
    help: 'take that back',
    words: [2, 2],
    run: async ({ call, words: [plot = '', to = ''] }) => {
      const helpers = await call('plots.delegate', { plot, to, days: 0 });
      return helpers.ok ? ok({ value: helpers.value, text: helpersText(helpers.value) }) : helpers;
    },
  },
  'plots helpers': {
    usage: 'plots helpers',
    help: 'who may renew plots of yours',
    words: [0, 0],
    run: async ({ call }) => {
      const helpers = await call('plots.helpers', {});
      return helpers.ok ? ok({ value: helpers.value, text: helpersText(helpers.value) }) : helpers;
    },
  },
};

/** Whole days, as dates between people are. */
function daysOption(
  text: string | undefined,
  field: string,
  ...[least, most]: readonly [number, number]
): Result<number, Fault> {
  if (text === undefined) return badArguments(`${field} is missing`);
  const seconds = parseDurationS(text);
  if (seconds === undefined) return failed(fault('bad-duration', { field }));
  const days = seconds / DAY_S;
  return Number.isInteger(days) && days >= least && days <= most
    ? ok(days)
    : badArguments(`${field} wants whole days, from ${least}d to ${most}d`);
}

/** `asked`: of whom something was asked just now, which is nothing where he is not over his share. */
function overText(over: readonly OverShareView[], asked?: string): string {
  const nothing =
    asked === undefined || over.length === 0 || whoIsMeant(over, asked).length > 0
      ? []
      : [`${plainText(asked)} holds no more than a fair share, so nothing was asked.`];
  const rows = over.map((each) => [
    each.name,
    size(each.useBytes),
    size(each.shareBytes),
    size(`${BigInt(each.useBytes) - BigInt(each.shareBytes)}`),
    dateTime(each.askedMs),
    dateTime(each.endsMs),
  ]);
  return rows.length === 0
    ? 'Nobody holds more than a fair share.'
    : [...nothing, table(['friend', 'holds', 'fair share', 'over it', 'asked', 'ends'], rows)].join(
        '\n',
      );
}

async function keepOnly({ call, words, values }: CommandContext): Promise<Result<Outcome, Fault>> {
  const goes = textOption(values, 'goes');
  if (goes !== undefined && parseBytes(goes) === undefined)
    return badArguments('--goes wants the number of bytes that was said');
  const lists = await call('plots.keep-only', {
    plots: [...words],
    ...(goes === undefined ? {} : { goesBytes: goes }),
  });
  if (!lists.ok) return lists;
  const isDone = goes !== undefined;
  const lines = lists.value.map((list) => keepText(list, isDone));
  const leaves = lists.value.flatMap((list) => list.leaves);
  const written = leaves.reduce((sum, each) => sum + BigInt(each.writtenBytes), 0n);
  const hint =
    isDone || leaves.length === 0
      ? []
      : [
          `Nothing has happened yet. That is ${size(`${written}`)} written. If it may go: the same with --goes ${written}`,
        ];
  return ok({ value: lists.value, text: [...lines, ...hint].join('\n') });
}

function keepText({ friend, keeps, leaves }: KeepOnlyView, isDone: boolean): string {
  const name = plainText(friend);
  if (leaves.length === 0) {
    const count = keeps.length === 1 ? '1 plot' : `${keeps.length} plots`;
    return `${name} keeps all there is of yours: ${count}.`;
  }
  const rows = leaves.map((each) => [
    each.plot,
    size(each.writtenBytes),
    dateTime(each.leavesMs),
    each.isOthers ? 'another device of yours' : 'this device',
  ]);
  const goes = isDone ? 'lets go of' : 'would let go of';
  const head = ['plot', 'written', 'goes', 'asked for by'];
  return `${name} keeps ${keeps.length} and ${goes}:\n${table(head, rows)}`;
}

function helpersText(helpers: readonly HelperView[]): string {
  const rows = helpers.map((each) => [
    each.plot,
    each.friend,
    each.name ?? 'other devices of yours',
    dateTime(each.untilMs),
  ]);
  return rows.length === 0
    ? 'Nobody but this device renews your plots.'
    : table(['plot', 'at', 'may renew', 'until'], rows);
}
