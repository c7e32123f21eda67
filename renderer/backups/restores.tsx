import { useState } from 'react';
import type { RestoreView } from '../../shared/contract/backup-views.ts';
import { say } from '../../shared/words/say.ts';
import { tameText } from '../../shared/words/short-name.ts';
import { useAct, useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Problem } from '../ui/problem.tsx';
import { Tag } from '../ui/states.tsx';
import { ProgressBar, progressWords } from './job.tsx';
import './restores.css';

/** Restores that are under way or can go on, wherever they were begun: nobody should have to look for them. */
export function Restores({ restores }: { readonly restores: readonly RestoreView[] }) {
  if (restores.length === 0) return null;
  return (
    <section className="section" aria-labelledby="restores-title">
      <h2 id="restores-title">{t('restores.title')}</h2>
      <ul className="stack tight">
        {restores.map((restore) => (
          <RestoreLine key={restore.id} restore={restore} />
        ))}
      </ul>
    </section>
  );
}

/** Jobs that a restore's own line tells of. */
export function restoreJobs(restores: readonly RestoreView[]): ReadonlySet<string> {
  return new Set(restores.flatMap(({ job }) => job ?? []));
}

function RestoreLine({ restore }: { readonly restore: RestoreView }) {
  const { id, source, to, startedMs, state, waits, progress } = restore;
  const { call, busy, problem } = useCall();
  const [asking, setAsking] = useState(false);
  const act = useAct();
  const set = tameText(source, 120);
  const isRunning = state === 'running';
  const what = t(to === '' ? 'restores.in-place' : 'restores.into', {
    set,
    folder: tameText(to, 300),
  });
  return (
    <li className="card job" aria-label={what}>
      <div className="row">
        {isRunning ? null : (
          <Tag tone="warn">{t(state === 'waiting' ? 'restores.waiting' : 'restores.paused')}</Tag>
        )}
        <p className="strong restore-what">{what}</p>
      </div>
      {waits === null ? null : <p role="status">{say(t, waits)}</p>}
      {progress === null ? null : <ProgressBar what={what} progress={progress} />}
      <div className="row between">
        <p className="small quiet numbers">
          {progress === null
            ? t('restores.begun', { startedMs })
            : // What stands still has no rate.
              progressWords(isRunning ? progress : { ...progress, bytesPerS: 0, leftS: null })}
        </p>
        <div className="row">
          {isRunning ? (
            <Button
              disabled={busy}
              label={t('restores.pause-what', { what })}
              onPress={() => void call('restores.pause', { id })}
            >
              {t('restores.pause')}
            </Button>
          ) : (
            <Button
              disabled={busy}
              look="primary"
              label={t('restores.resume-what', { what })}
              onPress={() => void call('restores.resume', { id })}
            >
              {t('restores.resume')}
            </Button>
          )}
          <Button
            disabled={busy}
            label={t('restores.drop-what', { what })}
            onPress={() => setAsking(true)}
          >
            {t('restores.drop')}
          </Button>
        </div>
      </div>
      <Problem>{problem}</Problem>
      {asking ? (
        <Confirm
          title={t('restores.drop-title', { set })}
          act={t('restores.drop-act')}
          onClose={() => setAsking(false)}
          onConfirm={() => act('restores.drop', { id })}
        >
          <p>{t('restores.drop-body')}</p>
        </Confirm>
      ) : null}
    </li>
  );
}
