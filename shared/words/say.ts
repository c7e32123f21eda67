import type { DecisionView, NoticeView, Sentence } from '../contract/views.ts';
import { isDenialCode } from '../denial.ts';
import { isNoRoom } from '../no-room.ts';
import { isFaultCode } from '../fault.ts';
import { isPlotFaultCode } from '../wire/plot-faults.ts';
import { tameParams } from './params.ts';
import { nameInSentence, tameText } from './short-name.ts';

/** Looks a key up in the catalogue of messages; `t` of i18next fits. */
export type Translate = (key: string, params?: Readonly<Record<string, unknown>>) => string;

/**
 * Sentences out of keys and numbers, the same for the CLI and the window. What a message needs beyond
 * its parameters (a sentence inside a sentence) is worked out here. Whatever is given, a sentence comes
 * back: the tray and the window are drawn from it, and nothing that others sent may keep them from that.
 */
export function say(t: Translate, { key, params }: Sentence): string {
  return lookUp(t, key, { ...tameParams(key, params), ...within(t, key, params) });
}

/** What is known to be a word or a sentence; i18next can throw, or answer with an object. */
function lookUp(t: Translate, key: string, params: Readonly<Record<string, unknown>>): string {
  const { count } = params;
  // A text would be no number to i18next: it would look for words that are the same for one and for many.
  const counted = count === undefined ? params : { ...params, count: Number(count) };
  const said = tried(() => t(key, counted));
  return said ?? tried(() => t('refusal.unclear')) ?? 'Something can’t be put into words here.';
}

function tried(look: () => unknown): string | undefined {
  try {
    const said = look();
    return typeof said === 'string' ? said : undefined;
  } catch {
    return undefined;
  }
}

function within(
  t: Translate,
  key: string,
  params: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { denial, fault, problem, field, detail, why, wantedBytes } = params;
  return {
    wantedNote:
      wantedBytes === undefined ? '' : lookUp(t, 'refusal.wanted', tameParams(key, params)),
    todoNote: isForRoom(params) ? lookUp(t, 'refusal.todo', tameParams(key, params)) : '',
    ...(fault === undefined ? {} : { faultSentence: faultSentence(t, fault, params) }),
    ...(denial === undefined ? {} : { denialSentence: denialSentence(t, denial, params) }),
    ...(problem === undefined ? {} : { problemWords: problemWords(t, key, params) }),
    whySentence: why === undefined ? '' : whySentence(t, why, params),
    problemNote: note(t, problem),
    fieldNote: note(t, field),
    detailNote: note(t, detail),
  };
}

/** A backup wanted more room: there is something to do about that, whatever the reason. */
function isForRoom({ denial, wantedBytes }: Readonly<Record<string, string>>): boolean {
  return wantedBytes !== undefined && isNoRoom(denial);
}

/** What a program says, as it stands there: words that are in no catalogue. */
function note(t: Translate, text: string | undefined): string {
  return text === undefined || text === ''
    ? ''
    : lookUp(t, 'refusal.note', { detail: tameText(text, NOTE_CHARS) });
}

const NOTE_CHARS = 200;

/** A fault inside another sentence. */
function faultSentence(
  t: Translate,
  code: string,
  { fault: _fault, why: _why, context: _context, ...params }: Readonly<Record<string, string>>,
): string {
  return say(t, { key: `fault.${isFaultCode(code) ? code : 'internal'}`, params });
}

/** Why a copy is behind, where there is more to say than that it is. */
function whySentence(t: Translate, why: string, params: Readonly<Record<string, string>>): string {
  return isFaultCode(why) ? ` ${faultSentence(t, why, params)}` : '';
}

/** Faults whose `problem` is a word of ours, and where its sentence stands; in all others it is somebody's text. */
const PROBLEMS: Readonly<Record<string, string>> = {
  'fault.bad-phrase': 'phrase-problem',
  'fault.bad-plan': 'plan-problem',
  'fault.bad-policy': 'policy-problem',
};

function problemWords(t: Translate, key: string, params: Readonly<Record<string, string>>): string {
  const section = PROBLEMS[key];
  const { problem = '' } = params;
  return section !== undefined && /^[a-z-]{1,40}$/.test(problem)
    ? lookUp(t, `${section}.${problem}`, tameParams(section, params))
    : '';
}

function denialSentence(
  t: Translate,
  code: string,
  params: Readonly<Record<string, string>>,
): string {
  const note = { ...tameParams('denial', params), ...wordingOf(code, params), problemNote: '' };
  if (isDenialCode(code)) return lookUp(t, `denial.${code}`, note);
  // Words of a plot's own protocol have their own list.
  return isPlotFaultCode(code) ? lookUp(t, `plot.${code}`, note) : lookUp(t, 'refusal.unknown', {});
}

const SHARES: ReadonlySet<string> = new Set(['over-share', 'quota', 'account-over-plan']);

/** "0 B are free" is how a machine says that nothing is; what lies beyond a share is none of it. */
function wordingOf(
  code: string,
  { freeBytes, mayAskBytes, useBytes, shareBytes }: Readonly<Record<string, string>>,
): { readonly context?: string } {
  if (code === 'no-space') return freeBytes === '0' ? { context: 'none' } : {};
  if (!SHARES.has(code) || mayAskBytes !== '0') return {};
  const isBeyond = code === 'over-share' && Number(useBytes) > Number(shareBytes);
  return { context: isBeyond ? 'lent' : 'none' };
}

/** One line of the log of decisions. */
export function sayDecision(t: Translate, decision: DecisionView): string {
  const { kind, outcome, friend, requestedBytes, requestedS, code, params } = decision;
  const { context, writtenBytes } = tameParams('decision', params);
  const common = {
    friend: nameInSentence(friend),
    requestedBytes,
    requestedS,
    ...(context === undefined ? {} : { context, writtenBytes }),
  };
  const reason = code === null ? '' : denialSentence(t, code, params);
  return lookUp(t, `decision.${kind}-${outcome}`, { ...common, reason });
}

/** What a person is told unasked: a line to see at a glance, and what to do. */
export function sayNotice(
  t: Translate,
  { kind, params }: Pick<NoticeView, 'kind' | 'params'>,
): { readonly title: string; readonly body: string } {
  return {
    title: say(t, { key: `notice.${kind}-title`, params }),
    body: say(t, { key: `notice.${kind}-body`, params }),
  };
}

/** A step of a decision: who said what. */
export function sayStep(t: Translate, step: DecisionView['steps'][number]): string {
  const by = lookUp(t, `step.by.${step.by}`, {});
  const words = `${by}: ${lookUp(t, `step.${step.verdict}`, {})}`;
  return step.code === undefined || step.verdict !== 'deny'
    ? words
    : `${words} (${denialSentence(t, step.code, step.params ?? {})})`;
}
