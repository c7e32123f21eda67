import { resolve } from 'node:path';
import type { EntryView, RestoreView } from '../../shared/contract/backup-views.ts';
import type { Fault } from '../../shared/fault.ts';
import { RESTORE_CONFLICTS } from '../../shared/model/restore-conflict.ts';
import { ok, type Result } from '../../shared/result.ts';
import { say } from '../../shared/words/say.ts';
import {
  badArguments,
  type Command,
  type CommandContext,
  type Outcome,
  textOption,
  textsOption,
  type Values,
} from './command.ts';
import { counted, dateTime, plainText, size, table } from './output.ts';
import { watchJob } from './watch-job.ts';

/** Commands that look into backups and bring them back, from friends or from a folder. */

const FROM = { from: { type: 'string' }, snapshot: { type: 'string' } } as const;
const WHERE = 'NAME|--from DIR';
const LISTED = 1000;
const STOPPED = {
  many: 'There are more. Write more of the name.',
  time: 'It took too long, so not all backups were looked through. With --snapshot ID one of them is.',
} as const;

export const restoreCommands: Readonly<Record<string, Command>> = {
  snapshots: {
    usage: `snapshots ${WHERE}`,
    help: 'what can be restored',
    options: { from: FROM.from },
    words: [0, 1],
    run: async (context) => {
      if (isNowhere(context)) return NO_SOURCE;
      const found = await context.call('sets.snapshots', sourceOf(context));
      if (!found.ok) return found;
      const rows = found.value.map(({ id, atMs, host, paths, files, bytes }) => [
        id.slice(0, 8),
        dateTime(atMs),
        host,
        files === null ? '' : String(files),
        bytes === null ? '' : size(bytes),
        paths.join(', '),
      ]);
      const head = ['snapshot', 'taken', 'on', 'files', 'size', 'folders'];
      return ok({ value: found.value, text: table(head, rows) });
    },
  },
  ls: {
    usage: `ls ${WHERE} [--path PATH] [--snapshot ID]`,
    help: 'what lies in a folder of a backup',
    options: { ...FROM, path: { type: 'string' } },
    words: [0, 1],
    run: listFolder,
  },
  find: {
    usage: `find TEXT ${WHERE} [--snapshot ID]`,
    help: 'files and folders by name, * and ? as usual; one line per version',
    options: FROM,
    words: [1, 2],
    run: async (context) => {
      const [text = '', name] = context.words;
      if (name === undefined && isNowhere({ ...context, words: [] })) return NO_SOURCE;
      const source = sourceOf({ ...context, words: name === undefined ? [] : [name] });
      const found = await context.call('sets.find', { ...source, text, limit: LISTED });
      if (!found.ok) return found;
      const { found: entries, stopped } = found.value;
      const rows = entries.map((entry) => [
        entry.snapshot.slice(0, 8),
        dateTime(entry.atMs),
        ...entryCells(entry),
        entry.path,
      ]);
      const head = ['snapshot', 'taken', '', 'size', 'changed', 'path'];
      return ok({
        value: found.value,
        text: [
          rows.length === 0 && stopped === null ? 'Nothing is called that.' : table(head, rows),
          ...(stopped === null ? [] : [STOPPED[stopped]]),
        ].join('\n\n'),
      });
    },
  },
  restore: {
    usage: `restore ${WHERE} --to DIR|FILE.tar.gz | --in-place [--snapshot ID] [--path PATH …] [--conflict keep-both|replace|newer|skip] [--archive]`,
    help: 'bring a backup back: into a folder, where it was, or as one file',
    options: {
      ...FROM,
      to: { type: 'string' },
      'in-place': { type: 'boolean' },
      path: { type: 'string', multiple: true },
      conflict: { type: 'string' },
      archive: { type: 'boolean' },
    },
    words: [0, 1],
    run: restore,
  },
  restores: {
    usage: 'restores',
    help: 'restores under way, and those that can go on',
    words: [0, 0],
    run: async ({ call, t }) => {
      const all = await call('restores.list', {});
      if (!all.ok) return all;
      const rows = all.value.map(
        ({ id, source, snapshot, to, state, waits, startedMs }: RestoreView) => [
          id,
          source,
          snapshot.slice(0, 8),
          to,
          waits === null ? t(`restore-state.${state}`) : plainText(say(t, waits)),
          dateTime(startedMs),
        ],
      );
      const head = ['restore', 'of', 'snapshot', 'to', 'state', 'begun'];
      return ok({ value: all.value, text: rows.length === 0 ? 'None.' : table(head, rows) });
    },
  },
  'restores pause': {
    usage: 'restores pause RESTORE',
    help: 'stop it where it is; it can go on later',
    words: [1, 1],
    run: async ({ call, words: [id = ''] }) => {
      const paused = await call('restores.pause', { id });
      return paused.ok ? ok({ value: paused.value, text: 'Paused.' }) : paused;
    },
  },
  'restores resume': {
    usage: 'restores resume RESTORE',
    help: 'go on; what is there already is not fetched again',
    words: [1, 1],
    run: async (context) => {
      const begun = await context.call('restores.resume', { id: context.words[0] ?? '' });
      return watchJob(context, begun, (result) => restoredText(result));
    },
  },
  'restores drop': {
    usage: 'restores drop RESTORE',
    help: 'give it up; what was restored stays',
    words: [1, 1],
    run: async ({ call, words: [id = ''] }) => {
      const dropped = await call('restores.drop', { id });
      return dropped.ok ? ok({ value: dropped.value, text: 'Given up.' }) : dropped;
    },
  },
  'snapshots forget': {
    usage: 'snapshots forget NAME SNAPSHOT … --confirm NAME',
    help: 'delete snapshots; their room comes back with the next prune',
    options: { confirm: { type: 'string' } },
    words: [2, 1000],
    run: async ({ call, words: [name = '', ...snapshots], values }) => {
      const confirm = textOption(values, 'confirm') ?? '';
      const forgotten = await call('sets.forget', { name, snapshots, confirm });
      return forgotten.ok
        ? ok({ value: forgotten.value, text: `Forgotten: ${forgotten.value.forgotten}.` })
        : forgotten;
    },
  },
};

type Source = { readonly name?: string; readonly from?: string; readonly snapshot?: string };

const NO_SOURCE = badArguments('the name of a set is missing, or --from with a folder');

function isNowhere({ words, values }: Pick<CommandContext, 'words' | 'values'>): boolean {
  return words.length === 0 && textOption(values, 'from') === undefined;
}

function sourceOf({
  words: [name],
  values,
}: {
  readonly words: readonly string[];
  readonly values: Values;
}): Source {
  const from = textOption(values, 'from');
  const snapshot = textOption(values, 'snapshot');
  return {
    ...(from === undefined ? { name: name ?? '' } : { from: resolve(from) }),
    ...(snapshot === undefined ? {} : { snapshot }),
  };
}

async function listFolder(context: CommandContext): Promise<Result<Outcome, Fault>> {
  if (isNowhere(context)) return NO_SOURCE;
  const source = sourceOf(context);
  const path = textOption(context.values, 'path') ?? '';
  const entries: EntryView[] = [];
  let after: string | undefined;
  do {
    const page = await context.call('sets.browse', {
      ...source,
      path,
      limit: LISTED,
      ...(after === undefined ? {} : { after }),
    });
    if (!page.ok) return page;
    entries.push(...page.value.entries);
    after = page.value.next ?? undefined;
  } while (after !== undefined);
  const rows = entries.map((entry) => [
    ...entryCells(entry),
    path === '' ? entry.path : entry.name,
  ]);
  return ok({ value: entries, text: table(['', 'size', 'changed', 'name'], rows) });
}

function entryCells({ kind, bytes, mtimeMs }: EntryView): readonly string[] {
  return [kind === 'file' ? '' : kind, bytes === null ? '' : size(bytes), dateTime(mtimeMs)];
}

async function restore(context: CommandContext): Promise<Result<Outcome, Fault>> {
  if (isNowhere(context)) return NO_SOURCE;
  const { call, values } = context;
  const to = textOption(values, 'to');
  const isInPlace = values['in-place'] === true;
  if ((to === undefined) === !isInPlace) return badArguments('either --to or --in-place is wanted');
  const said = textOption(values, 'conflict');
  const conflict = RESTORE_CONFLICTS.find((each) => each === said);
  if (said !== undefined && conflict === undefined)
    return badArguments(`--conflict is one of: ${RESTORE_CONFLICTS.join(', ')}`);
  const paths = textsOption(values, 'path');
  const begun = await call('sets.restore', {
    ...sourceOf(context),
    ...(to === undefined ? {} : { to: resolve(to) }),
    ...(paths.length === 0 ? {} : { paths }),
    ...(conflict === undefined ? {} : { conflict }),
    ...(values['archive'] === true ? { archive: true } : {}),
  });
  const where = ({ files }: Restored) =>
    to === undefined
      ? `to where ${Number(files) === 1 ? 'it was' : 'they were'}`
      : `into ${plainText(resolve(to))}`;
  return watchJob(context, begun, (result) => restoredText(result, ` ${where(result)}`));
}

type Restored = Readonly<Record<string, string | number>>;

/** What was there already and stayed as it was is no part of what came back. */
function restoredText(result: Restored, where = ''): string {
  const { files = 0, filesSame = 0, filesKept = 0, bytesTotal = '0' } = result;
  const came =
    Number(files) === 0 && Number(filesSame) + Number(filesKept) > 0
      ? 'Nothing had to be restored'
      : `${counted(files, 'file')}, ${size(String(bytesTotal))}, restored${where}`;
  const same = Number(filesSame) === 0 ? [] : [`${counted(filesSame, 'file')} there the same`];
  const kept =
    Number(filesKept) === 0
      ? []
      : [counted(filesKept, 'file left as it is', 'files left as they are')];
  return `${[came, ...same, ...kept].join('; ')}.`;
}
