import { type FormEvent, useEffect, useState } from 'react';
import type { AppSnapshot, JobView } from '../../shared/contract/views.ts';
import { tameText } from '../../shared/words/short-name.ts';
import { JobEnd } from '../backups/job.tsx';
import { Restores } from '../backups/restores.tsx';
import { href } from '../state/router.ts';
import { isOfFolder } from '../state/of-folder.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { FolderField } from '../ui/folder-field.tsx';
import { Problem } from '../ui/problem.tsx';
import { Empty } from '../ui/states.tsx';
import { Browser } from './browser.tsx';
import { sourceName, type Source } from './source.ts';
import './restore.css';

/** What was kept, to be looked through and brought back: of a set, or of a folder on a disk. */
export function RestorePage({
  set,
  snapshot,
}: {
  readonly set?: string;
  readonly snapshot: AppSnapshot & { readonly asOfMs: number };
}) {
  const [from, setFrom] = useState<string>();
  const source = sourceOf(set, from);
  const title =
    source === undefined
      ? t('restore.disk-title')
      : t('restore.title', { set: tameText(sourceName(source), 120) });
  return (
    <>
      <header className="page-head">
        <p className="small">
          <a href={href({ page: 'backups' })}>{t('restore.to-backups')}</a>
        </p>
        <h1>{title}</h1>
        <p className="quiet">{t(source === undefined ? 'restore.disk-about' : 'restore.about')}</p>
      </header>
      <Restores restores={snapshot.restores} />
      <LastEnd source={source} jobs={snapshot.jobs} />
      {source === undefined ? (
        <DiskForm onOpen={setFrom} />
      ) : isKnown(set, snapshot) ? (
        <Browser
          key={sourceName(source)}
          source={source}
          nowMs={snapshot.asOfMs}
          {...(from === undefined ? {} : { onLeave: () => setFrom(undefined) })}
        />
      ) : (
        <Empty action={<a href={href({ page: 'backups' })}>{t('restore.to-backups')}</a>}>
          {t('restore.set-unknown')}
        </Empty>
      )}
    </>
  );
}

/** How the latest restore from here has ended: of what lies on a disk, or is another computer's, no card tells of it. */
function LastEnd({
  source,
  jobs,
}: {
  readonly source: Source | undefined;
  readonly jobs: readonly JobView[];
}) {
  const latest = jobs.find(
    ({ kind, set }) => kind === 'restore' && source !== undefined && set === sourceName(source),
  );
  if (latest === undefined || latest.state === 'running' || latest.state === 'paused') return null;
  return (
    <section className="card section" aria-label={t('restores.ended')} role="status">
      <JobEnd job={latest} />
    </section>
  );
}

function sourceOf(set: string | undefined, from: string | undefined): Source | undefined {
  if (set !== undefined) return { name: set };
  return from === undefined ? undefined : { from };
}

/** After a new start with the words, a set can be known by its friends alone. */
function isKnown(set: string | undefined, { sets, recovery }: AppSnapshot): boolean {
  return (
    set === undefined ||
    sets.some(({ name }) => name === set) ||
    recovery.sets.some(({ name }) => name === set)
  );
}

/** Which folder holds it; it is looked into before anything else is shown. */
function DiskForm({ onOpen }: { readonly onOpen: (from: string) => void }) {
  const [folder, setFolder] = useState('');
  const { call, busy, problem, fault } = useCall();
  const isAtFolder = isOfFolder(fault);
  const [isSent, setSent] = useState(false);
  useEffect(() => setSent(false), [folder]);
  const open = async (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    const from = folder.trim();
    if (from === '') return;
    if ((await call('sets.snapshots', { from })) !== undefined) onOpen(from);
  };
  const isMissing = isSent && folder.trim() === '';
  return (
    <form className="card stack disk-form" onSubmit={(event) => void open(event)}>
      <FolderField
        label={t('restore.disk-folder')}
        hint={t('restore.disk-hint')}
        value={folder}
        onChange={setFolder}
        problem={isMissing ? t('restore.disk-missing') : isAtFolder ? problem : undefined}
      />
      <Problem>{isAtFolder ? undefined : problem}</Problem>
      <div className="row">
        <Button look="primary" type="submit" disabled={busy}>
          {t(busy ? 'restore.disk-opening' : 'restore.disk-open')}
        </Button>
      </div>
    </form>
  );
}
