import type { Api } from '../../../shared/contract/api.ts';
import type { VouchersView } from '../../../shared/contract/voucher-views.ts';
import { fault } from '../../../shared/fault.ts';
import { failed, ok } from '../../../shared/result.ts';
import type { CoreParts } from './core-parts.ts';

type VouchersApi = Pick<
  Api,
  'vouchers.list' | 'vouchers.issue' | 'vouchers.withdraw' | 'vouchers.take'
>;

export function vouchersApi(parts: CoreParts): VouchersApi {
  return {
    'vouchers.list': async () => ok(await vouchersView(parts)),
    'vouchers.issue': async ({ host }) => failed(fault('friend-unknown', { friend: host })),
    'vouchers.withdraw': async () => failed(fault('voucher-unknown')),
    'vouchers.take': async () => failed(fault('bad-voucher')),
  };
}

export async function vouchersView(_parts: CoreParts): Promise<VouchersView> {
  return { issued: [], held: [], guests: [] };
}
