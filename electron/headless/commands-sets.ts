import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, fault } from '../../shared/fault.ts';
import { isUntilTold } from '../../shared/model/until-told.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { say } from '../../shared/words/say.ts';
import {
  badArguments,
  type Command,
  type CommandContext,
  type Outcome,
  textOption,
  textsOption,
} from './command.ts';
import { counted, dateTime, inShell, plainText, size, table } from './output.ts';
import { PLAN_USAGE, planOption, planOptions } from './plan-options.ts';
import { estimateText, nextOf, safetyOf, setText, WAITS } from './set-text.ts';
import { watchJob } from './watch-job.ts';

/** Commands about backup sets: what is backed up, how, how it stands. */
export const setCommands: Readonly<Record<string, Command>> = {
  'backup create': {
    usage: `backup create NAME --folder DIR … --to FRIEND … ${PLAN_USAGE}`,
    help: 'which folders, who keeps them, how',
    options: {
      folder: { type: 'string', multiple: true },
      to: { type: 'string', multiple: true },
      ...planOptions,
    },
    words: [1, 9],
    run: createSet,
  },
  'backup edit': {
    usage: `backup edit NAME [--folder DIR …] [--to FRIEND …] ${PLAN_USAGE}`,
    help: 'change a set; what is not named stays, and a list that is named replaces the one before',
    options: {
      folder: { type: 'string', multiple: true },
      to: { type: 'string', multiple: true },
      ...planOptions,
    },
    words: [1, 1],
    run: editSet,
  },
  'backup estimate': {
    usage:
      'backup estimate --folder DIR … [--exclude PATTERN …] [--caches leave-out|keep] [--max-file 4GB|none]',
    help: 'how much a first backup would be, and what is left out; nothing is sent',
    options: {
      folder: { type: 'string', multiple: true },
      exclude: planOptions.exclude,
      caches: planOptions.caches,
      'max-file': planOptions['max-file'],
    },
    words: [0, 0],
    run: estimate,
  },
  'backup list': {
    usage: 'backup list',
    help: 'your backup sets and how they stand',
    words: [0, 0],
    run: async ({ call, t }) => {
      const sets = await call('sets.list', {});
      if (!sets.ok) return sets;
      const rows = sets.value.map((set) => [
        set.name,
        safetyOf(set, t),
        set.to.join(', '),
        dateTime(set.lastRunMs),
        size(set.lastBytes),
        dateTime(set.verifiedMs),
        nextOf(set, t),
        set.lastFault === null ? '' : say(t, set.lastFault),
      ]);
      const head = ['set', 'state', 'at', 'last run', 'size', 'verified', 'next', ''];
      const text = rows.length === 0 ? t('sets-empty') : table(head, rows);
      return ok({ value: sets.value, text });
    },
  },
  'backup show': {
    usage: 'backup show NAME',
    help: 'one set: its folders, its plan, each of its copies',
    words: [1, 1],
    run: async ({ call, words: [name = ''], t }) => {
      const sets = await call('sets.list', {});
      if (!sets.ok) return sets;
      const set = sets.value.find((each) => each.name === name);
      if (set === undefined) return failed(fault('set-unknown', { set: name }));
      return ok({ value: set, text: setText(set, t) });
    },
  },
  'backup pause': {
    usage: 'backup pause [NAME] [--until hour|tomorrow]',
    help: 'nothing begins by itself meanwhile, and what runs stops; without a name: all sets',
    options: { until: { type: 'string' } },
    words: [0, 1],
    run: async (context) => {
      const until = textOption(context.values, 'until') ?? 'hour';
      if (until !== 'hour' && until !== 'tomorrow')
        return badArguments('--until is hour or tomorrow');
      return pause(context, until);
    },
  },
  'backup resume': {
    usage: 'backup resume [NAME]',
    help: 'end the pause',
    words: [0, 1],
    run: (context) => pause(context, null),
  },
  'backup replace': {
    usage: 'backup replace NAME --from FRIEND [--to FRIEND]',
    help: 'another friend keeps that copy from now on; without --to nobody does',
    options: { from: { type: 'string' }, to: { type: 'string' } },
    words: [1, 1],
    run: async ({ call, words: [name = ''], values, t }) => {
      const from = textOption(values, 'from');
      if (from === undefined) return badArguments('--from is missing');
      const set = await call('sets.replace', { name, from, to: textOption(values, 'to') ?? null });
      return set.ok ? ok({ value: set.value, text: setText(set.value, t) }) : set;
    },
  },
  'backup drop': {
    usage: 'backup drop NAME [--release --confirm NAME]',
    help: 'back it up no more; with --release its copies are deleted too',
    options: { release: { type: 'boolean' }, confirm: { type: 'string' } },
    words: [1, 1],
    run: async ({ call, words: [name = ''], values }) => {
      const release = values['release'] === true;
      const confirm = textOption(values, 'confirm');
      const wish = { name, release, ...(confirm === undefined ? {} : { confirm }) };
      const before = await call('sets.list', {});
      const dropped = await call('sets.drop', wish);
      if (!dropped.ok) return dropped;
      const set = before.ok ? before.value.find((each) => each.name === name) : undefined;
      const days = set?.plan.protectDays ?? 0;
      const released =
        days === 0
          ? 'Its copies are let go of.'
          : `Its copies are protected, and go in ${counted(days, 'day')}.`;
      const rest = release
        ? released
        : 'Its copies stay where they are until their leases end: allotment plots --mine';
      return ok({
        value: dropped.value,
        text: `“${plainText(name)}” is no longer backed up. ${rest}`,
      });
    },
  },
  'backup trash': {
    usage: 'backup trash NAME',
    help: 'what a protected set’s friends still keep of what was deleted',
    words: [1, 1],
    run: async ({ call, words: [name = ''] }) => {
      const trash = await call('sets.trash', { name });
      if (!trash.ok) return trash;
      const sets = await call('sets.list', {});
      if (!sets.ok) return sets;
      const set = sets.value.find((each) => each.name === name);
      const isEmpty = trash.value.every(({ objects }) => objects === 0);
      // Of a set of another computer's only what is there is known.
      const isBare = set?.plan.protectDays === 0 && set.protectionFalls === null;
      if (isEmpty && isBare) {
        const text = `“${plainText(name)}” is not protected: what is deleted of it is gone. “backup edit ${inShell(name)} --protect 30d” changes that.`;
        return ok({ value: trash.value, text });
      }
      const rows = trash.value.map((each) => [
        each.friend,
        String(each.objects),
        size(each.bytes),
        dateTime(each.firstGoesMs),
        dateTime(each.lastGoesMs),
      ]);
      const head = ['at', 'objects', 'size', 'the first goes', 'the last goes'];
      return ok({ value: trash.value, text: table(head, rows) });
    },
  },
  'backup untrash': {
    usage: 'backup untrash NAME --since 2026-01-31T10:00',
    help: 'bring back everything that was deleted at friends’ since then',
    options: { since: { type: 'string' } },
    words: [1, 1],
    run: async ({ call, words: [name = ''], values }) => {
      const sinceMs = Date.parse(textOption(values, 'since') ?? '');
      if (Number.isNaN(sinceMs)) return badArguments('--since is a date, like 2026-01-31T10:00');
      const back = await call('sets.untrash', { name, sinceMs });
      if (!back.ok) return back;
      return ok({ value: back.value, text: `${counted(back.value.objects, 'object')} back.` });
    },
  },
};

async function createSet(context: CommandContext): Promise<Result<Outcome, Fault>> {
  const { call, words, values, note } = context;
  const [name = '', ...more] = words;
  const folders = textsOption(values, 'folder').map((folder) => resolve(folder));
  // "--to Ana Ben" reads naturally; the words that are left over are friends.
  const to = [...textsOption(values, 'to'), ...more];
  if (folders.length === 0) return badArguments('--folder is missing');
  if (to.length === 0) return badArguments('--to is missing');
  const plan = planOption(values);
  if (!plan.ok) return plan;
  const copies = plan.value.copies ?? to.length;
  const made = await call('sets.create', { name, folders, to, plan: { ...plan.value, copies } });
  if (!made.ok) return made;
  const phrase = await call('phrase.show', {});
  if (phrase.ok && phrase.value.words !== null)
    note(
      'Your recovery words are not saved yet: allotment phrase show, then allotment phrase check.',
    );
  return ok({
    value: made.value,
    text: `“${plainText(name)}”: ${made.value.folders.map(plainText).join(', ')}, kept by ${plainText(made.value.to.join(', '))}. Run it: allotment backup run ${inShell(name)}`,
  });
}

async function editSet({
  call,
  words,
  values,
  t,
}: CommandContext): Promise<Result<Outcome, Fault>> {
  const [name = ''] = words;
  const sets = await call('sets.list', {});
  if (!sets.ok) return sets;
  const before = sets.value.find((set) => set.name === name);
  const plan = planOption(values, before?.plan);
  if (!plan.ok) return plan;
  const folders = textsOption(values, 'folder').map((folder) => resolve(folder));
  const to = textsOption(values, 'to');
  const edited = await call('sets.edit', {
    name,
    plan: plan.value,
    ...(folders.length === 0 ? {} : { folders }),
    ...(to.length === 0 ? {} : { to }),
  });
  return edited.ok ? ok({ value: edited.value, text: setText(edited.value, t) }) : edited;
}

const LOOK_MS = 300;

async function estimate(context: CommandContext): Promise<Result<Outcome, Fault>> {
  const { call, values } = context;
  const folders = textsOption(values, 'folder').map((folder) => resolve(folder));
  if (folders.length === 0) return badArguments('--folder is missing');
  const plan = planOption(values);
  if (!plan.ok) return plan;
  const { rules } = plan.value;
  const begun = await call('sets.estimate', {
    folders,
    ...(rules === undefined ? {} : { rules }),
  });
  if (!begun.ok) return begun;
  const watched = await watchJob(context, begun, () => '');
  if (!watched.ok) return watched;
  for (;;) {
    const found = await call('sets.estimated', { job: begun.value.id });
    if (!found.ok) return found;
    if (found.value !== null) return ok({ value: found.value, text: estimateText(found.value) });
    await sleep(LOOK_MS);
  }
}

async function pause(
  { call, words: [name] }: CommandContext,
  until: 'hour' | 'tomorrow' | null,
): Promise<Result<Outcome, Fault>> {
  const sets = await call('sets.pause', { until, ...(name === undefined ? {} : { name }) });
  if (!sets.ok) return sets;
  const lines = sets.value.map(({ name: set, pausedUntilMs }) =>
    pausedUntilMs === null
      ? `“${plainText(set)}” runs as planned.`
      : `“${plainText(set)}” ${isUntilTold(pausedUntilMs) ? WAITS : `pauses until ${dateTime(pausedUntilMs)}`}.`,
  );
  return ok({ value: sets.value, text: lines.join('\n') });
}
