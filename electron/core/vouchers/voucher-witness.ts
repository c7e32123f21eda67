import type { OwnerId } from '../../../shared/ids.ts';
import type { AnyReason } from '../../../shared/model/allocate.ts';
import type { Witness } from '../ledger/witnesses.ts';
import type { Clock } from '../ports.ts';
import type { GatheredVouchers } from './voucher-ground.ts';
import { readChain } from './voucher.ts';

/** More than two at once only make this device check signatures. */
export const CHAINS_MAX = 2;

/** Checks the signatures of vouchers before a request is decided: mathematics, no question to anybody. */
export function createVoucherWitness({
  host,
  clock,
}: {
  readonly host: OwnerId;
  readonly clock: Pick<Clock, 'nowMs'>;
}): Witness {
  return {
    kind: 'voucher',
    gather: async ({ owner, why }): Promise<GatheredVouchers> =>
      chainsOf(why).map((chain) =>
        readChain(chain, { host, newcomer: owner, nowMs: clock.nowMs() }),
      ),
  };
}

function chainsOf(why: readonly AnyReason[]): readonly (readonly string[])[] {
  return why
    .flatMap((reason) => (reason.kind === 'voucher' && isChain(reason) ? [reason.chain] : []))
    .slice(0, CHAINS_MAX);
}

function isChain(
  reason: AnyReason,
): reason is Extract<AnyReason, { readonly chain: readonly string[] }> {
  return 'chain' in reason;
}
