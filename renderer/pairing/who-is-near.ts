import type { NetworksView } from '../../shared/contract/views.ts';
import { isAsked } from '../networks/is-asked.ts';

/** Why a list of devices nearby is empty, in the order in which it has to be mended. Pure. */
export type NobodyNear = 'off' | 'no-network' | 'not-asked' | 'not-home' | 'looking' | 'nobody';

export function whoIsNear({ networks, isOff }: NetworksView, isLooking: boolean): NobodyNear {
  if (isOff === true) return 'off';
  if (networks.length === 0) return 'no-network';
  if (networks.some(({ home }) => home === true)) return isLooking ? 'looking' : 'nobody';
  return networks.some(isAsked) ? 'not-asked' : 'not-home';
}
