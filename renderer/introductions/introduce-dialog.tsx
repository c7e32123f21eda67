import { type FormEvent, useState } from 'react';
import type { ResultOf } from '../../shared/contract/contract.ts';
import type { FriendView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { labelsOf } from '../friends/namesakes.ts';
import { useCall } from '../state/use-call.ts';
import { currentUnits, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { CheckLine } from '../ui/checks.tsx';
import { Choice } from '../ui/choice.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { LinesField } from '../ui/lines-field.tsx';
import { Problem } from '../ui/problem.tsx';
import { Select } from '../ui/select.tsx';
import { readSize } from '../ui/typed-size.ts';
import { ownerWords, readOwnerId } from './owner-words.ts';

const DAYS = ['30', '90', '365'] as const;
type Days = (typeof DAYS)[number];
/** No friend, but whoever this id belongs to. */
const BY_ID = 'by-id';

type Made = ResultOf<'vouchers.issue'>;

/** Introduces somebody to a friend, and shows the text that does it. */
export function IntroduceDialog({
  host,
  others,
  onClose,
}: {
  readonly host: FriendView;
  readonly others: readonly FriendView[];
  readonly onClose: () => void;
}) {
  const [made, setMade] = useState<Made>();
  const name = nameInSentence(host.name);
  return made === undefined ? (
    <Dialog title={t('introductions.dialog', { name })} onClose={onClose}>
      <IntroduceForm host={host} others={others} onMade={setMade} onClose={onClose} />
    </Dialog>
  ) : (
    <MadeDialog made={made} name={name} onClose={onClose} />
  );
}

function IntroduceForm({
  host,
  others,
  onMade,
  onClose,
}: {
  readonly host: FriendView;
  readonly others: readonly FriendView[];
  readonly onMade: (made: Made) => void;
  readonly onClose: () => void;
}) {
  const [who, setWho] = useState(others[0]?.owner ?? BY_ID);
  const labelOf = labelsOf(others, 40);
  const [id, setId] = useState('');
  const [typed, setTyped] = useState('');
  const [days, setDays] = useState<Days>('90');
  const [delegable, setDelegable] = useState(false);
  const { call, busy, problem } = useCall();
  const newcomer = who === BY_ID ? readOwnerId(id) : who;
  const bytes = readSize(typed, currentUnits());
  const make = async (event: FormEvent) => {
    event.preventDefault();
    if (newcomer === undefined || bytes === undefined) return;
    const made = await call('vouchers.issue', {
      host: host.owner,
      newcomer,
      bytes: `${bytes}`,
      days: Number(days),
      delegable,
    });
    if (made !== undefined) onMade(made);
  };
  const isBadId = id.trim() !== '' && readOwnerId(id) === undefined;
  const isBadSize = typed.trim() !== '' && bytes === undefined;
  return (
    <form className="stack" onSubmit={(event) => void make(event)}>
      {others.length === 0 ? null : (
        <Select
          label={t('introductions.who')}
          value={who}
          options={[
            ...others.map(({ owner }) => ({ value: owner, label: labelOf(owner) })),
            { value: BY_ID, label: t('introductions.who-other') },
          ]}
          onChange={setWho}
        />
      )}
      {who === BY_ID ? (
        <Field
          label={t('introductions.id')}
          hint={t('introductions.id-hint')}
          value={id}
          onChange={setId}
          problem={isBadId ? t('introductions.id-wrong') : undefined}
        />
      ) : null}
      <Field
        narrow
        label={t('introductions.size')}
        hint={<ShareLeft host={host} />}
        value={typed}
        onChange={setTyped}
        problem={isBadSize ? t('fault.bad-size') : undefined}
      />
      {isMore(bytes, host) ? (
        <p className="small warn" role="status">
          {t('introductions.share-short', { name: nameInSentence(host.name) })}
        </p>
      ) : null}
      <Choice<Days>
        strip
        label={t('introductions.days')}
        value={days}
        options={DAYS.map((value) => ({ value, label: t(`introductions.days-${value}`) }))}
        onChange={setDays}
      />
      <CheckLine
        label={t('introductions.pass-on')}
        hint={t('introductions.pass-on-hint')}
        isChecked={delegable}
        onChange={setDelegable}
      />
      <Problem>{problem}</Problem>
      <div className="row end">
        <Button onPress={onClose}>{t('ui.cancel')}</Button>
        <Button
          look="primary"
          type="submit"
          disabled={busy || newcomer === undefined || bytes === undefined}
        >
          {t('introductions.make')}
        </Button>
      </div>
    </form>
  );
}

function isMore(bytes: bigint | undefined, { there }: FriendView): boolean {
  return bytes !== undefined && there !== null && bytes > BigInt(there.mayAskBytes);
}

function ShareLeft({ host: { name, there } }: { readonly host: FriendView }) {
  const words = { name: nameInSentence(name) };
  return there === null
    ? t('introductions.share-unsaid', words)
    : t('introductions.share-left', { ...words, mayAskBytes: there.mayAskBytes });
}

/** The text, what it is good for, and what happens with it; it can't be shown again. */
function MadeDialog({
  made: { voucher, text },
  name,
  onClose,
}: {
  readonly made: Made;
  readonly name: string;
  readonly onClose: () => void;
}) {
  const { bytes, untilMs } = voucher;
  const newcomer = ownerWords(voucher.newcomer);
  return (
    <Dialog title={t('introductions.made', { newcomer })} onClose={onClose} isShownOnce>
      <div className="stack">
        <p>{t('introductions.made-what', { newcomer, name, bytes, untilMs })}</p>
        <p>{t('introductions.made-next')}</p>
        <LinesField label={t('introductions.text')} value={text} />
        <div className="row between">
          <CopyButton text={text} label={t('introductions.copy-text')} />
          <Button onPress={onClose}>{t('introductions.done')}</Button>
        </div>
      </div>
    </Dialog>
  );
}
