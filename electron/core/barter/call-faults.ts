import type { DenialCode } from '../../../shared/denial.ts';
import { failed } from '../../../shared/result.ts';

/** What calls about notes and orders have in common where they end badly. */
export type Refused = {
  readonly code: 'refused';
  readonly denial: DenialCode;
  readonly params: Readonly<Record<string, string>>;
};

export const UNREACHABLE = failed({ code: 'unreachable' } as const);
/** The person has switched it off here; it is said as a friend's device would say it. */
export const BARTER_OFF = failed<Refused>({ code: 'refused', denial: 'barter-off', params: {} });
