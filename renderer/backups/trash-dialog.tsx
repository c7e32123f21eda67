import { DAY_MS } from '../../shared/units.ts';
import { useState } from 'react';
import type { BackupSetView, TrashView } from '../../shared/contract/backup-views.ts';
import { useAnswer } from '../state/use-answer.ts';
import { useCall } from '../state/use-call.ts';
import { useNowMs } from '../state/use-now.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Person, Size, When } from '../ui/figures.tsx';
import { Problem } from '../ui/problem.tsx';
import { Failed, Loading } from '../ui/states.tsx';
import { TableFrame } from '../ui/table-frame.tsx';

const SINCE = { day: 1, 'three-days': 3, week: 7, all: Number.POSITIVE_INFINITY } as const;
type Since = keyof typeof SINCE;

/** What a protected set's friends have put aside instead of deleting it, and how it comes back. */
export function TrashDialog({
  set,
  onClose,
}: {
  readonly set: BackupSetView;
  readonly onClose: () => void;
}) {
  const { value, problem, retry } = useAnswer('sets.trash', { name: set.name });
  const [back, setBack] = useState<number>();
  const some = value?.filter(({ objects }) => objects > 0) ?? [];
  return (
    <Dialog title={t('trash.title', { set: set.name })} onClose={onClose}>
      <div className="stack">
        <p>{t('trash.what', { count: set.plan.protectDays })}</p>
        {value === undefined && problem === undefined ? (
          <Loading what={t('trash.loading')} />
        ) : null}
        {value === undefined && problem !== undefined ? (
          <Failed problem={problem} onRetry={retry} />
        ) : null}
        {value !== undefined && some.length === 0 && back === undefined ? (
          <p className="quiet">{t('trash.empty')}</p>
        ) : null}
        <p role="status">{back === undefined ? '' : t('trash.back', { count: back })}</p>
        {some.length === 0 ? (
          <div className="row end">
            <Button look="primary" onPress={onClose}>
              {t('ui.close')}
            </Button>
          </div>
        ) : (
          <>
            <TrashTable trash={some} set={set.name} />
            <BringBack
              set={set.name}
              onDone={(objects) => {
                setBack(objects);
                retry();
              }}
              onClose={onClose}
            />
          </>
        )}
      </div>
    </Dialog>
  );
}

function TrashTable({
  trash,
  set,
}: {
  readonly trash: readonly TrashView[];
  readonly set: string;
}) {
  return (
    <TableFrame label={t('trash.title', { set })}>
      <table className="copies">
        <thead>
          <tr>
            <th scope="col">{t('copies.friend')}</th>
            <th scope="col" className="numbers">
              {t('trash.objects')}
            </th>
            <th scope="col" className="numbers">
              {t('copies.size')}
            </th>
            <th scope="col">{t('trash.goes')}</th>
          </tr>
        </thead>
        <tbody>
          {trash.map(({ owner, plot, friend, objects, bytes, firstGoesMs, lastGoesMs }) => (
            <tr key={`${owner} ${plot}`}>
              <th scope="row" className="copy-friend">
                <Person name={friend} />
              </th>
              <td className="numbers">{t('trash.count', { count: objects })}</td>
              <td className="numbers">
                <Size bytes={bytes} />
              </td>
              <td>
                {firstGoesMs === null ? null : <When ms={firstGoesMs} time={false} />}
                {lastGoesMs === null || isSameDay(firstGoesMs, lastGoesMs) ? null : (
                  <>
                    {' – '}
                    <When ms={lastGoesMs} time={false} />
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function isSameDay(one: number | null, other: number): boolean {
  return one !== null && new Date(one).toDateString() === new Date(other).toDateString();
}

function BringBack({
  set,
  onDone,
  onClose,
}: {
  readonly set: string;
  readonly onDone: (objects: number) => void;
  readonly onClose: () => void;
}) {
  const [since, setSince] = useState<Since>('week');
  const { call, busy, problem } = useCall();
  const nowMs = useNowMs(Date.now());
  const bring = async () => {
    const sinceMs = Math.max(0, Math.floor(nowMs - SINCE[since] * DAY_MS));
    const done = await call('sets.untrash', { name: set, sinceMs });
    if (done !== undefined) onDone(done.objects);
  };
  return (
    <>
      <Choice<Since>
        label={t('trash.since')}
        hint={t('trash.since-hint')}
        value={since}
        onChange={setSince}
        options={(Object.keys(SINCE) as Since[]).map((value) => ({
          value,
          label: t(`trash.since-${value}`),
        }))}
      />
      <Problem>{problem}</Problem>
      <div className="row end">
        <Button onPress={onClose}>{t('ui.close')}</Button>
        <Button look="primary" disabled={busy} onPress={() => void bring()}>
          {t('trash.bring')}
        </Button>
      </div>
    </>
  );
}
