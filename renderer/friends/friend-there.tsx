import type { AppSnapshot, FriendView, MyPlotView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { t } from '../state/words.ts';
import { Size } from '../ui/figures.tsx';
import { firstEndMs, type Loans, loansOf } from './lending.ts';

type There = NonNullable<FriendView['there']>;
type MyLoans = Loans<MyPlotView>;

/** What I may use at a friend's place, as he said last. */
export function FriendThere({
  friend,
  mine,
  nowMs,
}: {
  readonly friend: FriendView;
  readonly mine: AppSnapshot['mine'];
  readonly nowMs: number;
}) {
  const { there } = friend;
  const name = nameInSentence(friend.name);
  if (there === null) return <p className="quiet">{t('friend.there-unsaid', { name })}</p>;
  const { shareBytes, useBytes, mayAskBytes, mayBorrowBytes, asOfMs } = there;
  const hasNothing = [mayAskBytes, useBytes, mayBorrowBytes].every((bytes) => BigInt(bytes) === 0n);
  const facts = [
    ['friend.there-share', shareBytes],
    ['friend.there-use', useBytes],
    ['friend.there-may-ask', mayAskBytes],
  ] as const;
  const loans = loanWords(there, loansOf(mine, friend.owner), nowMs);
  return (
    <div className="stack tight">
      {hasNothing ? (
        <p>{t('friend.there-nothing', { name })}</p>
      ) : (
        <dl className="facts">
          {facts.map(([key, bytes]) => (
            <div key={key}>
              <dt>{t(key)}</dt>
              <dd>
                <Size bytes={bytes} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {loans === '' ? null : <p>{loans}</p>}
      <p className="small quiet">{t('friend.there-as-of', { name, asOfMs })}</p>
    </div>
  );
}

/**
 * "Your share is 50 GB, all in use. 12 GB more are lent to you …": whose they are is the owner's to know
 * (design §3.3).
 */
function loanWords(there: There, loans: MyLoans, nowMs: number): string {
  const { shareBytes, mayAskBytes, lentBytes, mayBorrowBytes } = there;
  const [hasLoan, mayBorrow] = [BigInt(lentBytes) > 0n, BigInt(mayBorrowBytes) > 0n];
  if (!hasLoan && !mayBorrow) return '';
  const isFull = shareBytes !== null && BigInt(shareBytes) > 0n && BigInt(mayAskBytes) === 0n;
  return [
    ...(isFull ? [t('lending.there-full', { shareBytes })] : []),
    ...(hasLoan ? [lentWords(lentBytes, loans, nowMs)] : []),
    ...(mayBorrow ? [t('lending.there-more', { mayBorrowBytes })] : []),
  ].join(' ');
}

/** The host said how much; until when is known of my own plots, if they have been read and are all alike. */
function lentWords(lentBytes: string, { running, over }: MyLoans, nowMs: number): string {
  if (running.length === 0 && over.length > 0) return t('lending.there-over', { lentBytes });
  const untilMs = firstEndMs(running, nowMs);
  return untilMs === undefined || over.length > 0
    ? t('lending.there', { lentBytes })
    : t('lending.there-until', { lentBytes, count: running.length, untilMs });
}
