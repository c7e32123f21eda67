import { type FormEvent, useEffect, useRef, useState } from 'react';
import { isOfFolder } from '../state/of-folder.ts';
import { useCall } from '../state/use-call.ts';
import { useJob } from '../state/use-job.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { FolderField } from '../ui/folder-field.tsx';
import { Problem } from '../ui/problem.tsx';
import { JobEnd, JobProgress } from './job.tsx';

/** A set's whole repository onto a disk that can be carried home. */
export function ExportDialog({
  set,
  onClose,
}: {
  readonly set: string;
  readonly onClose: () => void;
}) {
  return (
    <DiskDialog
      words={{
        title: t('disk.export-title', { set }),
        what: t('disk.export-what'),
        act: t('disk.export-act'),
      }}
      way="out"
      begin={async (call, folder) => (await call('sets.export', { name: set, to: folder }))?.id}
      onClose={onClose}
    />
  );
}

type Call = ReturnType<typeof useCall>['call'];

/** Asks for a folder on a disk, begins what is to be done with it, and then shows how far that is. */
export function DiskDialog({
  words: { title, what, act, of },
  way,
  begin,
  onClose,
}: {
  readonly words: {
    readonly title: string;
    readonly what: string;
    readonly act: string;
    /** What it is called in sentences, where the job's own name says nothing to a person. */
    readonly of?: string;
  };
  readonly way: 'out' | 'in';
  /** Resolves to the job's id, if one began. */
  readonly begin: (call: Call, folder: string) => Promise<string | undefined>;
  readonly onClose: () => void;
}) {
  const { call, busy, problem, fault } = useCall();
  const [folder, setFolder] = useState('');
  const [job, setJob] = useState<string>();
  const isAtFolder = isOfFolder(fault);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setJob(await begin(call, folder.trim()));
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {job === undefined ? (
        <form className="stack" onSubmit={(event) => void submit(event)}>
          <p>{what}</p>
          <FolderField
            label={t(way === 'out' ? 'disk.to' : 'disk.from')}
            hint={t(way === 'out' ? 'disk.to-hint' : 'disk.from-hint')}
            value={folder}
            onChange={setFolder}
            mayBeNew={way === 'out'}
            problem={isAtFolder ? problem : undefined}
            autoFocus
          />
          <Problem>{isAtFolder ? undefined : problem}</Problem>
          <div className="row end">
            <Button onPress={onClose}>{t('ui.cancel')}</Button>
            <Button look="primary" type="submit" disabled={busy || folder.trim() === ''}>
              {act}
            </Button>
          </div>
        </form>
      ) : (
        <JobWatched job={job} of={of} onClose={onClose} />
      )}
    </Dialog>
  );
}

/** It goes on whether somebody watches or not. */
function JobWatched({
  job: id,
  of,
  onClose,
}: {
  readonly job: string;
  readonly of: string | undefined;
  readonly onClose: () => void;
}) {
  const known = useJob(id);
  const job = known === undefined || of === undefined ? known : { ...known, set: of };
  const place = useRef<HTMLDivElement>(null);
  // The button that was pressed is gone; without the focus in it the dialog would not hear Escape.
  useEffect(() => place.current?.focus(), []);
  return (
    <div className="stack" ref={place} tabIndex={-1}>
      {job === undefined ? <p role="status">{t('disk.begun')}</p> : null}
      {job?.state === 'running' ? <JobProgress job={job} /> : null}
      {job === undefined || job.state === 'running' ? (
        <p className="small quiet">{t('disk.goes-on')}</p>
      ) : (
        <JobEnd job={job} />
      )}
      <div className="row end">
        <Button look="primary" onPress={onClose}>
          {t('ui.close')}
        </Button>
      </div>
    </div>
  );
}
