import { useEffect, useState } from 'react';
import type { BarterView, NoteLogView } from '../../shared/contract/barter-views.ts';
import { sayNoteMovement } from '../../shared/words/say-notes.ts';
import { useIsLive } from '../state/use-answer.ts';
import { faultWords, useDoor } from '../state/use-call.ts';
import { currentRegion, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { When } from '../ui/figures.tsx';
import { Failed, Loading } from '../ui/states.tsx';
import type { Money } from './amounts.ts';

const PAGE = 20;

/** Every movement of notes in a sentence, newest first; nothing in it is ever changed or taken out. */
export function NoteLog({ barter, money }: { readonly barter: BarterView; readonly money: Money }) {
  const door = useDoor();
  const isLive = useIsLive();
  const [read, setRead] = useState<Read>();
  const [problem, setProblem] = useState<string>();
  const [attempt, setAttempt] = useState(0);
  // Read again whenever something about barter has changed: its newest page holds what is new.
  useEffect(() => {
    let isCurrent = true;
    void door('barter.log', { limit: PAGE }).then((result) => {
      if (!isCurrent) return;
      setProblem(result.ok ? undefined : faultWords(result.fault));
      if (!result.ok) return;
      const page = result.value;
      setRead((before) => withOlder(page, before));
    });
    return () => {
      isCurrent = false;
    };
  }, [door, isLive, barter, attempt]);
  if (read === undefined)
    return problem === undefined ? (
      <Loading what={t('ui.loading')} />
    ) : (
      <Failed problem={problem} onRetry={() => setAttempt(attempt + 1)} />
    );
  const { lines, isWhole } = read;
  if (lines.length === 0) return <p className="quiet">{t('barter.log-none')}</p>;
  const more = async () => {
    const last = lines.at(-1);
    if (last === undefined) return;
    const result = await door('barter.log', { before: last.number, limit: PAGE });
    setProblem(result.ok ? undefined : faultWords(result.fault));
    if (!result.ok) return;
    setRead({ lines: [...lines, ...result.value], isWhole: result.value.length < PAGE });
  };
  const { currency } = barter;
  const rateOf = (issuer: NoteLogView['issuer']) =>
    issuer === 'self'
      ? 1
      : (barter.wallet.find((purse) => purse.issuer.owner === issuer.owner)?.rate ?? 1);
  return (
    <>
      <ol className="lines card barter-log">
        {lines.map((line) => (
          <li key={line.number}>
            <p title={money.room(line.units)}>
              {sayNoteMovement(t, line, {
                currency,
                rate: rateOf(line.issuer),
                locale: currentRegion(),
              })}
            </p>
            <p className="small quiet">
              <When ms={line.atMs} />
            </p>
          </li>
        ))}
      </ol>
      {problem === undefined ? null : <p className="fault small">{problem}</p>}
      <div className="row">
        {isWhole ? null : <Button onPress={() => void more()}>{t('barter.log-more')}</Button>}
      </div>
    </>
  );
}

type Read = {
  readonly lines: readonly NoteLogView[];
  /** There is nothing older. */
  readonly isWhole: boolean;
};

/** The newest page with what was read before behind it; a gap between them starts the list anew. */
function withOlder(page: readonly NoteLogView[], before: Read | undefined): Read {
  const last = page.at(-1)?.number;
  const hasMet =
    last !== undefined && before !== undefined && before.lines.some(({ number }) => number >= last);
  if (!hasMet) return { lines: page, isWhole: page.length < PAGE };
  return { ...before, lines: [...page, ...before.lines.filter(({ number }) => number < last)] };
}
