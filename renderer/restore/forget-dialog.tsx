import { type FormEvent, useState } from 'react';
import type { SnapshotView } from '../../shared/contract/backup-views.ts';
import { useCall } from '../state/use-call.ts';
import { dateTime, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Problem } from '../ui/problem.tsx';

/** One state less: nobody can bring it back afterwards, so the set's name is typed. */
export function ForgetDialog({
  set,
  snapshot,
  onDone,
  onClose,
}: {
  readonly set: string;
  readonly snapshot: SnapshotView;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const [typed, setTyped] = useState('');
  const { call, busy, problem, fault } = useCall();
  const isOfName = fault?.code === 'wrong-name';
  const when = dateTime(snapshot.atMs, { dateStyle: 'medium', timeStyle: 'short' });
  const forget = async (event: FormEvent) => {
    event.preventDefault();
    const wish = { name: set, snapshots: [snapshot.id], confirm: typed.trim() };
    if ((await call('sets.forget', wish)) === undefined) return;
    onDone();
    onClose();
  };
  return (
    <Dialog title={t('restore.forget-title', { set, when })} onClose={onClose} role="alertdialog">
      <form className="stack" onSubmit={(event) => void forget(event)}>
        <p>{t('restore.forget-what')}</p>
        <Field
          label={t('backups.drop-type', { set })}
          value={typed}
          onChange={setTyped}
          problem={isOfName ? t('backups.drop-wrong', { set }) : undefined}
          maxLength={100}
        />
        <Problem>{isOfName ? undefined : problem}</Problem>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button look="danger" type="submit" disabled={busy || typed.trim() !== set}>
            {t('restore.forget-act', { when })}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
