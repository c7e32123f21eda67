import type { NamedOwner } from '../../shared/contract/household-views.ts';
import { namesWords } from '../backups/names-words.ts';
import { t } from '../state/words.ts';

/** "Counts at: Ana, Ben and this computer." */
export function hostWords(hosts: readonly NamedOwner[], self: string): string {
  if (hosts.length === 0) return t('household.hosts-all');
  const names = hosts.map(({ owner, name }) =>
    owner === self ? t('household.this-computer') : name,
  );
  return t('household.hosts', { friends: namesWords(names) });
}
