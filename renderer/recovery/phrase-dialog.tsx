import { type FormEvent, useCallback, useEffect, useState } from 'react';
import { useAnswer } from '../state/use-answer.ts';
import { faultWords, useCall, useDoor } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Problem } from '../ui/problem.tsx';
import { Failed, Loading } from '../ui/states.tsx';
import { pickPositions } from './phrase-positions.ts';
import { PhraseSheet } from './phrase-sheet.tsx';

const ASKED = 3;

/**
 * The recovery words: shown, written down or printed, and three of them asked for (design §7). They
 * stand in this window's memory for as long as the dialog is open, and nowhere else.
 */
export function PhraseDialog({
  isFirst,
  onDone,
  onClose,
}: {
  /** A backup waits for this. */
  readonly isFirst: boolean;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const { words, problem, read } = useWords();
  const { value: sheet, problem: sheetProblem } = useAnswer('recovery.sheet', {});
  const [isChecking, setChecking] = useState(false);
  const title = isChecking ? t('phrase.check-title') : t('phrase.title');
  return (
    <Dialog title={title} onClose={onClose}>
      {problem !== undefined ? (
        <Failed problem={problem} onRetry={() => void read()} />
      ) : words === undefined ? (
        <Loading what={t('phrase.loading')} />
      ) : words === null ? (
        <Saved onDone={onDone} />
      ) : isChecking ? (
        <Asking count={words.length} onDone={onDone} onBack={() => setChecking(false)} />
      ) : (
        <div className="stack">
          <p>{isFirst ? t('phrase.why-first') : t('phrase.why')}</p>
          <PhraseSheet words={words} sheet={sheet} />
          {sheet === undefined && sheetProblem !== undefined ? (
            <p className="small warn" role="status">
              {t('phrase.words-only')}
            </p>
          ) : null}
          <p className="quiet small">{t('phrase.careful')}</p>
          <div className="row end">
            <Button onPress={() => print()}>{t('phrase.print')}</Button>
            <Button look="primary" onPress={() => setChecking(true)}>
              {t('phrase.written')}
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

function useWords() {
  const door = useDoor();
  /** `null`: they were saved before, and are not shown again. */
  const [words, setWords] = useState<readonly string[] | null>();
  const [problem, setProblem] = useState<string>();
  const read = useCallback(async () => {
    setProblem(undefined);
    const result = await door('phrase.show', {});
    if (result.ok) setWords(result.value.words);
    else setProblem(faultWords(result.fault));
  }, [door]);
  useEffect(() => void read(), [read]);
  return { words, problem, read };
}

function Saved({ onDone }: { readonly onDone: () => void }) {
  return (
    <div className="stack">
      <p>{t('phrase.saved-before')}</p>
      <div className="row end">
        <Button look="primary" onPress={onDone}>
          {t('phrase.go-on')}
        </Button>
      </div>
    </div>
  );
}

function Asking({
  count,
  onDone,
  onBack,
}: {
  readonly count: number;
  readonly onDone: () => void;
  readonly onBack: () => void;
}) {
  const [positions] = useState(() => pickPositions(ASKED, count, randomBelow));
  const [typed, setTyped] = useState<readonly string[]>(positions.map(() => ''));
  const { call, busy, problem } = useCall();
  const check = async (event: FormEvent) => {
    event.preventDefault();
    const words = positions.map((position, index) => ({
      position,
      word: (typed[index] ?? '').trim().toLowerCase(),
    }));
    const answer = await call('phrase.check', { words });
    if (answer?.saved === true) onDone();
  };
  return (
    <form className="stack" onSubmit={(event) => void check(event)}>
      <p>{t('phrase.check')}</p>
      {positions.map((position, index) => (
        <Field
          key={position}
          label={t('phrase.word', { position })}
          value={typed[index] ?? ''}
          onChange={(word) => setTyped(typed.with(index, word))}
          maxLength={20}
          autoFocus={index === 0}
          narrow
        />
      ))}
      <Problem>{problem}</Problem>
      <div className="row end">
        <Button onPress={onBack}>{t('phrase.back')}</Button>
        <Button
          look="primary"
          type="submit"
          disabled={busy || typed.some((word) => word.trim() === '')}
        >
          {t('phrase.check-act')}
        </Button>
      </div>
    </form>
  );
}

function randomBelow(below: number): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % below;
}
