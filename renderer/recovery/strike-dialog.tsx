import { type FormEvent, useState } from 'react';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Problem } from '../ui/problem.tsx';
import { WORDS, wordsOf, wrongPlace } from './phrase-text.ts';
import { WordsField } from './words-entry.tsx';
import './recovery.css';

/** A computer of mine is lost or stolen: this one takes its place, and friends refuse it from then on. */
export function StrikeDialog({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('');
  const [replaces, setReplaces] = useState('');
  const [sent, setSent] = useState<string>();
  const [isDone, setDone] = useState(false);
  const { call, busy, problem, fault } = useCall();
  const words = wordsOf(text);
  const phrase = words.join(' ');
  const isOfThese = fault?.code === 'bad-phrase' && sent === phrase;
  const isOfReplaces = fault?.code === 'bad-arguments';
  const strike = async (event: FormEvent) => {
    event.preventDefault();
    setSent(phrase);
    const begun = await call('recovery.begin', { words: phrase, replaces: replaces.trim() });
    setDone(begun !== undefined);
  };
  if (isDone)
    return (
      <Dialog title={t('recovery.strike')} onClose={onClose}>
        <p role="status">{t('recovery.struck', { name: replaces.trim() })}</p>
        <div className="row end">
          <Button look="primary" onPress={onClose}>
            {t('ui.close')}
          </Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={t('recovery.strike')} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void strike(event)}>
        <p>{t('recovery.strike-what')}</p>
        <Field
          label={t('recovery.strike-which')}
          hint={t('recovery.strike-which-hint')}
          value={replaces}
          onChange={setReplaces}
          problem={isOfReplaces ? t('recovery.bad-which') : undefined}
          maxLength={100}
        />
        <WordsField
          text={text}
          onChange={setText}
          wrong={isOfThese ? wrongPlace(fault.params) : undefined}
          problem={isOfThese ? problem : undefined}
        />
        <Problem>{fault?.code === 'bad-phrase' || isOfReplaces ? undefined : problem}</Problem>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button
            look="danger"
            type="submit"
            disabled={busy || words.length !== WORDS || replaces.trim() === ''}
          >
            {t('recovery.strike-act')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
