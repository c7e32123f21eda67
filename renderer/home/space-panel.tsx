import { useState } from 'react';
import type { SpaceView } from '../../shared/contract/space-views.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Size } from '../ui/figures.tsx';
import { Failed, Loading } from '../ui/states.tsx';
import { spaceLines } from './space.ts';
import { TableFrame } from '../ui/table-frame.tsx';

/** "Where did my space go?": closed until somebody asks, because the disk is walked for it. */
export function SpacePanel() {
  const [space, setSpace] = useState<SpaceView>();
  const { call, busy, problem } = useCall();
  const count = async () => {
    const counted = await call('space.get', {});
    if (counted !== undefined) setSpace(counted);
  };
  return (
    <details
      className="space"
      onToggle={({ currentTarget }) => {
        if (currentTarget.open && space === undefined && !busy) void count();
      }}
    >
      <summary>{t('space.open')}</summary>
      <div className="card stack space-told">
        {busy && space === undefined ? <Loading what={t('space.counting')} /> : null}
        {problem === undefined ? null : <Failed problem={problem} onRetry={() => void count()} />}
        {space === undefined ? null : <SpaceTable space={space} />}
        {space === undefined ? null : (
          <div className="row">
            <Button disabled={busy} onPress={() => void count()}>
              {t('space.again')}
            </Button>
            <span className="small quiet" role="status">
              {busy ? t('space.counting') : t('space.as-of', { asOfMs: space.asOfMs })}
            </span>
          </div>
        )}
      </div>
    </details>
  );
}

function SpaceTable({ space }: { readonly space: SpaceView }) {
  return (
    <>
      <p className="small quiet">{t('space.what')}</p>
      <TableFrame label={t('space.open')}>
        <table className="space-table">
          <caption className="visually-hidden">{t('space.open')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('space.part')}</th>
              <th scope="col" className="numbers">
                {t('space.size')}
              </th>
            </tr>
          </thead>
          <tbody>
            {spaceLines(space).map(({ id, bytes, kind, hasHint }) => (
              <tr key={id} className={kind}>
                <td>
                  {t(`space.${id}`)}
                  {hasHint ? <span className="hint block">{t(`space.${id}-hint`)}</span> : null}
                </td>
                <td className="numbers">
                  {/* What lies beside the offer is taken off, so that the lines add up. */}
                  {bytes < 0n ? '− ' : ''}
                  <Size bytes={bytes < 0n ? -bytes : bytes} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </>
  );
}
