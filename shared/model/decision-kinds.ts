/** What the log of decisions can hold (design §3.2); literals only, the window filters by them. */
export const DECISION_KINDS = [
  'allocate',
  'renew',
  'resize',
  'release',
  'lapse',
  'reclaim',
  'erase',
  'adopt',
] as const;
export type DecisionKind = (typeof DECISION_KINDS)[number];

export const DECISION_OUTCOMES = ['granted', 'counter', 'pending', 'denied', 'done'] as const;
export type DecisionOutcome = (typeof DECISION_OUTCOMES)[number];
