import { type FormEvent, useState } from 'react';
import type { SnapshotView } from '../../shared/contract/backup-views.ts';
import { RESTORE_CONFLICTS, type RestoreConflict } from '../../shared/model/restore-conflict.ts';
import { tameText } from '../../shared/words/short-name.ts';
import { announcer } from '../state/announce.ts';
import { isOfFolder } from '../state/of-folder.ts';
import { useCall } from '../state/use-call.ts';
import { dateTime, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { FolderField } from '../ui/folder-field.tsx';
import { Problem } from '../ui/problem.tsx';
import { Select } from '../ui/select.tsx';
import { useFirstInvalid } from '../ui/use-first-invalid.ts';
import { type Source, sourceName } from './source.ts';
import { restoreOf, suggestedName, type Target, targetProblems } from './target.ts';

const WAYS = ['folder', 'place', 'archive'] as const;

/** Where it shall go: into a folder, where it was, or into one file; and what happens to what is there. */
export function TargetDialog({
  source,
  snapshot,
  paths,
  bytes,
  onClose,
}: {
  readonly source: Source;
  readonly snapshot: SnapshotView;
  /** Nothing: all of it. */
  readonly paths: readonly string[];
  /** In words, if it is known by now. */
  readonly bytes: string | undefined;
  readonly onClose: () => void;
}) {
  const [target, setTarget] = useState<Target>(() => ({
    way: 'folder',
    folder: '',
    file: suggestedName(sourceName(source), new Date(snapshot.atMs)),
    ending: '.zip',
    conflict: 'keep-both',
  }));
  const [tries, setTries] = useState(0);
  const { call, busy, problem, fault } = useCall();
  const form = useFirstInvalid(tries);
  const change = (part: Partial<Target>) => setTarget((was) => ({ ...was, ...part }));
  const wrong = tries > 0 ? targetProblems(target) : [];
  const isAtFolder = isOfFolder(fault) && target.way !== 'place';
  // A folder that turned out not to be empty can be restored into all the same, once it is said how.
  const asksConflict =
    target.way === 'place' || (target.way === 'folder' && fault?.code === 'folder-not-empty');
  const restore = async (event: FormEvent) => {
    event.preventDefault();
    setTries(tries + 1);
    if (targetProblems(target).length > 0) return;
    const job = await call('sets.restore', {
      ...source,
      snapshot: snapshot.id,
      ...(paths.length === 0 ? {} : { paths: [...paths] }),
      ...restoreOf(target, asksConflict),
    });
    if (job === undefined) return;
    // How far it is stands at the top of the page.
    scrollTo(0, 0);
    announcer.announce(t('restore.begun'));
    onClose();
  };
  const when = dateTime(snapshot.atMs, { dateStyle: 'medium', timeStyle: 'short' });
  const folderProblem = wrong.includes('no-folder')
    ? t('restore.no-folder')
    : isAtFolder
      ? problem
      : undefined;
  return (
    <Dialog
      title={t('backups.restore-title', { set: tameText(sourceName(source), 60), when })}
      onClose={onClose}
    >
      <form className="stack" ref={form} onSubmit={(event) => void restore(event)}>
        <p className="quiet">
          {paths.length === 0
            ? t('restore.what-all')
            : t('restore.what-some', { count: paths.length })}{' '}
          {bytes === undefined ? '' : t('restore.what-size', { size: bytes })}
        </p>
        <Choice
          label={t('restore.where')}
          value={target.way}
          onChange={(way) => change({ way })}
          options={WAYS.map((value) => ({
            value,
            label: t(`restore.way-${value}`),
            hint: t(`restore.way-${value}-hint`),
          }))}
        />
        {target.way === 'place' ? null : (
          <FolderField
            label={t('backups.restore-to')}
            {...(target.way === 'folder' ? { hint: t('backups.restore-hint') } : {})}
            value={target.folder}
            onChange={(folder) => change({ folder })}
            problem={folderProblem}
            mayBeNew={target.way === 'folder'}
          />
        )}
        {target.way === 'archive' ? (
          <div className="archive-name">
            <Field
              label={t('restore.file')}
              value={target.file}
              onChange={(file) => change({ file })}
              problem={wrong.includes('bad-file') ? t('restore.bad-file') : undefined}
              maxLength={200}
            />
            <Select
              label={t('restore.ending')}
              value={target.ending}
              options={[
                { value: '.zip', label: '.zip' },
                { value: '.tar.gz', label: '.tar.gz' },
              ]}
              onChange={(ending) => change({ ending })}
            />
          </div>
        ) : null}
        {asksConflict ? (
          <Choice<RestoreConflict>
            label={t('restore.conflict')}
            hint={t('restore.conflict-hint')}
            value={target.conflict}
            onChange={(conflict) => change({ conflict })}
            options={RESTORE_CONFLICTS.map((value) => ({
              value,
              label: t(`restore.conflict-${value}`),
              hint: t(`restore.conflict-${value}-hint`),
            }))}
          />
        ) : null}
        <Problem>{isAtFolder ? undefined : problem}</Problem>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={busy}>
            {t('backups.restore-act')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
