import type { HostedPlotView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
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
  const words = {
    name: nameInSentence(friend),
    size: size(sizeBytes),
    written: size(writtenBytes),
  };
  return (
    <DiskDialog
      words={{
        title: t(`disk.plot-${way}-title`, words),
        what: t(`disk.plot-${way}-what`, words),
        act: t(`disk.plot-${way}-act`, words),
        of: t('disk.plot-of', words),
      }}
      way={way}
      begin={async (call, folder) =>
        way === 'out'
          ? (await call('plots.export', { plot, to: folder }))?.id
          : (await call('plots.import', { plot, from: folder }))?.id
      }
      onClose={onClose}
    />
  );
}
