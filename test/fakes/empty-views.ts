import type { AppSnapshot } from '../../shared/contract/views.ts';

/** What a home shows that neither keeps accounts nor barters nor vouches. */
export const emptyViews: Pick<
  AppSnapshot,
  'household' | 'barter' | 'vouchers' | 'overShare' | 'restores' | 'recovery'
> = {
  household: { kept: [], memberships: [], keepers: [], untold: 0 },
  barter: {
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
  },
  vouchers: { issued: [], held: [], guests: [] },
  overShare: [],
  restores: [],
  recovery: { state: 'none', possible: false, friends: [], sets: [], doubtful: [], fault: null },
};
