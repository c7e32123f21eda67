import { useRef, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Checkbox } from 'react-aria-components/Checkbox';
import { GridList, GridListItem } from 'react-aria-components/GridList';
import type { EntryView, SnapshotView } from '../../shared/contract/backup-views.ts';
import { tameText } from '../../shared/words/short-name.ts';
import { useLatest } from '../state/use-latest.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Size, When } from '../ui/figures.tsx';
import { Failed, Loading } from '../ui/states.tsx';
import { coverOf, crumbsOf, parentOf, type Selection, withChosen, without } from './selection.ts';
import { type Source, sourceName } from './source.ts';

/** Mounted at once, and asked for at once. */
const PAGE = 100;

/**
 * A folder of a snapshot: arrows go through it, Enter opens, Space chooses, Backspace goes one up. Large folders come
 * page by page.
 */
export function FolderList({
  source,
  snapshot,
  path,
  selection,
  onPath,
  onSelect,
}: {
  readonly source: Source;
  readonly snapshot: SnapshotView;
  readonly path: string;
  readonly selection: Selection;
  readonly onPath: (path: string) => void;
  readonly onSelect: (selection: Selection) => void;
}) {
  const where = `${snapshot.id} ${path}`;
  const [pages, setPages] = useState<Pages>({ of: where, after: [] });
  const after = pages.of === where ? pages.after : [];
  const last = after.at(-1);
  const { value, isOld, problem, retry } = useLatest('sets.browse', {
    ...source,
    snapshot: snapshot.id,
    path,
    limit: PAGE,
    ...(last === undefined ? {} : { after: last }),
  });
  /** The old list stays, with the focus in it, until the next is there. */
  const shown = useRef('');
  if (!isOld) shown.current = `${where} ${last ?? ''}`;
  const hasMoved = useRef(false);
  const goTo = (next: string) => {
    hasMoved.current = true;
    onPath(next);
  };
  const crumbs = crumbsOf(path, snapshot.paths);
  const up = () => {
    if (path !== '') goTo(parentOf(crumbs));
  };
  const cover = coverOf(selection, `${path}/`) ?? selection.get(path);
  const turn = (next: readonly string[]) => {
    hasMoved.current = true;
    setPages({ of: where, after: next });
  };
  return (
    <div className="stack tight">
      <Crumbs crumbs={crumbs} onGo={goTo} />
      {cover === undefined ? null : (
        <p className="row small" role="status">
          {t('restore.all-of', { name: tameText(cover.name, 120) })}
          <Button look="link" onPress={() => onSelect(without(selection, cover.path))}>
            {t('restore.choose-single')}
          </Button>
        </p>
      )}
      {problem !== undefined ? <Failed problem={problem} onRetry={retry} /> : null}
      {problem === undefined && value === undefined ? (
        <Loading what={t('restore.loading')} />
      ) : null}
      {problem === undefined && value !== undefined ? (
        <>
          <Entries
            // Another folder is another list: the keyboard begins at its top.
            key={shown.current}
            entries={value.entries}
            isOld={isOld}
            isCovered={cover !== undefined}
            takesFocus={hasMoved.current}
            label={t('restore.inside', { folder: crumbs.at(-1)?.name ?? sourceName(source) })}
            selection={selection}
            onOpen={goTo}
            onUp={up}
            onSelect={onSelect}
          />
          {after.length === 0 && value.next === null ? null : (
            <div className="row">
              <Button disabled={after.length === 0} onPress={() => turn(after.slice(0, -1))}>
                {t('restore.page-before')}
              </Button>
              <Button
                disabled={isOld || value.next === null}
                onPress={() => turn(value.next === null ? after : [...after, value.next])}
              >
                {t('restore.page-next')}
              </Button>
              <span className="small quiet">
                {t('restore.page', {
                  from: after.length * PAGE + 1,
                  until: after.length * PAGE + value.entries.length,
                })}
              </span>
            </div>
          )}
        </>
      ) : null}
    </div>
  );
}

/** Where the pages before this one ended, in the folder that they are of. */
type Pages = { readonly of: string; readonly after: readonly string[] };

function Crumbs({
  crumbs,
  onGo,
}: {
  readonly crumbs: ReturnType<typeof crumbsOf>;
  readonly onGo: (path: string) => void;
}) {
  const all = [{ name: t('restore.top'), path: '' }, ...crumbs];
  return (
    <nav className="crumbs" aria-label={t('restore.crumbs')}>
      <ol>
        {all.map(({ name, path }, index) => (
          <li key={path}>
            {index === all.length - 1 ? (
              <span aria-current="page" className="strong">
                {tameText(name, 60)}
              </span>
            ) : (
              <AriaButton className="button link" onPress={() => onGo(path)}>
                {tameText(name, 60)}
              </AriaButton>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Entries({
  entries,
  isOld,
  isCovered,
  takesFocus,
  label,
  selection,
  onOpen,
  onUp,
  onSelect,
}: {
  readonly entries: readonly EntryView[];
  readonly isOld: boolean;
  /** A folder above is chosen, and with it all of this. */
  readonly isCovered: boolean;
  readonly takesFocus: boolean;
  readonly label: string;
  readonly selection: Selection;
  readonly onOpen: (path: string) => void;
  readonly onUp: () => void;
  readonly onSelect: (selection: Selection) => void;
}) {
  const paths = entries.map(({ path }) => path);
  const folders = new Set(entries.filter(({ kind }) => kind === 'folder').map(({ path }) => path));
  return (
    <div
      className={isOld ? 'entries-frame is-old' : 'entries-frame'}
      onKeyDownCapture={(event) => {
        const path = (event.target as HTMLElement).closest('[role=row]')?.getAttribute('data-key');
        if (event.key === 'Backspace') onUp();
        // The list itself would open nothing any more once something in it is chosen.
        else if (event.key === 'Enter' && isRow(event.target) && folders.has(path ?? '')) {
          onOpen(path ?? '');
        } else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <GridList
        aria-label={label}
        aria-busy={isOld}
        className="entries"
        selectionMode="multiple"
        autoFocus={takesFocus ? 'first' : false}
        // What a folder above stands for is chosen one by one only after that was taken back.
        selectedKeys={isCovered ? paths : paths.filter((path) => selection.has(path))}
        onSelectionChange={(keys) => {
          if (isCovered || isOld) return;
          const chosen = keys === 'all' ? new Set(paths) : new Set([...keys].map(String));
          onSelect(withChosen(selection, entries, chosen));
        }}
        onAction={(key) => {
          const path = String(key);
          if (folders.has(path)) onOpen(path);
        }}
        renderEmptyState={() => <p className="quiet entries-none">{t('restore.empty')}</p>}
      >
        {entries.map((entry) => (
          <Entry key={entry.path} entry={entry} isCovered={isCovered} onOpen={onOpen} />
        ))}
      </GridList>
    </div>
  );
}

function Entry({
  entry: { path, name, kind, bytes, mtimeMs },
  isCovered,
  onOpen,
}: {
  readonly entry: EntryView;
  readonly isCovered: boolean;
  readonly onOpen: (path: string) => void;
}) {
  const shown = tameText(name, 200);
  return (
    <GridListItem
      id={path}
      className={`entry ${kind}`}
      textValue={`${shown}, ${t(`restore.kind-${kind}`)}`}
    >
      <Checkbox
        slot="selection"
        className="radio entry-check"
        aria-label={t('restore.choose')}
        isDisabled={isCovered}
      >
        <span className="check-mark" aria-hidden="true" />
      </Checkbox>
      <KindIcon kind={kind} />
      {kind === 'folder' ? (
        <AriaButton className="entry-name" excludeFromTabOrder onPress={() => onOpen(path)}>
          {shown}
        </AriaButton>
      ) : (
        <span className="entry-name">{shown}</span>
      )}
      <span className="small quiet numbers entry-when">
        {mtimeMs === null ? null : <When ms={mtimeMs} />}
      </span>
      <span className="small quiet numbers entry-size">
        {bytes === null ? t(`restore.kind-${kind}`) : <Size bytes={bytes} />}
      </span>
    </GridListItem>
  );
}

function isRow(target: EventTarget): boolean {
  return target instanceof HTMLElement && target.getAttribute('role') === 'row';
}

function KindIcon({ kind }: { readonly kind: EntryView['kind'] }) {
  return (
    <svg className="entry-icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      {kind === 'folder' ? (
        <path d="M2.5 16V4.5h5l2 2h8V16z" />
      ) : (
        <path d="M5 2.5h7l3.5 3.5v11.5H5zM12 2.5V6h3.5" />
      )}
    </svg>
  );
}
