import { type FormEvent, useState } from 'react';
import type { BackupSetView } from '../../shared/contract/backup-views.ts';
import { useCall } from '../state/use-call.ts';
import { size, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Problem } from '../ui/problem.tsx';

/** Backs a set up no more. Its copies stay, unless somebody types its name to have them deleted too. */
export function DropDialog({
  set,
  onClose,
}: {
  readonly set: BackupSetView;
  readonly onClose: () => void;
}) {
  const [what, setWhat] = useState<'keep' | 'release'>('keep');
  const [typed, setTyped] = useState('');
  const { call, busy, problem, fault } = useCall();
  const { name } = set;
  const isRelease = what === 'release';
  const isOfName = fault?.code === 'wrong-name';
  const written = size(set.copies.reduce((sum, copy) => sum + BigInt(copy.writtenBytes), 0n));
  const drop = async (event: FormEvent) => {
    event.preventDefault();
    const wish = { name, release: isRelease, ...(isRelease ? { confirm: typed.trim() } : {}) };
    if ((await call('sets.drop', wish)) !== undefined) onClose();
  };
  return (
    <Dialog title={t('backups.drop-title', { set: name })} onClose={onClose} role="alertdialog">
      <form className="stack" onSubmit={(event) => void drop(event)}>
        <Choice
          label={t('backups.drop-copies')}
          value={what}
          onChange={setWhat}
          options={[
            {
              value: 'keep',
              label: t('backups.drop-keep'),
              hint: t('backups.drop-keep-hint'),
            },
            {
              value: 'release',
              label: t('backups.drop-release', { written }),
              hint: t('backups.drop-release-hint'),
            },
          ]}
        />
        {isRelease && set.plan.protectDays > 0 ? (
          <p className="small quiet">
            {t('backups.drop-protected', { count: set.plan.protectDays })}
          </p>
        ) : null}
        {isRelease ? (
          <Field
            label={t('backups.drop-type', { set: name })}
            value={typed}
            onChange={setTyped}
            problem={isOfName ? t('backups.drop-wrong', { set: name }) : undefined}
            maxLength={100}
          />
        ) : null}
        <Problem>{isOfName ? undefined : problem}</Problem>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button
            look="danger"
            type="submit"
            disabled={busy || (isRelease && typed.trim() !== name)}
          >
            {isRelease ? t('backups.drop-act-release', { written }) : t('backups.drop-act')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
