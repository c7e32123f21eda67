import { type FormEvent, useState } from 'react';
import type { ResultOf } from '../../shared/contract/contract.ts';
import { sayTriedReason } from '../../shared/words/say-tried.ts';
import { useCall } from '../state/use-call.ts';
import { currentUnits, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { LinesField } from '../ui/lines-field.tsx';
import { Problem } from '../ui/problem.tsx';
import { readSizeOrNone } from '../ui/typed-size.ts';
import { inGroups } from '../pairing/machine.tsx';
import './introductions.css';

type Answer = ResultOf<'vouchers.take'>;

/** The newcomer's side: the id that somebody who introduces wants, and what is done with the text that comes back. */
export function IntroducedDialog({
  owner,
  onClose,
}: {
  /** My own id. */
  readonly owner: string;
  readonly onClose: () => void;
}) {
  const [text, setText] = useState('');
  const [typed, setTyped] = useState('');
  const [answer, setAnswer] = useState<Answer>();
  const { call, busy, problem, fault } = useCall();
  const bytes = typed.trim() === '' ? 0n : readSizeOrNone(typed, currentUnits());
  // An answer belongs to the question that stands above it.
  const change = (apply: () => void) => {
    setAnswer(undefined);
    apply();
  };
  const take = async (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '' || bytes === undefined) return;
    const size = bytes === 0n ? {} : { size: `${bytes}` };
    setAnswer(await call('vouchers.take', { text: text.trim(), ...size }));
  };
  const isOfText = fault?.code === 'bad-voucher';
  return (
    <Dialog title={t('introductions.taking-title')} onClose={onClose}>
      <p>{t('introductions.taking-what')}</p>
      <OwnId owner={owner} />
      <form className="stack" onSubmit={(event) => void take(event)}>
        <LinesField
          label={t('introductions.given-text')}
          value={text}
          onChange={(next) => change(() => setText(next))}
          problem={isOfText ? problem : undefined}
        />
        <Field
          narrow
          label={t('introductions.size')}
          hint={t('introductions.take-size-hint')}
          value={typed}
          onChange={(next) => change(() => setTyped(next))}
          problem={bytes === undefined ? t('fault.bad-size') : undefined}
        />
        <Problem>{isOfText ? undefined : problem}</Problem>
        <div role="status" className="stack tight">
          {answer === undefined ? null : <Said answer={answer} />}
        </div>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.close')}</Button>
          {answer?.type === 'granted' ? null : (
            <Button
              look="primary"
              type="submit"
              disabled={busy || text.trim() === '' || bytes === undefined}
            >
              {busy ? t('friends.calling') : t('introductions.take')}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

/** In groups for the eye; copied without them. */
function OwnId({ owner }: { readonly owner: string }) {
  return (
    <div className="stack tight">
      <h3>{t('introductions.own-id')}</h3>
      <code className="own-id">{inGroups(owner, 4).join(' ')}</code>
      <CopyButton text={owner} label={t('introductions.copy-id')} />
    </div>
  );
}

function Said({ answer }: { readonly answer: Answer }) {
  const reason = sayTriedReason(t, { answer, steps: [] });
  return (
    <>
      <p className={answer.type === 'granted' ? 'strong' : 'strong warn'}>{saidWords(answer)}</p>
      {reason === undefined ? null : <p>{reason}</p>}
    </>
  );
}

function saidWords(answer: Answer): string {
  switch (answer.type) {
    case 'granted':
      return t('introductions.took-granted', { sizeBytes: answer.size, durationS: answer.ttl });
    case 'counter':
      return t('introductions.took-counter', {
        sizeBytes: answer.offer.size,
        durationS: answer.offer.duration,
      });
    case 'pending':
      return t('introductions.took-pending');
    case 'denied':
      return t('introductions.took-denied');
  }
}
