import type { DecisionView, NoticeView, Sentence } from '../contract/views.ts';
import { shortName, shortNames } from './short-name.ts';

/** Looks a key up in the catalogue of messages; `t` of i18next fits. */
export type Translate = (key: string, params?: Readonly<Record<string, unknown>>) => string;

/**
 * Sentences out of keys and numbers, the same for the CLI and the window. What a message needs beyond
 * its parameters (a sentence inside a sentence) is worked out here, and names that others gave
 * themselves are made short and harmless.
 */
export function say(t: Translate, { key, params }: Sentence): string {
  return t(key, { ...params, ...tameNames(params), ...within(t, params) });
}

/** Parameters that hold what somebody calls himself or his device. */
const NAMES = ['friend', 'name', 'by'] as const;

function tameNames(params: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const tame: Record<string, string> = {};
  for (const key of NAMES) {
    const name = params[key];
    if (name !== undefined) tame[key] = shortNames(name);
  }
  return tame;
}

function within(
  t: Translate,
  params: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { denial, fault, problem, field } = params;
  return {
    ...(fault === undefined ? {} : { faultSentence: faultSentence(t, fault, params) }),
    ...(denial === undefined ? {} : { denialSentence: denialSentence(t, denial, params) }),
    ...(problem === undefined ? {} : { problemWords: t(`phrase-problem.${problem}`, params) }),
    problemNote: problem === undefined ? '' : ` (${problem})`,
    fieldNote: field === undefined || field === '' ? '' : ` (${field})`,
  };
}

/** A fault inside another sentence. */
function faultSentence(
  t: Translate,
  code: string,
  { fault: _fault, context: _context, ...params }: Readonly<Record<string, string>>,
): string {
  return say(t, { key: `fault.${code}`, params });
}

function denialSentence(
  t: Translate,
  code: string,
  params: Readonly<Record<string, string>>,
): string {
  const note = { ...params, problemNote: '' };
  const said = t(`denial.${code}`, note);
  // Words of a plot's own protocol have their own list.
  return said === `denial.${code}` ? t(`plot.${code}`, note) : said;
}

/** One line of the log of decisions. */
export function sayDecision(t: Translate, decision: DecisionView): string {
  const { kind, outcome, friend, requestedBytes, requestedS, code, params } = decision;
  const common = { friend: shortName(friend), requestedBytes, requestedS };
  const reason = code === null ? '' : denialSentence(t, code, params);
  return t(`decision.${kind}-${outcome}`, { ...common, reason });
}

/** What a person is told unasked: a line to see at a glance, and what to do. */
export function sayNotice(
  t: Translate,
  { kind, params }: Pick<NoticeView, 'kind' | 'params'>,
): { readonly title: string; readonly body: string } {
  const { set } = params;
  // My own word for it, but a line is short.
  const short = set === undefined ? params : { ...params, set: shortName(set, 30) };
  return {
    title: say(t, { key: `notice.${kind}-title`, params: short }),
    body: say(t, { key: `notice.${kind}-body`, params: short }),
  };
}

/** A step of a decision: who said what. */
export function sayStep(t: Translate, step: DecisionView['steps'][number]): string {
  const by = t(`step.by.${step.by}`);
  const words = `${by}: ${t(`step.${step.verdict}`)}`;
  return step.code === undefined || step.verdict !== 'deny'
    ? words
    : `${words} (${denialSentence(t, step.code, step.params ?? {})})`;
}
