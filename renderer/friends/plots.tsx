import { useState } from 'react';
import type { HostedPlotView, MyPlotView } from '../../shared/contract/views.ts';
import { nameInSentence, shortName } from '../../shared/words/short-name.ts';
import { GatewayDialog, PlotDiskDialog } from '../backups/dialogs-later.ts';
import { useAct } from '../state/use-call.ts';
import { size, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Size, When } from '../ui/figures.tsx';
import { Empty, Tag } from '../ui/states.tsx';
import { leaseWords } from './lease-words.ts';
import { firstEndMs, isLent } from './lending.ts';

/** What a friend keeps here, plot by plot. */
export function HostedPlots({
  plots,
  name,
}: {
  readonly plots: readonly HostedPlotView[];
  readonly name: string;
}) {
  if (plots.length === 0) return <p className="quiet">{t('friend.hosted-empty', { name })}</p>;
  return (
    <ul className="lines card">
      {plots.map((plot) => (
        <li key={plot.plot} className="stack tight">
          <div className="row between">
            <span className="row">
              <strong>
                <Size bytes={plot.sizeBytes} />
              </strong>
              <PlotTag state={plot.state} plotClass={plot.class} />
              {plot.missingObjects === 0 ? null : (
                <Tag tone="bad">{t('friend.damaged', { count: plot.missingObjects })}</Tag>
              )}
            </span>
            <span className="quiet small numbers">{writtenWords(plot)}</span>
          </div>
          <p className="small quiet">
            {t(`ground.${plot.ground}`)} · {leaseWords(plot.leftS)} · {t('friend.since')}{' '}
            <When ms={plot.fromMs} time={false} />
            {plot.purpose === null || plot.purpose === '' ? null : (
              <>
                {' '}
                · <q>{shortName(plot.purpose, 80)}</q>
              </>
            )}
          </p>
          <Disk plot={plot} />
          {plot.state === 'reclaimable' ? <Reclaim plot={plot} /> : null}
        </li>
      ))}
    </ul>
  );
}

/** Carried to or from a disk, where that is quicker than the line between the two. */
function Disk({ plot }: { readonly plot: HostedPlotView }) {
  const [way, setWay] = useState<'out' | 'in'>();
  const words = { name: nameInSentence(plot.friend), size: size(plot.sizeBytes) };
  return (
    <div className="row">
      {plot.writtenBytes === '0' ? null : (
        <Button look="link" label={t('disk.out-what', words)} onPress={() => setWay('out')}>
          {t('disk.out')}
        </Button>
      )}
      {plot.state === 'active' ? (
        <Button look="link" label={t('disk.in-what', words)} onPress={() => setWay('in')}>
          {t('disk.in')}
        </Button>
      ) : null}
      {way === undefined ? null : (
        <PlotDiskDialog plot={plot} way={way} onClose={() => setWay(undefined)} />
      )}
    </div>
  );
}

/** A friend's long expired plot goes only when its owner here says so by name (design §3.4). */
function Reclaim({ plot }: { readonly plot: HostedPlotView }) {
  const [asking, setAsking] = useState(false);
  const act = useAct();
  const words = { name: nameInSentence(plot.friend), bytes: size(plot.writtenBytes) };
  return (
    <div className="row">
      <Button look="danger" onPress={() => setAsking(true)}>
        {t('friend.reclaim', words)}
      </Button>
      {asking ? (
        <Confirm
          title={t('friend.reclaim-title', words)}
          act={t('friend.reclaim', words)}
          onClose={() => setAsking(false)}
          onConfirm={() => act('plots.reclaim', { plot: plot.plot, name: plot.friend })}
        >
          <p>{t('friend.reclaim-what', words)}</p>
        </Confirm>
      ) : null}
    </div>
  );
}

/** What a friend keeps for me, and how to give it back. */
export function MyPlots({
  plots,
  name,
  nowMs,
}: {
  readonly plots: readonly MyPlotView[];
  readonly name: string;
  readonly nowMs: number;
}) {
  if (plots.length === 0) return <Empty>{t('friend.mine-empty', { name })}</Empty>;
  return (
    <ul className="lines card">
      {plots.map((plot) => (
        <MyPlotLine key={plot.plot} plot={plot} nowMs={nowMs} />
      ))}
    </ul>
  );
}

function MyPlotLine({ plot, nowMs }: { readonly plot: MyPlotView; readonly nowMs: number }) {
  const [asking, setAsking] = useState(false);
  const [isGatewayOpen, setGatewayOpen] = useState(false);
  const act = useAct();
  const words = {
    name: nameInSentence(plot.friend),
    size: size(plot.sizeBytes),
    written: size(plot.writtenBytes),
  };
  return (
    <li className="row between top">
      <div className="row-words">
        <p className="row">
          <strong>
            <Size bytes={plot.sizeBytes} />
          </strong>
          <PlotTag state={plot.state} plotClass={plot.class} />
          {plot.set === null ? null : <span>{t('friend.for-set', { set: plot.set })}</span>}
        </p>
        <p className="small quiet">
          {writtenWords(plot)} · {leaseWords(plot.leftS)}
        </p>
        {isLent(plot) ? <p className="small">{lentWords(plot, nowMs)}</p> : null}
        {plot.leavesMs === undefined ? null : (
          <p className="small warn">{t('friend.leaves', { leavesMs: plot.leavesMs })}</p>
        )}
      </div>
      <div className="row">
        <Button
          look="link"
          label={t('gateway.open-what', words)}
          onPress={() => setGatewayOpen(true)}
        >
          {t('gateway.open')}
        </Button>
        <Button onPress={() => setAsking(true)}>{t('friend.give-back')}</Button>
      </div>
      {isGatewayOpen ? <GatewayDialog plot={plot} onClose={() => setGatewayOpen(false)} /> : null}
      {asking ? (
        <Confirm
          title={t('friend.give-back-title', words)}
          act={t('friend.give-back-act', words)}
          onClose={() => setAsking(false)}
          onConfirm={() => act('plots.release', { plot: plot.plot })}
        >
          <p>
            {t(plot.set === null ? 'friend.give-back-what' : 'friend.give-back-set', {
              ...words,
              set: plot.set,
            })}
          </p>
        </Confirm>
      ) : null}
    </li>
  );
}

function PlotTag({
  state,
  plotClass,
}: {
  readonly state: HostedPlotView['state'];
  readonly plotClass: HostedPlotView['class'];
}) {
  if (state !== 'active') return <Tag tone="warn">{t(`plot-state.${state}`)}</Tag>;
  return plotClass === 'borrowed' ? <Tag>{t('bed.legend-lent')}</Tag> : null;
}

/** What is lent to me may have to go, whoever waits for it: said before anything happens. */
function lentWords(plot: MyPlotView, nowMs: number): string {
  const untilMs = firstEndMs([plot], nowMs);
  return untilMs === undefined ? t('lending.mine-over') : t('lending.mine', { untilMs });
}

/** What was deleted and stays for a while, because the plot is protected, is part of it. */
function writtenWords({
  writtenBytes,
  trashBytes,
}: Pick<MyPlotView, 'writtenBytes' | 'trashBytes'>): string {
  const written = t('friend.written', { writtenBytes });
  return trashBytes === '0' ? written : `${written}, ${t('friend.in-trash', { trashBytes })}`;
}
