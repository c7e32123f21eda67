import { nameInSentence, shortNames, tameText } from './short-name.ts';

/**
 * What stands beside a key is data: some of it other people's, some from the books of an older version.
 * To i18next the same object is also its options (`lng`, `returnObjects`, `defaultValue` …), with which
 * data could change what is said or break it. So only parameters that sentences have get through, each
 * tame and as long as it may be.
 */
type Params = Readonly<Record<string, string>>;

/** Bytes, seconds, moments and units of notes: the formats say "?" to what is none. */
const FIGURE = /^[a-z]+([A-Z][a-z]+)*(Bytes|S|Ms|Units)$/;
const FIGURE_CHARS = 20;

const PATH_CHARS = 1000;
const LINE_CHARS = 200;
const WORD_CHARS = 60;

/** Texts, and the most of each that is shown. */
const TEXTS = new Map<string, number>([
  // Of my own disk: they may be long.
  ...['folder', 'path', 'store', 'file', 'home'].map((name) => [name, PATH_CHARS] as const),
  ...['detail', 'problem', 'address', 'network', 'reason', 'field'].map(
    (name) => [name, LINE_CHARS] as const,
  ),
  ...['set', 'snapshot', 'plot', 'error', 'version', 'found', 'known', 'port', 'until'].map(
    (name) => [name, WORD_CHARS] as const,
  ),
  ...['position', 'words', 'percent', 'fault', 'denial'].map((name) => [name, WORD_CHARS] as const),
]);

/** Sentences with wordings of their own for what may be the case. */
const HAS_WORDINGS = /^(notice\.|trouble\.|decision$)/;

/** Parameters that hold what somebody calls himself or his device. */
const NAMES: ReadonlySet<string> = new Set(['friend', 'name', 'by', 'device', 'account', 'drive']);

export function tameParams(key: string, params: Params): Readonly<Record<string, string>> {
  const tame: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) {
    const said = tameParam(key, name, String(value));
    if (said !== undefined) tame[name] = said;
  }
  return tame;
}

function tameParam(key: string, name: string, value: string): string | undefined {
  if (NAMES.has(name)) return shortNames(value);
  if (name === 'set' && key.startsWith('notice.')) return nameInSentence(value, 30);
  const most = TEXTS.get(name);
  if (most !== undefined) return tameText(value, most);
  if (FIGURE.test(name)) return tameText(value, FIGURE_CHARS);
  // The two options that data may choose: how many, and which of its own wordings a sentence takes.
  if (name === 'count') return /^[0-9]{1,9}$/.test(value) ? value : undefined;
  if (name === 'context' && HAS_WORDINGS.test(key))
    return /^[a-z][a-z-]{0,30}$/.test(value) ? value : undefined;
  return undefined;
}
