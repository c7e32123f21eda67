import { useState } from 'react';
import type { ChannelName } from '../../shared/contract/channels.ts';
import type { BackupSetView } from '../../shared/contract/backup-views.ts';
import type { JobView } from '../../shared/contract/views.ts';
import { isUntilTold } from '../../shared/model/until-told.ts';
import { go } from '../state/router.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/problem.tsx';
import { isBackedUp } from './set-words.ts';
import { DropDialog, ExportDialog, TrashDialog } from './dialogs-later.ts';

type Asked = 'export' | 'trash' | 'drop';

/** What can be done with a set: what is done often is in sight, the rest one press away. */
export function SetActs({
  set,
  running,
  onEdit,
}: {
  readonly set: BackupSetView;
  readonly running: readonly JobView[];
  readonly onEdit: () => void;
}) {
  const { call, busy, problem } = useCall();
  const [isOpen, setOpen] = useState(false);
  const [asked, setAsked] = useState<Asked>();
  const { name, pausedUntilMs } = set;
  const label = (what: string) => t('backups.act-what', { what, set: name });
  const isRunning = (kind: JobView['kind']) => running.some((job) => job.kind === kind);
  const run = (channel: JobAct) => void call(channel, { name });
  const close = () => setAsked(undefined);
  return (
    <>
      <div className="row">
        {isRunning('backup') ? null : (
          <Button
            disabled={busy}
            label={t('backups.run-what', { set: name })}
            onPress={() => run('sets.run')}
          >
            {t('backups.run')}
          </Button>
        )}
        {pausedUntilMs === null ? null : (
          <Button
            disabled={busy}
            label={label(t('backups.resume'))}
            onPress={() => void call('sets.pause', { name, until: null })}
          >
            {t('backups.resume')}
          </Button>
        )}
        {isBackedUp(set) ? (
          <Button
            label={t('backups.snapshots-what', { set: name })}
            onPress={() => go({ page: 'restore', set: name })}
          >
            {t('backups.snapshots')}
          </Button>
        ) : null}
        <Button label={label(t('backups.edit'))} onPress={onEdit}>
          {t('backups.edit')}
        </Button>
        <Button
          label={label(t(isOpen ? 'backups.less' : 'backups.more'))}
          expanded={isOpen}
          onPress={() => setOpen(!isOpen)}
        >
          {t(isOpen ? 'backups.less' : 'backups.more')}
        </Button>
      </div>
      <Problem>{problem}</Problem>
      {isOpen ? (
        <More
          set={set}
          busy={busy}
          label={label}
          isRunning={isRunning}
          onRun={run}
          onCheckAll={() => void call('sets.check', { name, readData: true })}
          onPause={(until) => void call('sets.pause', { name, until })}
          onAsk={setAsked}
        />
      ) : null}
      {asked === 'export' ? <ExportDialog set={name} onClose={close} /> : null}
      {asked === 'trash' ? <TrashDialog set={set} onClose={close} /> : null}
      {asked === 'drop' ? <DropDialog set={set} onClose={close} /> : null}
    </>
  );
}

type JobAct = Extract<
  ChannelName,
  'sets.run' | 'sets.verify' | 'sets.check' | 'sets.prune' | 'sets.drill'
>;

/** Each with a line that says what it is good for. */
function More({
  set,
  busy,
  label,
  isRunning,
  onRun,
  onCheckAll,
  onPause,
  onAsk,
}: {
  readonly set: BackupSetView;
  readonly busy: boolean;
  readonly label: (what: string) => string;
  readonly isRunning: (kind: JobView['kind']) => boolean;
  readonly onRun: (channel: JobAct) => void;
  readonly onCheckAll: () => void;
  readonly onPause: (until: 'hour' | 'tomorrow') => void;
  readonly onAsk: (what: Asked) => void;
}) {
  const hasRun = isBackedUp(set);
  const mayPause = !isUntilTold(set.pausedUntilMs);
  const isProtected =
    set.plan.protectDays > 0 ||
    set.protectionFalls !== null ||
    set.copies.some(({ trashBytes }) => trashBytes !== '0');
  const acts: readonly (false | readonly [key: string, act: () => void])[] = [
    hasRun && !isRunning('verify') && ['verify', () => onRun('sets.verify')],
    hasRun && !isRunning('check') && ['check', () => onRun('sets.check')],
    hasRun && !isRunning('check') && ['check-all', onCheckAll],
    hasRun && !isRunning('drill') && ['drill', () => onRun('sets.drill')],
    hasRun && !isRunning('prune') && ['prune', () => onRun('sets.prune')],
    hasRun && ['export', () => onAsk('export')],
    isProtected && ['trash', () => onAsk('trash')],
    mayPause && ['pause-hour', () => onPause('hour')],
    mayPause && ['pause-tomorrow', () => onPause('tomorrow')],
    ['drop', () => onAsk('drop')],
  ];
  return (
    <ul className="set-more-acts" aria-label={label(t('backups.more'))}>
      {acts.map((act) =>
        act === false ? null : (
          <li key={act[0]}>
            <Button
              disabled={busy}
              look={act[0] === 'drop' ? 'danger' : 'plain'}
              label={label(t(`backups.${act[0]}`))}
              onPress={act[1]}
            >
              {t(`backups.${act[0]}`)}
            </Button>
            <span className="hint">{t(`backups.${act[0]}-hint`)}</span>
          </li>
        ),
      )}
    </ul>
  );
}
