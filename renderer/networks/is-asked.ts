import type { NetworkView } from '../../shared/contract/views.ts';

/** Networks between this computer and what runs inside it are nobody's home. */
export function isAsked({ home, kind }: Pick<NetworkView, 'home' | 'kind'>): boolean {
  return home === null && kind !== 'virtual';
}
