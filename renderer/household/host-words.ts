import type { NamedOwner } from '../../shared/contract/household-views.ts';
import { namesWords } from '../state/names-words.ts';
import { isUnnamed } from '../introductions/owner-words.ts';
import { t } from '../state/words.ts';

/** "Counts at: Ana, Ben and this computer." */
export function hostWords(hosts: readonly NamedOwner[], self: string): string {
  if (hosts.length === 0) return t('household.hosts-all');
  // The other hosts of a friend who keeps an account may be nobody's whom I know.
  const known = hosts.filter((host) => host.owner === self || !isUnnamed(host));
  const count = hosts.length - known.length;
  const names = known.map(({ owner, name }) =>
    owner === self ? t('household.this-computer') : name,
  );
  if (names.length === 0) return t('household.hosts-only-strangers', { count });
  const said = t('household.hosts', { friends: namesWords(names) });
  return count === 0 ? said : `${said} ${t('household.hosts-strangers', { count })}`;
}
