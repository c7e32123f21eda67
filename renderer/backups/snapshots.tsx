import { type FormEvent, useCallback, useEffect, useState } from 'react';
import type { SnapshotView } from '../../shared/contract/backup-views.ts';
import { faultWords, useCall, useDoor } from '../state/use-call.ts';
import { dateTime, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { When } from '../ui/figures.tsx';
import { FolderField } from '../ui/folder-field.tsx';
import { Problem } from '../ui/problem.tsx';
import { Failed, Loading } from '../ui/states.tsx';

/** Shown at first; a set that runs every hour has thousands. */
const FEW = 10;
const MANY = 200;

/** The states of a set that can be brought back, newest first; read from a friend when it is opened. */
export function Snapshots({ set }: { readonly set: string }) {
  const door = useDoor();
  const [snapshots, setSnapshots] = useState<readonly SnapshotView[]>();
  const [problem, setProblem] = useState<string>();
  const [shown, setShown] = useState(FEW);
  const [chosen, setChosen] = useState<SnapshotView>();
  const read = useCallback(async () => {
    setProblem(undefined);
    const result = await door('sets.snapshots', { name: set });
    if (result.ok) setSnapshots(result.value.toSorted((one, other) => other.atMs - one.atMs));
    else setProblem(faultWords(result.fault));
  }, [door, set]);
  useEffect(() => void read(), [read]);
  if (problem !== undefined) return <Failed problem={problem} onRetry={() => void read()} />;
  if (snapshots === undefined) return <Loading what={t('backups.snapshots-loading')} />;
  if (snapshots.length === 0) return <p className="quiet">{t('backups.snapshots-empty')}</p>;
  return (
    <div className="stack tight">
      <ul className="lines" aria-label={t('backups.snapshots-of', { set })}>
        {snapshots.slice(0, shown).map((snapshot) => (
          <li className="row between" key={snapshot.id}>
            <span className="snapshot-when">
              <When ms={snapshot.atMs} />
              <span className="small quiet"> {snapshot.paths.join(', ')}</span>
            </span>
            <Button
              label={t('backups.restore-what', { atMs: snapshot.atMs })}
              onPress={() => setChosen(snapshot)}
            >
              {t('backups.restore')}
            </Button>
          </li>
        ))}
      </ul>
      {shown >= Math.min(snapshots.length, MANY) ? null : (
        <Button look="link" onPress={() => setShown(MANY)}>
          {t('backups.snapshots-more', { count: Math.min(snapshots.length, MANY) - shown })}
        </Button>
      )}
      {chosen === undefined ? null : (
        <RestoreDialog set={set} snapshot={chosen} onClose={() => setChosen(undefined)} />
      )}
    </div>
  );
}

/** Into an empty folder, so that nothing is ever overwritten. */
function RestoreDialog({
  set,
  snapshot,
  onClose,
}: {
  readonly set: string;
  readonly snapshot: SnapshotView;
  readonly onClose: () => void;
}) {
  const [to, setTo] = useState('');
  const { call, busy, problem, fault } = useCall();
  const isFolders = fault?.code.startsWith('folder-') === true;
  const restore = async (event: FormEvent) => {
    event.preventDefault();
    const job = await call('sets.restore', { name: set, snapshot: snapshot.id, to: to.trim() });
    // How far it is shows on the set's card.
    if (job !== undefined) onClose();
  };
  const when = dateTime(snapshot.atMs, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <Dialog title={t('backups.restore-title', { set, when })} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void restore(event)}>
        <FolderField
          label={t('backups.restore-to')}
          hint={t('backups.restore-hint')}
          value={to}
          onChange={setTo}
          problem={isFolders ? problem : undefined}
          mayBeNew
          autoFocus
        />
        <Problem>{isFolders ? undefined : problem}</Problem>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={busy || to.trim() === ''}>
            {t('backups.restore-act')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
