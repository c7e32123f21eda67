import type { HostedPlotView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { useCall } from '../state/use-call.ts';
import { size, t } from '../state/words.ts';
import { DiskDialog } from './export-dialog.tsx';

/** A friend's plot here carried to or from a disk, where the line is slow or the way is short. */
export function PlotDiskDialog({
  plot: { plot, friend, sizeBytes, writtenBytes },
  way,
  onClose,
}: {
  readonly plot: HostedPlotView;
  readonly way: 'out' | 'in';
  readonly onClose: () => void;
}) {
  const { call, busy, problem, fault } = useCall();
  const words = {
    name: nameInSentence(friend),
    size: size(sizeBytes),
    written: size(writtenBytes),
  };
  const begin = async (folder: string) =>
    way === 'out'
      ? (await call('plots.export', { plot, to: folder }))?.id
      : (await call('plots.import', { plot, from: folder }))?.id;
  return (
    <DiskDialog
      title={t(`disk.plot-${way}-title`, words)}
      what={t(`disk.plot-${way}-what`, words)}
      label={t(way === 'out' ? 'disk.to' : 'disk.from')}
      hint={t(way === 'out' ? 'disk.to-hint' : 'disk.from-hint')}
      act={t(`disk.plot-${way}-act`, words)}
      mayBeNew={way === 'out'}
      busy={busy}
      problem={problem}
      isOfFolder={fault?.code.startsWith('folder-') === true || fault?.code === 'no-repository'}
      of={t('disk.plot-of', words)}
      onAct={begin}
      onClose={onClose}
    />
  );
}
