import { useState } from 'react';
import type { AppSnapshot, HostedPlotView, RequestView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { href } from '../state/router.ts';
import { useCall } from '../state/use-call.ts';
import { size, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { When } from '../ui/figures.tsx';
import { Problem } from '../ui/problem.tsx';
import { Purpose } from '../ui/purpose.tsx';
import { firstEndMs, loansOfOthers, turnByMs } from './lending.ts';

/** A friend asks and waits for my word: what for, yes or no, and what either means. */
export function RequestCard({
  request,
  hasLink = false,
}: {
  readonly request: RequestView;
  /** Where it isn't his page anyway. */
  readonly hasLink?: boolean;
}) {
  const { call, busy, problem } = useCall();
  const [said, setSaid] = useState<boolean>();
  const { ticket, owner, friend, sizeBytes, durationS, loan, sinceMs } = request;
  const name = nameInSentence(friend);
  // What was pressed last counts until the core says the same.
  const answered = said ?? request.answered;
  const answer = async (isYes: boolean) => {
    const heard = await call('requests.answer', { ticket, yes: isYes });
    if (heard !== undefined) setSaid(isYes);
  };
  // Whoever pressed the wrong one can still say so, until it was heard.
  const yes = t(answered === null ? 'requests.yes' : 'requests.yes-after-all');
  const no = t(answered === null ? 'requests.no' : 'requests.no-after-all');
  const words = { name, size: size(sizeBytes) };
  const title = t('requests.asks', { name, sizeBytes, durationS });
  return (
    <article className="card acts need" aria-label={title}>
      <div>
        <p className="strong">{title}</p>
        {loan ? <p>{t('requests.loan-will-do')}</p> : null}
        <Purpose words={request.purpose} />
        <p className="quiet" role="status">
          {answered === null
            ? t('requests.asks-what', { name })
            : t(answered ? 'requests.said-yes' : 'requests.said-no', { name })}
        </p>
        <p className="small quiet">
          <When ms={sinceMs} />
        </p>
        <Problem>{problem}</Problem>
      </div>
      <div className="row">
        {hasLink ? <a href={href({ page: 'friend', owner })}>{t('home.look')}</a> : null}
        {answered === false ? null : (
          <Button
            disabled={busy}
            label={t('requests.answer-what', { ...words, answer: no })}
            onPress={() => void answer(false)}
          >
            {no}
          </Button>
        )}
        {answered === true ? null : (
          <Button
            look={answered === null ? 'primary' : 'plain'}
            disabled={busy}
            label={t('requests.answer-what', { ...words, answer: yes })}
            onPress={() => void answer(true)}
          >
            {yes}
          </Button>
        )}
      </div>
    </article>
  );
}

/** Who stands in line for a share of his own, until when at the latest, and whose loans come back for it. */
export function InLine({
  requests,
  hosted,
  nowMs,
}: {
  readonly requests: readonly RequestView[];
  readonly hosted: AppSnapshot['hosted'];
  readonly nowMs: number;
}) {
  if (requests.length === 0) return null;
  return (
    <section className="section" aria-labelledby="line-title">
      <div className="stack tight">
        <h2 id="line-title">{t('requests.line-title')}</h2>
        <p className="small quiet">{t('requests.line-nothing')}</p>
      </div>
      <ul className="lines card">
        {requests.map((request) => (
          <li key={request.ticket} className="stack tight">
            <p>{waitWords(request, nowMs)}</p>
            <Purpose words={request.purpose} />
            <p className="small quiet">{loanWords(loansOfOthers(hosted, request.owner), nowMs)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function waitWords({ friend, sizeBytes, sinceMs }: RequestView, nowMs: number): string {
  const byMs = turnByMs(sinceMs, nowMs);
  const words = { name: nameInSentence(friend), sizeBytes };
  return byMs === undefined
    ? t('requests.waits-on', words)
    : t('requests.waits', { ...words, byMs });
}

/** A few say enough; the bed shows all of them. */
const LOANS_SHOWN = 3;

function loanWords(loans: readonly HostedPlotView[], nowMs: number): string {
  if (loans.length === 0) return t('requests.loans-back');
  const words = loans.slice(0, LOANS_SHOWN).map((plot) => {
    const untilMs = firstEndMs([plot], nowMs);
    const said = { name: nameInSentence(plot.friend), lentBytes: plot.promisedBytes, untilMs };
    return t(untilMs === undefined ? 'requests.loan-over' : 'requests.loan', said);
  });
  const more = loans.length - words.length;
  return [...words, ...(more > 0 ? [t('requests.loans-more', { count: more })] : [])].join(' ');
}
