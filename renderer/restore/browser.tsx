import { useState } from 'react';
import type { EntryView, FoundView, SnapshotView } from '../../shared/contract/backup-views.ts';
import { useAnswer } from '../state/use-answer.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { Chosen } from './chosen.tsx';
import { Find } from './find.tsx';
import { ForgetDialog } from './forget-dialog.tsx';
import { FolderList } from './folder-list.tsx';
import { folderOf, NOTHING, type Selection } from './selection.ts';
import { SnapshotList } from './snapshot-list.tsx';
import type { Source } from './source.ts';

/** The states there are, and what lies in the one that is chosen. */
export function Browser({
  source,
  nowMs,
  onLeave,
}: {
  readonly source: Source;
  readonly nowMs: number;
  /** Back to where another disk can be chosen. */
  readonly onLeave?: () => void;
}) {
  const { value: snapshots, problem, retry } = useAnswer('sets.snapshots', source);
  if (snapshots === undefined)
    return problem === undefined ? (
      <Loading what={t('backups.snapshots-loading')} />
    ) : (
      <Failed problem={problem} onRetry={retry} />
    );
  if (snapshots.length === 0) return <Empty>{t('backups.snapshots-empty')}</Empty>;
  return (
    <Looking
      source={source}
      snapshots={snapshots.toSorted((one, other) => other.atMs - one.atMs)}
      nowMs={nowMs}
      onForgotten={retry}
      {...(onLeave === undefined ? {} : { onLeave })}
    />
  );
}

function Looking({
  source,
  snapshots,
  nowMs,
  onForgotten,
  onLeave,
}: {
  readonly source: Source;
  /** Newest first. */
  readonly snapshots: readonly SnapshotView[];
  readonly nowMs: number;
  readonly onForgotten: () => void;
  readonly onLeave?: () => void;
}) {
  // Of the state for which it was opened, whatever the list holds meanwhile.
  const [forgetting, setForgetting] = useState<SnapshotView>();
  const [id, setId] = useState(snapshots[0]?.id);
  const [path, setPath] = useState('');
  const [chosen, setChosen] = useState<{ readonly of: string; readonly selection: Selection }>();
  const [isFinding, setFinding] = useState(false);
  // It may have been forgotten meanwhile.
  const snapshot = snapshots.find((each) => each.id === id) ?? snapshots[0];
  if (snapshot === undefined) return null;
  // What was chosen of one day is not chosen of another.
  const selection = chosen?.of === snapshot.id ? chosen.selection : NOTHING;
  const setSelection = (next: Selection) => setChosen({ of: snapshot.id, selection: next });
  const choose = (next: string) => {
    setId(next);
    setChosen(undefined);
  };
  const goTo = (found: FoundView) => {
    const known = snapshots.find((each) => each.id === found.snapshot);
    if (known === undefined) return;
    setId(known.id);
    setPath(folderOf(found.path));
    setChosen({ of: known.id, selection: new Map([[found.path, entryOf(found)]]) });
    setFinding(false);
  };
  return (
    <div className="restore">
      <SnapshotList snapshots={snapshots} chosen={snapshot.id} nowMs={nowMs} onChoose={choose} />
      <div className="restore-inside">
        <Find source={source} isOpen={isFinding} onOpen={setFinding} onGo={goTo} />
        {isFinding ? null : (
          <>
            <FolderList
              source={source}
              snapshot={snapshot}
              path={path}
              selection={selection}
              onPath={setPath}
              onSelect={setSelection}
            />
            <Chosen
              source={source}
              snapshot={snapshot}
              selection={selection}
              onClear={() => setSelection(NOTHING)}
            />
          </>
        )}
        {/* Of another computer's set, and of what lies on a disk, nothing is deleted from here. */}
        {'name' in source && !source.name.includes('/') && !isFinding ? (
          <p>
            <Button look="link" onPress={() => setForgetting(snapshot)}>
              {t('restore.forget')}
            </Button>
          </p>
        ) : null}
        {'name' in source && forgetting !== undefined ? (
          <ForgetDialog
            set={source.name}
            snapshot={forgetting}
            onDone={onForgotten}
            onClose={() => setForgetting(undefined)}
          />
        ) : null}
        {onLeave === undefined ? null : (
          <p>
            <Button look="link" onPress={onLeave}>
              {t('restore.other-disk')}
            </Button>
          </p>
        )}
      </div>
    </div>
  );
}

function entryOf({ snapshot: _snapshot, atMs: _atMs, ...entry }: FoundView): EntryView {
  return entry;
}
