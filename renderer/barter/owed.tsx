import type { MintView } from '../../shared/contract/barter-views.ts';
import { say } from '../../shared/words/say.ts';
import { t } from '../state/words.ts';
import type { Money } from './amounts.ts';

/** What I have promised to whoever comes with notes of mine, and what is kept free for it. */
export function Owed({ mint, money }: { readonly mint: MintView; readonly money: Money }) {
  const { outstandingUnits, outstandingBytes, mayIssueUnits, redeemedUnits } = mint;
  const isNothing = outstandingUnits === '0';
  return (
    <div className="card stack tight">
      {mint.problem === null ? null : <p className="warn">{say(t, mint.problem)}</p>}
      <p>
        {isNothing
          ? t('barter.owed-nothing')
          : t('barter.owed-some', { amount: money.amount(outstandingUnits), outstandingBytes })}
      </p>
      <p className="small quiet">
        {[
          mayIssueUnits === '0'
            ? t('barter.may-issue-nothing')
            : t('barter.may-issue', { room: money.room(mayIssueUnits) }),
          ...(mint.expiresMs === null
            ? []
            : [t('barter.issued-run-out', { expiresMs: mint.expiresMs })]),
          ...(redeemedUnits === '0'
            ? []
            : [t('barter.redeemed', { amount: money.amount(redeemedUnits) })]),
        ].join(' ')}
      </p>
    </div>
  );
}
