import { resolve } from 'node:path';
import type { RecoveryView } from '../../shared/contract/backup-views.ts';
import { ok } from '../../shared/result.ts';
import { say, type Translate } from '../../shared/words/say.ts';
import { beginOfDay } from '../../shared/words/typed-day.ts';
import { badArguments, type Command, textOption, readText } from './command.ts';
import { dateTime, inShell, plainText, table } from './output.ts';
import { watchJob } from './watch-job.ts';

/** Commands for the worst day: words, sheet, coming back; and what is carried on a disk. */
export const recoveryCommands: Readonly<Record<string, Command>> = {
  'phrase show': {
    usage: 'phrase show',
    help: 'the 24 recovery words, until they were checked',
    words: [0, 0],
    run: async ({ call }) => {
      const shown = await call('phrase.show', {});
      if (!shown.ok) return shown;
      const words = shown.value.words?.map((word, index) => `${index + 1}. ${word}`) ?? [];
      const text =
        words.length === 0
          ? 'They were saved and checked; they are nowhere on this device any more.'
          : `Write these down, on paper, in this order:\n${words.join('\n')}\nThen: allotment phrase check 3=WORD 11=WORD 20=WORD`;
      const place = `If a new machine takes this one’s place, set it up with: allotment serve --phrase-file FILE --replaces ${shown.value.instance}`;
      return ok({ value: shown.value, text: `${text}\n${place}` });
    },
  },
  'phrase check': {
    usage: 'phrase check 3=WORD 11=WORD 20=WORD',
    help: 'three of the words, by their numbers; then this device forgets them',
    words: [3, 24],
    run: async ({ call, words }) => {
      const parsed = words.map((each) => {
        const [position = '', word = ''] = each.split('=');
        return { position: Number(position), word };
      });
      const checked = await call('phrase.check', { words: parsed });
      return checked.ok
        ? ok({ value: checked.value, text: 'Right. Keep the paper safe.' })
        : checked;
    },
  },
  'recovery sheet': {
    usage: 'recovery sheet',
    help: 'what to keep away from this computer, besides the 24 words',
    words: [0, 0],
    run: async ({ call }) => {
      const sheet = await call('recovery.sheet', {});
      if (!sheet.ok) return sheet;
      const { name, owner, instance, friends, sets, madeMs } = sheet.value;
      const rows = friends.map((friend) => [
        friend.name,
        friend.addresses.join(', '),
        friend.device,
        friend.keepsSets.join(', '),
      ]);
      const kept = sets.map(
        (set) => `${plainText(set.name)}: ${set.folders.map(plainText).join(', ')}`,
      );
      const lines = [
        `${plainText(name)}, ${dateTime(madeMs)}`,
        `you are ${owner}; this installation is ${instance}`,
        ...kept,
        '',
        table(['friend', 'addresses', 'key', 'keeps'], rows),
        '',
        'On a new machine: allotment serve --phrase-file FILE, or allotment recovery begin --words-file FILE in a fresh home; then, where no friend is near, allotment recovery call ADDRESS --device KEY.',
      ];
      return ok({ value: sheet.value, text: lines.join('\n') });
    },
  },
  recovery: {
    usage: 'recovery',
    help: 'how far this installation has come back from 24 words',
    words: [0, 0],
    run: async ({ call, t }) => {
      const state = await call('recovery.get', {});
      return state.ok ? ok({ value: state.value, text: recoveryText(state.value, t) }) : state;
    },
  },
  'recovery begin': {
    usage: 'recovery begin --words-file FILE [--replaces INSTALLATION] [--stolen 2026-01-31]',
    help: 'make this installation, with which nothing was done yet, one of yours; the words come from a file, so that no history keeps them',
    options: {
      'words-file': { type: 'string' },
      replaces: { type: 'string' },
      stolen: { type: 'string' },
    },
    words: [0, 0],
    run: async ({ call, values, t }) => {
      const file = textOption(values, 'words-file');
      if (file === undefined) return badArguments('--words-file is missing');
      const words = await readText(file);
      if (!words.ok) return words;
      const replaces = textOption(values, 'replaces');
      const stolen = textOption(values, 'stolen');
      const stolenMs = stolen === undefined ? undefined : beginOfDay(stolen);
      if (stolen !== undefined && (stolenMs === undefined || stolenMs > Date.now()))
        return badArguments('--stolen is a day that has begun, like 2026-01-31');
      const wish = {
        words: words.value.trim(),
        ...(replaces === undefined ? {} : { replaces }),
        ...(stolenMs === undefined ? {} : { stolenMs }),
      };
      const begun = await call('recovery.begin', wish);
      return begun.ok ? ok({ value: begun.value, text: recoveryText(begun.value, t) }) : begun;
    },
  },
  'recovery call': {
    usage: 'recovery call ADDRESS [--device KEY]',
    help: 'look for a friend there; address and key stand on the recovery sheet',
    options: { device: { type: 'string' } },
    words: [1, 1],
    run: async ({ call, words: [address = ''], values, t }) => {
      const device = textOption(values, 'device');
      const wish = { address, ...(device === undefined ? {} : { device }) };
      const state = await call('recovery.call', wish);
      return state.ok ? ok({ value: state.value, text: recoveryText(state.value, t) }) : state;
    },
  },
  'recovery believe': {
    usage: 'recovery believe FRIEND | recovery believe --all',
    help: 'somebody whom only doubtful address books name is your friend; or all that they say is so',
    options: { all: { type: 'boolean' } },
    words: [0, 1],
    run: async ({ call, words: [friend], values, t }) => {
      const isAll = values['all'] === true;
      if (isAll === (friend !== undefined)) return badArguments('name a friend, or say --all');
      const state = await call('recovery.believe', friend === undefined ? {} : { friend });
      return state.ok ? ok({ value: state.value, text: recoveryText(state.value, t) }) : state;
    },
  },
  'recovery take-over': {
    usage: 'recovery take-over SET',
    help: 'back up here from now on what another computer of yours did; it waits for backup resume SET',
    words: [1, 1],
    run: async ({ call, words: [name = ''] }) => {
      const taken = await call('recovery.take-over', { name });
      return taken.ok
        ? ok({
            value: taken.value,
            text: `${plainText(taken.value.name)} is backed up here from now on. Put its folders right, then: allotment backup resume ${inShell(taken.value.name)}`,
          })
        : taken;
    },
  },
  'plots export': {
    usage: 'plots export PLOT --to DIR',
    help: 'a friend’s plot here as a folder on a disk that can be carried there',
    options: { to: { type: 'string' } },
    words: [1, 1],
    run: async (context) => {
      const to = textOption(context.values, 'to');
      if (to === undefined) return badArguments('--to is missing');
      const begun = await context.call('plots.export', {
        plot: context.words[0] ?? '',
        to: resolve(to),
      });
      return watchJob(context, begun, () => `All of it lies in ${plainText(resolve(to))} now.`);
    },
  },
  'plots import': {
    usage: 'plots import PLOT --from DIR',
    help: 'from a disk that a friend brought into that friend’s plot here',
    options: { from: { type: 'string' } },
    words: [1, 1],
    run: async (context) => {
      const from = textOption(context.values, 'from');
      if (from === undefined) return badArguments('--from is missing');
      const begun = await context.call('plots.import', {
        plot: context.words[0] ?? '',
        from: resolve(from),
      });
      return watchJob(context, begun, () => 'It lies in the plot now.');
    },
  },
  gateway: {
    usage: 'gateway PLOT',
    help: 'an address on this machine at which stock restic finds a plot of yours, for this one use',
    words: [1, 1],
    run: async ({ call, words: [plot = ''] }) => {
      const opened = await call('gateway.open', { plot });
      if (!opened.ok) return opened;
      const { url, commands, readOnly } = opened.value;
      const lines = [
        `restic -r rest:${url}`,
        ...commands.map(({ command }) => command),
        ...(readOnly ? ['It can be read only: a backup set lives there, and has one writer.'] : []),
      ];
      return ok({ value: opened.value, text: lines.join('\n') });
    },
  },
  'gateway close': {
    usage: 'gateway close PLOT',
    help: 'that address leads nowhere from now on',
    words: [1, 1],
    run: async ({ call, words: [plot = ''] }) => {
      const closed = await call('gateway.close', { plot });
      if (!closed.ok) return closed;
      return ok({ value: closed.value, text: closed.value.closed ? 'Closed.' : 'None was open.' });
    },
  },
};

function recoveryText(
  { state, friends, sets, doubtful, fault: why }: RecoveryView,
  t: Translate,
): string {
  const lines = [t(`recovery-state.${state}`)];
  if (why !== null) lines.push(plainText(say(t, why)));
  if (friends.length > 0)
    lines.push(
      table(
        ['friend', 'now'],
        friends.map(({ name, online }) => [name, online ? 'online' : 'away']),
      ),
    );
  if (doubtful.length > 0)
    lines.push(
      `These stand only in address books that somebody else may have written. If you know one: allotment recovery believe FRIEND. If you don’t, and he is among your friends already: allotment friends leave FRIEND --now\n${table(
        ['friend?', 'since', 'in the book of', 'id'],
        doubtful.map(({ name, sinceMs, host, owner }) => [name, dateTime(sinceMs), host, owner]),
      )}`,
    );
  if (sets.length > 0)
    lines.push(
      table(
        ['set', 'of', 'folders', 'kept by'],
        sets.map((set) => [set.name, set.host, set.folders.join(', '), set.friends.join(', ')]),
      ),
    );
  return lines.join('\n\n');
}
