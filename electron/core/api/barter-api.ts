import type { Api } from '../../../shared/contract/api.ts';
import type { BarterView } from '../../../shared/contract/barter-views.ts';
import { fault } from '../../../shared/fault.ts';
import { failed, ok } from '../../../shared/result.ts';
import type { CoreParts } from './core-parts.ts';

type BarterApi = Pick<
  Api,
  | 'barter.get'
  | 'barter.set'
  | 'barter.give'
  | 'barter.send'
  | 'barter.propose'
  | 'barter.answer'
  | 'barter.log'
>;

export function barterApi(parts: CoreParts): BarterApi {
  const off = async () => failed(fault('barter-off'));
  return {
    'barter.get': async () => ok(await barterView(parts)),
    'barter.set': off,
    'barter.give': off,
    'barter.send': off,
    'barter.propose': off,
    'barter.answer': off,
    'barter.log': async () => ok([]),
  };
}

export async function barterView(_parts: CoreParts): Promise<BarterView> {
  return {
    on: false,
    currency: { name: null, perGbMonth: 1 },
    mint: {
      outstandingUnits: '0',
      outstandingBytes: '0',
      mayIssueUnits: '0',
      issuedUnits: '0',
      redeemedUnits: '0',
      expiresMs: null,
      problem: null,
    },
    wallet: [],
    orders: [],
    translator: { on: false, mostGiveUnits: '0', mostWantUnits: '0' },
  };
}
