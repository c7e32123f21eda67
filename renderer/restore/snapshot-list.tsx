import { useState } from 'react';
import { Header } from 'react-aria-components/Header';
import { ListBox, ListBoxItem, ListBoxSection } from 'react-aria-components/ListBox';
import type { SnapshotView } from '../../shared/contract/backup-views.ts';
import { dateTime, size, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { groupsOf, type SnapshotGroup } from './snapshot-groups.ts';

/** Mounted at once; a set that runs every hour has thousands. */
const SHOWN = 60;

/** The days of which something is there, newest first, as a calendar would have them. */
export function SnapshotList({
  snapshots,
  chosen,
  nowMs,
  onChoose,
}: {
  readonly snapshots: readonly SnapshotView[];
  readonly chosen: string;
  readonly nowMs: number;
  readonly onChoose: (id: string) => void;
}) {
  const at = snapshots.findIndex(({ id }) => id === chosen);
  const [turned, setTurned] = useState({ at: chosen, first: pageOf(at) });
  // What is chosen elsewhere leads to its page; and a page may be gone, because what stood on it was deleted.
  const wanted = turned.at === chosen ? turned.first : pageOf(at);
  const first = Math.min(wanted, pageOf(snapshots.length - 1));
  const setFirst = (to: number) => setTurned({ at: chosen, first: to });
  const [isOpen, setOpen] = useState(false);
  const shown = snapshots.slice(first, first + SHOWN);
  const present = snapshots[at];
  return (
    <section className="snapshots" aria-labelledby="snapshots-title">
      <h2 id="snapshots-title">{t('restore.when')}</h2>
      <Button
        expanded={isOpen}
        onPress={() => setOpen(!isOpen)}
        label={t('restore.other-day', { when: present === undefined ? '' : whole(present.atMs) })}
      >
        {present === undefined ? t('restore.when') : <time>{whole(present.atMs)}</time>}
      </Button>
      <div className={isOpen ? 'snapshots-all is-open' : 'snapshots-all'}>
        <ListBox
          // Another page is another list.
          key={first}
          aria-label={t('restore.when')}
          className="list-box snapshot-list"
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[chosen]}
          onSelectionChange={(keys) => {
            const [id] = keys === 'all' ? [] : keys;
            if (id !== undefined) onChoose(String(id));
          }}
        >
          {groupsOf(shown, nowMs).map((group) => (
            <ListBoxSection key={group.id} id={`group ${group.id}`}>
              <Header className="snapshot-group">
                <GroupName group={group} />
              </Header>
              {group.snapshots.map((snapshot) => (
                <Day key={snapshot.id} snapshot={snapshot} kind={group.kind} />
              ))}
            </ListBoxSection>
          ))}
        </ListBox>
        {snapshots.length <= SHOWN ? null : (
          <div className="row">
            <Button disabled={first === 0} onPress={() => setFirst(first - SHOWN)}>
              {t('restore.newer')}
            </Button>
            <Button
              disabled={first + SHOWN >= snapshots.length}
              onPress={() => setFirst(first + SHOWN)}
            >
              {t('restore.older')}
            </Button>
          </div>
        )}
      </div>
    </section>
  );
}

function pageOf(at: number): number {
  return Math.floor(Math.max(0, at) / SHOWN) * SHOWN;
}

function Day({
  snapshot: { id, atMs, bytes },
  kind,
}: {
  readonly snapshot: SnapshotView;
  readonly kind: SnapshotGroup['kind'];
}) {
  return (
    <ListBoxItem id={id} className="list-item snapshot" textValue={whole(atMs)}>
      {/* Its group says the rest of the date, but only to who sees it. */}
      <span className="visually-hidden">{t('restore.day', { atMs })}</span>
      <time className="numbers" aria-hidden="true">
        {timeIn(kind, atMs)}
      </time>
      {bytes === null ? null : <span className="small quiet numbers">{size(bytes)}</span>}
    </ListBoxItem>
  );
}

function whole(ms: number): string {
  return dateTime(ms, { dateStyle: 'medium', timeStyle: 'short' });
}

/** What its group does not say already. */
function timeIn(kind: SnapshotGroup['kind'], ms: number): string {
  if (kind === 'today' || kind === 'yesterday') return dateTime(ms, { timeStyle: 'short' });
  const time = { hour: 'numeric', minute: '2-digit' } as const;
  return kind === 'week'
    ? dateTime(ms, { weekday: 'long', ...time })
    : dateTime(ms, { weekday: 'short', day: 'numeric', ...time });
}

function GroupName({ group: { kind, atMs } }: { readonly group: SnapshotGroup }) {
  return kind === 'month' ? (
    <time>{dateTime(atMs, { month: 'long', year: 'numeric' })}</time>
  ) : (
    t(`restore.group-${kind}`)
  );
}
