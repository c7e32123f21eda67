import type { NoticeView } from '../contract/views.ts';
import { DAY_MS } from '../units.ts';
import type { ThresholdMemory } from './thresholds.ts';

/** What has to be remembered so that nothing is told twice; kept across restarts. */
export type NoticeMemory = {
  /** The last decision that was looked at. */
  readonly decision: number;
  /** By `<kind>:<whose>`. */
  readonly thresholds: Readonly<Record<string, ThresholdMemory>>;
  /** When a refusal of this friend's was told last. */
  readonly refusedMs: Readonly<Record<string, number>>;
  readonly notices: readonly KeptNotice[];
};

export type KeptNotice = NoticeView & {
  /** Tells one occurrence from the next: under another mark it has happened anew. */
  readonly mark: string;
};

/** What is true now, before it is known whether it was told already. */
export type Candidate = Omit<KeptNotice, 'atMs' | 'dismissed'>;

export const NOTICES_MAX = 100;
export const MONTH_MS = 30 * DAY_MS;
