import { type FormEvent, useState } from 'react';
import type { FriendView, TriedView } from '../../shared/contract/views.ts';
import { DAY_S } from '../../shared/units.ts';
import { say } from '../../shared/words/say.ts';
import { sayTried, sayTriedReason } from '../../shared/words/say-tried.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { Steps } from '../activity/steps.tsx';
import { useCall } from '../state/use-call.ts';
import { currentUnits, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { CheckLine } from '../ui/checks.tsx';
import { Choice } from '../ui/choice.tsx';
import { Field } from '../ui/field.tsx';
import { Problem } from '../ui/problem.tsx';
import { readSize } from '../ui/typed-size.ts';
import './policy.css';

const TIMES = { week: 7 * DAY_S, month: 30 * DAY_S, year: 365 * DAY_S } as const;
type Time = keyof typeof TIMES;
const TIME_NAMES = Object.keys(TIMES) as readonly Time[];

/** What would happen if this friend asked: answered by the very code that would decide, with no effect. */
export function TryRequest({ friend }: { readonly friend: FriendView }) {
  const [typed, setTyped] = useState(currentUnits() === 'decimal' ? '20 GB' : '20 GiB');
  const [time, setTime] = useState<Time>('month');
  const [isLoan, setLoan] = useState(false);
  const [tried, setTried] = useState<TriedView>();
  const { call, busy, problem } = useCall();
  const name = nameInSentence(friend.name);
  const bytes = readSize(typed, currentUnits());
  const reason = tried === undefined ? undefined : sayTriedReason(t, tried);
  // An answer belongs to the question that stands above it.
  const change = (apply: () => void) => {
    setTried(undefined);
    apply();
  };
  const attempt = async (event: FormEvent) => {
    event.preventDefault();
    if (bytes === undefined) return;
    const accept = isLoan ? { accept: 'borrowed' as const } : {};
    const ask = { friend: friend.owner, size: `${bytes}`, durationS: TIMES[time], ...accept };
    setTried(await call('policy.try', ask));
  };
  return (
    <details className="card">
      <summary>{t('try.title', { name })}</summary>
      <form className="stack try" onSubmit={(event) => void attempt(event)}>
        <p className="quiet">{t('try.what', { name })}</p>
        <Field
          narrow
          label={t('try.size')}
          value={typed}
          onChange={(text) => change(() => setTyped(text))}
          problem={typed.trim() !== '' && bytes === undefined ? t('fault.bad-size') : undefined}
        />
        <Choice
          strip
          label={t('try.time')}
          value={time}
          options={TIME_NAMES.map((value) => ({ value, label: t(`try.time-${value}`) }))}
          onChange={(value) => change(() => setTime(value))}
        />
        <CheckLine
          label={t('try.loan')}
          isChecked={isLoan}
          onChange={(value) => change(() => setLoan(value))}
        />
        <div className="row">
          <Button type="submit" disabled={busy || bytes === undefined}>
            {t('try.act')}
          </Button>
        </div>
        <Problem>{problem}</Problem>
        <div role="status" className="stack tight">
          {tried === undefined ? null : (
            <>
              <p className="strong">{sayTried(t, tried, friend.name)}</p>
              {reason === undefined ? null : <p>{reason}</p>}
              {(tried.assumed ?? []).map((each) => {
                const words = say(t, each);
                return (
                  <p key={words} className="quiet">
                    {words}
                  </p>
                );
              })}
              {tried.steps.length === 0 ? null : <Steps steps={tried.steps} />}
            </>
          )}
        </div>
      </form>
    </details>
  );
}
