import { type DenialCode, isDenialCode } from './denial.ts';
import { isPlotFaultCode, type PlotFaultCode } from './wire/plot-faults.ts';
import { shortName } from './words/short-name.ts';

/**
 * What another device may say beside the code of its refusal. The wire lets any name pass, so that
 * versions to come can add some; here only those that a sentence of ours can use come in, each as what
 * it should be. Whatever else a device sends would otherwise end in the owner's books and be told from there.
 */
type Kind = 'bytes' | 'count' | 'seconds' | 'word' | 'text';
type Known = Readonly<Record<string, Kind>>;

/** What the request itself gets wrong is told to whoever mends the program. */
const MESSAGE: Known = { field: 'text', problem: 'text' };
const SHARE: Known = {
  shareBytes: 'bytes',
  quotaBytes: 'bytes',
  useBytes: 'bytes',
  mayAskBytes: 'bytes',
  mayBorrowBytes: 'bytes',
  requestedBytes: 'bytes',
};

const known: Readonly<Partial<Record<DenialCode | PlotFaultCode, Known>>> = {
  'bad-request': MESSAGE,
  'unknown-version': MESSAGE,
  'bad-size': { ...MESSAGE, maxBytes: 'bytes' },
  'bad-duration': MESSAGE,
  'quiet-hours': { until: 'word' },
  'size-too-big': { maxBytes: 'bytes' },
  'duration-too-long': { maxS: 'seconds' },
  'no-space': { freeBytes: 'bytes' },
  'over-share': SHARE,
  quota: SHARE,
  'account-over-plan': { ...SHARE, planBytes: 'bytes' },
  'not-reciprocal': { ...SHARE, heldBytes: 'bytes' },
  'voucher-used-up': SHARE,
  'notes-short': { needUnits: 'count', haveUnits: 'count' },
  'below-written': { minBytes: 'bytes' },
  'keep-only-stale': { sequence: 'count' },
  'plot-full': { freeBytes: 'bytes', trashBytes: 'bytes' },
  'disk-failed': { error: 'word' },
};

export function isRefusalCode(code: string): code is DenialCode | PlotFaultCode {
  return isDenialCode(code) || isPlotFaultCode(code);
}

type Params = Readonly<Record<string, string>>;

/** Of what came with a refusal: what is known beside its code, and is what it should be. */
export function refusalParams(code: string, given: Params): Record<string, string> {
  const tame: Record<string, string> = {};
  if (!isRefusalCode(code)) return tame;
  for (const [name, kind] of Object.entries(known[code] ?? {})) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const sound = value === undefined ? undefined : asKind(kind, value);
    if (sound !== undefined) tame[name] = sound;
  }
  return tame;
}

/** Beside a refusal in the books: whose it is, about what, and what it is. */
const OWN = ['friend', 'set', 'fault', 'denial', 'wantedBytes'] as const;

/** The parameters of a fault as they were written down, maybe by a version that let everything in. */
export function keptParams(kept: Params): Params {
  const { denial } = kept;
  if (denial === undefined) return kept;
  const own = OWN.flatMap((name) => {
    const value = kept[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...refusalParams(denial, kept), ...Object.fromEntries(own) };
}

const TEXT_CHARS = 80;
const WORD_CHARS = 40;

function asKind(kind: Kind, value: string): string | undefined {
  switch (kind) {
    case 'bytes':
    case 'count':
      return /^(0|[1-9][0-9]{0,18})$/.test(value) ? value : undefined;
    case 'seconds':
      return /^(0|[1-9][0-9]{0,15})$/.test(value) ? value : undefined;
    case 'word':
      return shortName(value, WORD_CHARS);
    default:
      return shortName(value, TEXT_CHARS);
  }
}
