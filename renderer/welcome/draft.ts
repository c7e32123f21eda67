import type { Door } from '../state/door.ts';

/**
 * What was typed in the first steps, kept until they are over: neither going back nor a window that
 * was closed, reloaded or lost its core may cost anybody a word.
 */
export type Draft = {
  readonly step: Step;
  /** Absent until it was typed: then what is suggested stands in the field. */
  readonly name?: string;
  readonly folder?: string;
  readonly size?: string;
  readonly keep?: string;
  readonly share?: Share;
};

export const STEPS = ['you', 'space', 'friends', 'ready'] as const;
export type Step = (typeof STEPS)[number];

/** `evenly`: a fair share for everybody; `each`: nothing before the owner has said so; `kept`: a rule made elsewhere stays. */
export type Share = 'evenly' | 'each' | 'kept';

const KEY = 'allotment-welcome-1';
export const DRAFT_AT_FIRST: Draft = { step: 'you' };

type Keep = Door['keep'] | undefined;

export function keptDraft(keep: Keep): Draft {
  try {
    const value: unknown = JSON.parse(keep?.getItem(KEY) ?? 'null');
    return typeof value === 'object' && value !== null ? readDraft(value) : DRAFT_AT_FIRST;
  } catch {
    return DRAFT_AT_FIRST;
  }
}

export function keepDraft(keep: Keep, draft: Draft): void {
  try {
    keep?.setItem(KEY, JSON.stringify(draft));
  } catch {
    // A full or forbidden storage costs what a reload would lose, and nothing else.
  }
}

export function dropDraft(keep: Keep): void {
  try {
    keep?.removeItem(KEY);
  } catch {
    // As above.
  }
}

/** Whatever is not what this version would have kept is left out. */
function readDraft(value: object): Draft {
  const parts = value as Readonly<Record<string, unknown>>;
  const text = (key: string) => {
    const part = parts[key];
    return typeof part === 'string' ? { [key]: part } : {};
  };
  const step = STEPS.find((each) => each === parts['step']) ?? 'you';
  const share = (['evenly', 'each', 'kept'] as const).find((each) => each === parts['share']);
  return {
    step,
    ...text('name'),
    ...text('folder'),
    ...text('size'),
    ...text('keep'),
    ...(share === undefined ? {} : { share }),
  };
}
