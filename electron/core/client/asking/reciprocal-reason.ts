import type { Async } from '../../../../shared/async.ts';
import type { Moment } from '../../../../shared/model/moment.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { ReasonSource } from './reasons.ts';

const PLOTS_MAX = 64;

/** "I keep this for you": the plots of the very friend who is asked, if he has any here. */
export function reciprocalSource({
  ledger,
  moment,
}: {
  readonly ledger: Pick<Async<Ledger>, 'plots'>;
  readonly moment: () => Moment;
}): ReasonSource {
  return {
    cost: 'free',
    reasons: async ({ owner }) => {
      const rows = await ledger.plots({ owner, moment: moment() });
      const kept = rows.filter(
        ({ state, writtenBytes }) => state !== 'released' && writtenBytes > 0n,
      );
      const plots = kept.slice(0, PLOTS_MAX).map(({ plot }) => plot);
      return plots.length === 0 ? [] : [{ kind: 'reciprocal', plots }];
    },
  };
}
