import type { NetworksView } from '../../shared/contract/views.ts';

/** Why a list of devices nearby is empty, in the order in which it has to be mended. Pure. */
export type NobodyNear = 'no-network' | 'not-asked' | 'not-home' | 'looking' | 'nobody';

export function whoIsNear({ networks }: NetworksView, isLooking: boolean): NobodyNear {
  if (networks.length === 0) return 'no-network';
  if (networks.some(({ home }) => home === true)) return isLooking ? 'looking' : 'nobody';
  // Of networks between this computer and what runs inside it nobody is asked.
  const isAsked = networks.some(({ home, kind }) => home === null && kind !== 'virtual');
  return isAsked ? 'not-asked' : 'not-home';
}
