import type { AppSnapshot } from '../../shared/contract/views.ts';

/** Whether the page Household is worth a line among the pages: somebody wants it, or there is something on it. */
export function hasHousehold({
  settings,
  household: { kept, memberships, keepers },
}: Pick<AppSnapshot, 'settings' | 'household'>): boolean {
  return (
    settings.household ||
    kept.length + memberships.length > 0 ||
    keepers.some(({ honoured }) => honoured)
  );
}
