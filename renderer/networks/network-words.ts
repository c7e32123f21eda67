import type { NetworkView } from '../../shared/contract/views.ts';
import { t } from '../state/words.ts';

/** "192.168.1.0/24 (Wi-Fi)": what a network is called wherever it is spoken of. */
export function networkWords({ label, kind }: Pick<NetworkView, 'label' | 'kind'>): string {
  return t('networks.named', { label, kind: t(`network-kind.${kind}`) });
}
