import { PLOTS_LIMIT_MAX } from '../../shared/model/bounds.ts';
import type { Plain } from '../../shared/contract/views.ts';
import type { Guards } from '../../shared/model/policy.ts';
import type { SizeUnits } from '../../shared/units.ts';
import { readWhole } from '../ui/typed-number.ts';
import { asTypedLimit, readSizeOrNone } from '../ui/typed-size.ts';
import { asTypedDays, asTypedTimeOfDay, readDays, readTimeOfDay } from '../ui/typed-time.ts';

/** The guards as a person types them, and back. Empty: there is no such limit. Pure. */
export type GuardChoice = {
  readonly maxSize: string;
  readonly maxDuration: string;
  readonly maxPlots: string;
  readonly askAbove: string;
  readonly quietFrom: string;
  readonly quietUntil: string;
  readonly stopsRenewing: boolean;
};
export type PlainGuards = Plain<Guards>;
export type GuardField = Exclude<keyof GuardChoice, 'stopsRenewing'>;
/** Keys of the words that stand at a field. */
export type GuardProblems = Readonly<Partial<Record<GuardField, string>>>;

export function guardChoiceOf(guards: PlainGuards): GuardChoice {
  const { maxSize, maxDurationS, maxPlots, askAboveBytes, quietHours, stopRenewing } = guards;
  return {
    maxSize: asTypedLimit(maxSize),
    maxDuration: maxDurationS === undefined ? '' : asTypedDays(maxDurationS),
    maxPlots: maxPlots === undefined ? '' : `${maxPlots}`,
    askAbove: asTypedLimit(askAboveBytes),
    quietFrom: quietHours === undefined ? '' : asTypedTimeOfDay(quietHours.fromMin),
    quietUntil: quietHours === undefined ? '' : asTypedTimeOfDay(quietHours.untilMin),
    stopsRenewing: stopRenewing === true,
  };
}

/** `guards`: what was typed, beside those of `present` that the form doesn't show; only if all of it can be read. */
export function readGuards(
  choice: GuardChoice,
  present: PlainGuards,
  units: SizeUnits,
): { readonly guards: PlainGuards | undefined; readonly problems: GuardProblems } {
  const read = {
    maxSize: readSizeOrNone(choice.maxSize, units),
    maxDuration: readDays(choice.maxDuration),
    maxPlots: readWhole(choice.maxPlots, PLOTS_LIMIT_MAX),
    askAbove: readSizeOrNone(choice.askAbove, units),
    quietFrom: readTimeOfDay(choice.quietFrom),
    quietUntil: readTimeOfDay(choice.quietUntil),
  };
  const problems: Partial<Record<GuardField, string>> = {};
  for (const [field, value] of Object.entries(read) as [GuardField, unknown][])
    if (choice[field].trim() !== '' && value === undefined) problems[field] = PROBLEMS[field];
  // Half of the night is no night: said at the half that is missing.
  const [hasFrom, hasUntil] = [choice.quietFrom.trim() !== '', choice.quietUntil.trim() !== ''];
  if (hasFrom !== hasUntil)
    problems[hasFrom ? 'quietUntil' : 'quietFrom'] = 'guards.problem-quiet-both';
  if (Object.keys(problems).length > 0) return { guards: undefined, problems };
  const { maxSize, maxDuration, maxPlots, askAbove, quietFrom, quietUntil } = read;
  return {
    guards: {
      ...notShown(present),
      ...(maxSize === undefined ? {} : { maxSize: `${maxSize}` }),
      ...(maxDuration === undefined ? {} : { maxDurationS: maxDuration }),
      ...(maxPlots === undefined ? {} : { maxPlots }),
      ...(askAbove === undefined ? {} : { askAboveBytes: `${askAbove}` }),
      ...(quietFrom === undefined || quietUntil === undefined
        ? {}
        : { quietHours: { fromMin: quietFrom, untilMin: quietUntil } }),
      ...(choice.stopsRenewing ? { stopRenewing: true } : {}),
    },
    problems,
  };
}

function notShown({
  maxSize: _size,
  maxDurationS: _duration,
  maxPlots: _plots,
  askAboveBytes: _ask,
  quietHours: _quiet,
  stopRenewing: _renewing,
  ...rest
}: PlainGuards): PlainGuards {
  return rest;
}

/** How many limits there are, so that a folded part of the form says whether something is in it. */
export function guardCount(choice: GuardChoice): number {
  const { quietUntil: _until, stopsRenewing, ...typed } = choice;
  const limits = Object.values(typed).filter((text) => text.trim() !== '').length;
  return limits + (stopsRenewing ? 1 : 0);
}

const PROBLEMS: Readonly<Record<GuardField, string>> = {
  maxSize: 'fault.bad-size',
  maxDuration: 'guards.problem-days',
  maxPlots: 'guards.problem-count',
  askAbove: 'fault.bad-size',
  quietFrom: 'guards.problem-time',
  quietUntil: 'guards.problem-time',
};
