import { useEffect, useState } from 'react';
import type { EstimateView } from '../../shared/contract/backup-views.ts';
import type { FriendView } from '../../shared/contract/views.ts';
import type { FileRulesText } from '../../shared/model/backup-plan.ts';
import { nameInSentence, tameText } from '../../shared/words/short-name.ts';
import { faultWords, useCall, useDoor } from '../state/use-call.ts';
import { useJob } from '../state/use-job.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Size } from '../ui/figures.tsx';
import { Problem } from '../ui/problem.tsx';
import './plan.css';

const ASK_EVERY_MS = 500;
/** Of the largest, so many say enough. */
const LARGEST = 5;

/** How much a backup of these folders would take, counted before anything is sent. */
export function Estimate({
  folders,
  rules,
  keepers,
}: {
  readonly folders: readonly string[];
  readonly rules: FileRulesText;
  readonly keepers: readonly FriendView[];
}) {
  const [job, setJob] = useState<string>();
  const [of, setOf] = useState('');
  const { call, busy, problem } = useCall();
  const { estimate, failed } = useEstimated(job);
  const wish = JSON.stringify([folders, rules]);
  const isCounting = job !== undefined && estimate === undefined && failed === undefined;
  const count = async () => {
    setJob(undefined);
    const begun = await call('sets.estimate', { folders: [...folders], rules });
    if (begun === undefined) return;
    setOf(wish);
    setJob(begun.id);
  };
  const stop = async () => {
    if (job !== undefined) await call('jobs.cancel', { id: job });
    setJob(undefined);
  };
  return (
    <section className="estimate stack tight" aria-label={t('estimate.title')}>
      <div className="row between">
        <span className="strong">{t('estimate.title')}</span>
        {isCounting ? (
          <Button onPress={() => void stop()}>{t('backups.cancel')}</Button>
        ) : (
          <Button disabled={busy || folders.length === 0} onPress={() => void count()}>
            {t(estimate === undefined ? 'estimate.count' : 'estimate.again')}
          </Button>
        )}
      </div>
      <p className="small quiet" role="status">
        {isCounting ? <Counting job={job} /> : estimate === undefined ? t('estimate.what') : null}
        {estimate !== undefined && of !== wish ? t('estimate.older') : null}
      </p>
      <Problem>{problem ?? failed}</Problem>
      {estimate === undefined ? null : <Counted estimate={estimate} keepers={keepers} />}
    </section>
  );
}

function Counting({ job: id }: { readonly job: string }) {
  const progress = useJob(id)?.progress;
  const { filesDone = 0, bytesDone = '0' } = progress ?? {};
  return filesDone === 0
    ? t('estimate.counting')
    : t('estimate.counting-so-far', { count: filesDone, bytesDone });
}

/** Asked until there is an answer: the job may end before its end is heard of. */
function useEstimated(job: string | undefined): {
  readonly estimate: EstimateView | undefined;
  readonly failed: string | undefined;
} {
  const door = useDoor();
  const [estimate, setEstimate] = useState<EstimateView>();
  const [failed, setFailed] = useState<string>();
  useEffect(() => {
    if (job === undefined) return undefined;
    setEstimate(undefined);
    setFailed(undefined);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const ask = async () => {
      const result = await door('sets.estimated', { job });
      if (isOver) return;
      if (!result.ok) setFailed(faultWords(result.fault));
      else if (result.value === null) timer = setTimeout(() => void ask(), ASK_EVERY_MS);
      else setEstimate(result.value);
    };
    void ask();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [door, job]);
  return { estimate, failed };
}

function Counted({
  estimate: { files, bytes, largest, skipped },
  keepers,
}: {
  readonly estimate: EstimateView;
  readonly keepers: readonly FriendView[];
}) {
  const left = [
    ['excluded', skipped.excludedFiles],
    ['caches', skipped.cacheFolders],
    ['large', skipped.tooLargeFiles],
    ['cloud', skipped.cloudFiles],
    ['unreadable', skipped.unreadable],
  ] as const;
  const short = keepers.filter(
    ({ there }) => there !== null && BigInt(there.mayAskBytes) < BigInt(bytes),
  );
  return (
    <>
      <p>{t('estimate.counted', { count: files, bytesTotal: bytes })}</p>
      {short.map(({ owner, name, there }) => (
        <p key={owner} className="small warn">
          {t('estimate.short', {
            name: nameInSentence(name),
            mayAskBytes: there?.mayAskBytes ?? '0',
          })}
        </p>
      ))}
      {left.map(([key, count]) =>
        count === 0 ? null : (
          <p key={key} className="small quiet">
            {t(`estimate.left-${key}`, { count, skippedBytes: skipped.excludedBytes })}
          </p>
        ),
      )}
      {largest.length === 0 ? null : (
        <details>
          <summary>{t('estimate.largest')}</summary>
          <ul className="small">
            {largest.slice(0, LARGEST).map((each) => (
              <li key={each.path} className="row between">
                <span className="path">{tameText(each.path, 300)}</span>
                <Size bytes={each.bytes} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
