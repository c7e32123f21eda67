import { type FormEvent, useEffect, useRef, useState } from 'react';
import { beginOfDay } from '../../shared/words/typed-day.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { LinesField } from '../ui/lines-field.tsx';
import { Problem } from '../ui/problem.tsx';
import { useFirstInvalid } from '../ui/use-first-invalid.ts';
import { StepActs } from '../welcome/step-acts.tsx';
import { WORDS, wordsOf, wrongPlace } from './phrase-text.ts';
import {
  NO_ADDRESS,
  type SheetAddress,
  SheetAddressFields,
  sheetAddressOf,
} from './sheet-address.tsx';

/** The 24 words, in one field; from the sheet also whom to call and which computer is no more. */
export function WordsEntry({
  isPossible,
  onBegun,
  onBack,
}: {
  readonly isPossible: boolean;
  readonly onBegun: (address: SheetAddress | undefined) => void;
  readonly onBack: () => void;
}) {
  const [text, setText] = useState('');
  const [typed, setTyped] = useState(NO_ADDRESS);
  const [replaces, setReplaces] = useState('');
  const [stolen, setStolen] = useState('');
  const [sent, setSent] = useState<string>();
  const [tries, setTries] = useState(0);
  const form = useFirstInvalid(tries);
  const { call, busy, problem, fault } = useCall();
  const words = wordsOf(text);
  const phrase = words.join(' ');
  // What was said is of the words as they were sent.
  const isOfThese = fault?.code === 'bad-phrase' && sent === phrase;
  // Nothing else of what is sent can be wrong in this way.
  const isOfReplaces = fault?.code === 'bad-arguments';
  const wrong = isOfThese ? wrongPlace(fault.params) : undefined;
  const stolenMs = beginOfDay(stolen);
  const dayProblem = dayProblemOf(stolen, stolenMs);
  // What is wrong in there must not stay folded away.
  const fromSheet = useRef<HTMLDetailsElement>(null);
  const unfold = () => {
    if (fromSheet.current !== null) fromSheet.current.open = true;
    setTries((count) => count + 1);
  };
  useEffect(() => {
    if (fault?.code === 'bad-arguments') unfold();
  }, [fault]);
  const begin = async (event: FormEvent) => {
    event.preventDefault();
    setSent(phrase);
    const strikes = replaces.trim();
    if (dayProblem !== undefined) {
      unfold();
      return;
    }
    const begun = await call('recovery.begin', {
      words: phrase,
      ...(strikes === '' ? {} : { replaces: strikes }),
      ...(stolenMs === undefined ? {} : { stolenMs }),
    });
    if (begun === undefined) return;
    onBegun(sheetAddressOf(typed));
  };
  if (!isPossible)
    return (
      <div className="stack">
        <p>{t('recovery.not-possible')}</p>
        <StepActs onBack={onBack}>{null}</StepActs>
      </div>
    );
  return (
    <form ref={form} className="stack" onSubmit={(event) => void begin(event)}>
      <p>{t('recovery.what')}</p>
      <WordsField
        text={text}
        onChange={setText}
        wrong={wrong}
        problem={isOfThese ? problem : undefined}
      />
      <details ref={fromSheet}>
        <summary>{t('recovery.from-sheet')}</summary>
        <div className="stack recovery-sheet-fields">
          <SheetAddressFields typed={typed} onChange={setTyped} />
          <Field
            label={t('recovery.replaces')}
            hint={t('recovery.replaces-hint')}
            value={replaces}
            onChange={setReplaces}
            problem={isOfReplaces ? t('recovery.bad-replaces') : undefined}
            maxLength={100}
          />
          <Field
            label={t('recovery.stolen')}
            hint={t('recovery.stolen-hint')}
            value={stolen}
            onChange={setStolen}
            problem={dayProblem}
            maxLength={12}
            narrow
          />
        </div>
      </details>
      <Problem>{fault?.code === 'bad-phrase' || isOfReplaces ? undefined : problem}</Problem>
      <StepActs onBack={onBack}>
        <Button look="primary" type="submit" disabled={busy || words.length !== WORDS}>
          {t(busy ? 'recovery.beginning' : 'recovery.begin')}
        </Button>
      </StepActs>
    </form>
  );
}

function dayProblemOf(text: string, ms: number | undefined): string | undefined {
  if (text.trim() === '') return undefined;
  if (ms === undefined) return t('recovery.bad-day');
  // Nobody would be asked about anybody, and the person would think he had said it.
  return ms > Date.now() ? t('recovery.day-ahead') : undefined;
}

/** One field for all of them, that counts along. */
export function WordsField({
  text,
  onChange,
  wrong,
  problem,
}: {
  readonly text: string;
  readonly onChange: (text: string) => void;
  /** The place of the one that is in no list. */
  readonly wrong: number | undefined;
  readonly problem: string | undefined;
}) {
  const words = wordsOf(text);
  return (
    <div className="stack tight">
      <LinesField
        label={t('recovery.words')}
        hint={t('recovery.words-hint')}
        value={text}
        onChange={onChange}
        problem={problem}
      />
      <p className="small quiet numbers" role="status">
        {words.length > WORDS
          ? t('recovery.too-many', { count: words.length - WORDS })
          : t('recovery.count', { count: words.length })}
      </p>
      {wrong === undefined ? null : <Numbered words={words} wrong={wrong} />}
    </div>
  );
}

/** The words with their numbers, so that the one that is wrong is found on the paper. */
function Numbered({ words, wrong }: { readonly words: readonly string[]; readonly wrong: number }) {
  return (
    <ol className="recovery-words">
      {words.map((word, index) => (
        // A word can stand twice among them.
        <li key={index} className={index + 1 === wrong ? 'is-wrong' : undefined}>
          <span className="small quiet numbers">{index + 1}</span> {word}
          {index + 1 === wrong ? (
            <span className="visually-hidden"> {t('recovery.not-in-list')}</span>
          ) : null}
        </li>
      ))}
    </ol>
  );
}
