import type { BackupSetView } from '../../shared/contract/backup-views.ts';
import type { FriendView, JobView, MyPlotView } from '../../shared/contract/views.ts';
import { isUntilTold } from '../../shared/model/until-told.ts';
import { say } from '../../shared/words/say.ts';
import { copiesOf, type SetState, setState } from '../../shared/words/set-state.ts';
import { isLent } from '../friends/lending.ts';
import { t } from '../state/words.ts';
import { Size, When } from '../ui/figures.tsx';
import { Tag } from '../ui/states.tsx';
import { CopiesTable } from './copies-table.tsx';
import { isWorthALine, JobEnd, JobProblems, JobProgress } from './job.tsx';
import { scheduleWords } from '../plan/plan-words.ts';
import { safetyWords } from './safety.ts';
import { SetActs } from './set-acts.tsx';
import { keptWords, lentWords, nextWords } from './set-words.ts';

/** One set: how it is doing, what is in it, who keeps it, and what can be done about it. */
export function SetCard({
  set,
  jobs,
  mine,
  friends,
  nowMs,
  onEdit,
}: {
  readonly set: BackupSetView;
  readonly jobs: readonly JobView[];
  readonly mine: readonly MyPlotView[];
  readonly friends: readonly FriendView[];
  readonly nowMs: number;
  readonly onEdit: () => void;
}) {
  const { name, lastBytes, lastFault } = set;
  const { state, tone } = setState(set, { jobs });
  const lent = copiesOf(set, mine).filter(isLent);
  const own = jobs.filter((job) => job.set === name);
  const running = own.filter((job) => job.state === 'running');
  const ended = own.filter((job) => job.state !== 'running' && job.state !== 'paused');
  const lastRun = ended.find(({ kind }) => kind === 'backup');
  const lastOther = ended.find(isWorthALine);
  return (
    <li className="card set" aria-label={name}>
      <div className="set-head">
        <Tag tone={tone}>{t(`backups.state-${state}`)}</Tag>
        <h2 className="set-title">{name}</h2>
        {lastBytes === null ? null : <Size bytes={lastBytes} />}
      </div>
      <Safety set={set} state={state} />
      <Facts set={set} mine={mine} />
      {lent.length === 0 ? null : (
        <ul className="small">
          {lent.map((plot) => (
            <li key={plot.plot}>{lentWords(plot, nowMs)}</li>
          ))}
        </ul>
      )}
      {lastFault === null || state === 'running' || isSaidElsewhere(set) ? null : (
        // What waits is asked again by itself: nothing has failed.
        <p className={lastFault.key === 'fault.waits' ? 'quiet' : 'fault'}>{say(t, lastFault)}</p>
      )}
      {running.map((job) => (
        <JobProgress key={job.id} job={job} />
      ))}
      {lastRun === undefined || state === 'running' ? null : (
        <JobProblems problems={lastRun.problems} />
      )}
      {lastOther === undefined ? null : <JobEnd job={lastOther} />}
      {hasCopies(set) ? <CopiesTable set={set} friends={friends} onKeepLess={onEdit} /> : null}
      <SetActs set={set} running={running} onEdit={onEdit} />
    </li>
  );
}

/** Of what came from another computer nothing is known of any before it has run here. */
function hasCopies({ copies, pausedUntilMs }: BackupSetView): boolean {
  return isUntilTold(pausedUntilMs)
    ? copies.some(({ completeMs }) => completeMs !== null)
    : copies.length > 0;
}

/** Whoever stopped a run knows it; and what is in the way at a friend's stands beside that copy. */
function isSaidElsewhere({ lastFault, copies }: BackupSetView): boolean {
  if (lastFault === null || lastFault.key === 'fault.cancelled') return true;
  return copies.some(({ fault }) => fault?.key === lastFault.key);
}

function Safety({ set, state }: { readonly set: BackupSetView; readonly state: SetState }) {
  const { tone: said, what, next } = safetyWords(set);
  // Its copies are whole, and the last run failed: no green beside the red of that.
  const tone = state === 'at-risk' && said === 'good' ? 'plain' : said;
  const falls = set.protectionFalls;
  return (
    <div>
      <p className={`strong ${tone}`}>{say(t, what)}</p>
      {next === undefined || state === 'running' ? null : <p>{say(t, next)}</p>}
      {falls === null ? null : (
        <p className="warn">
          {t('safety.falls', { count: falls.days, atMs: falls.atMs })} {t('safety.falls-next')}
        </p>
      )}
    </div>
  );
}

/** What is in it, when it runs, when it ran. */
function Facts({
  set,
  mine,
}: {
  readonly set: BackupSetView;
  readonly mine: readonly MyPlotView[];
}) {
  const { folders, lastRunMs, plan, drilledMs } = set;
  return (
    <div className="small quiet">
      <ul className="set-folders" aria-label={t('backups.folders')}>
        {folders.map((folder) => (
          <li key={folder} title={folder}>
            {folder}
          </li>
        ))}
      </ul>
      <p>
        {hasCopies(set) ? null : `${keptWords(set, mine)} · `}
        {lastRunMs === null ? (
          t('backups.never')
        ) : (
          <When ms={lastRunMs}>{t('backups.last', { lastRunMs })}</When>
        )}
      </p>
      <p>
        {nextWords(set)}
        {plan.schedule.every === 'hand' ? '' : ` (${scheduleWords(plan.schedule)})`}
        {drilledMs === null ? '' : ` · ${t('backups.drilled', { drilledMs })}`}
      </p>
    </div>
  );
}
