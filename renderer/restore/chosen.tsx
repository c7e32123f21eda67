import { useState } from 'react';
import { RESTORE_PATHS_MAX } from '../../shared/model/bounds.ts';
import type { SnapshotView } from '../../shared/contract/backup-views.ts';
import { useLatest } from '../state/use-latest.ts';
import { size, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import type { Selection } from './selection.ts';
import type { Source } from './source.ts';
import { TargetDialog } from './target-dialog.tsx';

/** Asked when choosing has paused for a moment. */
const MEASURE_AFTER_MS = 250;

type Asked = { readonly snapshot: SnapshotView; readonly paths: readonly string[] };

/** What is chosen, how much that is, and on with it. */
export function Chosen({
  source,
  snapshot,
  selection,
  onClear,
}: {
  readonly source: Source;
  readonly snapshot: SnapshotView;
  readonly selection: Selection;
  readonly onClear: () => void;
}) {
  // As it was chosen when the question was asked, whatever the list of states holds meanwhile.
  const [asked, setAsked] = useState<Asked>();
  const count = selection.size;
  const isTooMany = count > RESTORE_PATHS_MAX;
  const paths = [...selection.keys()];
  const measured = useLatest(
    'sets.measure',
    isTooMany ? undefined : { ...source, snapshot: snapshot.id, ...(count === 0 ? {} : { paths }) },
    MEASURE_AFTER_MS,
  );
  const { value, isOld, problem } = measured;
  const total =
    value === undefined || isOld
      ? undefined
      : t('restore.total', { count: value.files, bytesTotal: value.bytes });
  return (
    <div className="chosen">
      <div>
        <p className="strong">
          {count === 0 ? t('restore.nothing-chosen') : t('restore.chosen', { count })}
        </p>
        <p className="small quiet numbers" role="status">
          {isTooMany
            ? t('restore.too-many', { count: RESTORE_PATHS_MAX })
            : (problem ?? total ?? t('restore.measuring'))}
        </p>
      </div>
      <div className="row">
        {count === 0 ? null : <Button onPress={onClear}>{t('restore.clear')}</Button>}
        <Button look="primary" disabled={isTooMany} onPress={() => setAsked({ snapshot, paths })}>
          {count === 0 ? t('restore.everything') : t('restore.these')}
        </Button>
      </div>
      {asked === undefined ? null : (
        <TargetDialog
          source={source}
          {...asked}
          bytes={
            value === undefined || isOld || asked.snapshot.id !== snapshot.id
              ? undefined
              : size(value.bytes)
          }
          onClose={() => setAsked(undefined)}
        />
      )}
    </div>
  );
}
