import type { Api } from '../../../shared/contract/api.ts';
import type { CoreParts } from './core-parts.ts';
import { notYet } from './not-yet.ts';

/** Coming back from 24 words, and carrying repositories on a disk. */
type RecoveryApi = Pick<
  Api,
  | 'recovery.sheet'
  | 'recovery.get'
  | 'recovery.begin'
  | 'recovery.call'
  | 'sets.export'
  | 'plots.export'
  | 'plots.import'
>;

export function recoveryApi(_parts: CoreParts): RecoveryApi {
  return {
    'recovery.sheet': notYet,
    'recovery.get': notYet,
    'recovery.begin': notYet,
    'recovery.call': notYet,
    'sets.export': notYet,
    'plots.export': notYet,
    'plots.import': notYet,
  };
}
