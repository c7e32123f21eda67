import { type FormEvent, useCallback, useEffect, useRef, useState } from 'react';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import type { ResultOf } from '../../shared/contract/contract.ts';
import { type Caller, faultWords, useDoor } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { isFolderName, joinFolder, splitFolder } from './folder-path.ts';
import { Problem } from './problem.tsx';
import { Failed, Loading } from './states.tsx';
import './folder-dialog.css';

type Listing = ResultOf<'folders.list'>;

/** Nobody scrolls through more; a name can still be typed into the field. */
const SHOWN_MAX = 500;

/** Walks through the folders of the computer on which Allotment runs, which a browser's own dialog can't. */
export function FolderDialog({
  startAt,
  mayBeNew,
  onChoose,
  onClose,
}: {
  readonly startAt: string;
  readonly mayBeNew: boolean;
  readonly onChoose: (folder: string) => void;
  readonly onClose: () => void;
}) {
  const { listing, busy, problem, begin, open, fresh, setFresh } = useListing(startAt, mayBeNew);
  const name = fresh.trim();
  const isNameWrong = name !== '' && !isFolderName(name);
  const choose = (event: FormEvent) => {
    event.preventDefault();
    // This dialog stands inside the form whose field it fills; that one is not sent.
    event.stopPropagation();
    if (listing === undefined || isNameWrong) return;
    onChoose(name === '' ? listing.folder : joinFolder(listing.folder, name));
  };
  return (
    <Dialog title={t('folder.title')} onClose={onClose}>
      <form className="stack tight" onSubmit={choose}>
        {listing === undefined ? null : <Place listing={listing} busy={busy} onOpen={open} />}
        {listing === undefined && problem === undefined ? (
          <Loading what={t('folder.loading')} />
        ) : null}
        {listing === undefined && problem !== undefined ? (
          <Failed problem={problem} onRetry={begin} />
        ) : (
          <Problem>{problem}</Problem>
        )}
        {mayBeNew && listing !== undefined ? (
          <Field
            label={t('folder.new')}
            hint={t('folder.new-hint')}
            value={fresh}
            onChange={setFresh}
            maxLength={100}
            problem={isNameWrong ? t('folder.new-wrong') : undefined}
          />
        ) : null}
        <div className="row end folder-acts">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={listing === undefined || isNameWrong}>
            {name === '' ? t('folder.take') : t('folder.take-new')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Where we are, one step up, and what lies in here. */
function Place({
  listing,
  busy,
  onOpen,
}: {
  readonly listing: Listing;
  readonly busy: boolean;
  readonly onOpen: (folder: string) => void;
}) {
  const { folder, parent, folders } = listing;
  const shown = folders.slice(0, SHOWN_MAX);
  return (
    <>
      <div className="row between folder-place">
        <p className="strong folder-path" role="status">
          <bdi>{folder}</bdi>
        </p>
        <Button disabled={parent === null} onPress={() => onOpen(parent ?? folder)}>
          {t('folder.up')}
        </Button>
      </div>
      <ListBox
        // Another folder is another list: the keyboard begins at its top.
        key={folder}
        aria-label={t('folder.inside', { folder })}
        aria-busy={busy}
        className="list-box folder-list"
        autoFocus="first"
        onAction={(key) => onOpen(joinFolder(folder, String(key)))}
        renderEmptyState={() => <p className="quiet folder-none">{t('folder.empty')}</p>}
      >
        {shown.map((name) => (
          <ListBoxItem key={name} id={name} textValue={name} className="list-item">
            {name}
          </ListBoxItem>
        ))}
      </ListBox>
      {folders.length > shown.length ? (
        <p className="hint">{t('folder.more', { count: folders.length - shown.length })}</p>
      ) : null}
    </>
  );
}

/** The folder in sight; the old one stays until the next can be shown. */
function useListing(startAt: string, mayBeNew: boolean) {
  const door = useDoor();
  const [listing, setListing] = useState<Listing>();
  const [busy, setBusy] = useState(true);
  const [problem, setProblem] = useState<string>();
  const [fresh, setFresh] = useState('');
  const latest = useRef(0);

  const show = useCallback(async (ask: () => ReturnType<typeof firstListing>) => {
    latest.current += 1;
    const mine = latest.current;
    setBusy(true);
    const { result, rest } = await ask();
    // Overtaken by a later step.
    if (mine !== latest.current) return;
    setBusy(false);
    setProblem(result.ok ? undefined : faultWords(result.fault));
    if (!result.ok) return;
    setListing(result.value);
    setFresh(rest);
  }, []);

  // The field behind the dialog does not change while it is open.
  const begin = useCallback(
    () => void show(() => firstListing(door, startAt, mayBeNew)),
    [door, startAt, mayBeNew, show],
  );
  useEffect(() => {
    begin();
    return () => {
      latest.current += 1;
    };
  }, [begin]);

  const open = (folder: string) =>
    void show(async () => ({ result: await door('folders.list', { folder }), rest: '' }));
  return { listing, busy, problem, begin, open, fresh, setFresh };
}

/** Begins at what stands in the field, else beside it with the missing name to be made, else at home. */
async function firstListing(door: Caller, startAt: string, mayBeNew: boolean) {
  const typed = startAt.trim();
  const there = await door('folders.list', { folder: typed });
  if (there.ok || typed === '') return { result: there, rest: '' };
  const split = splitFolder(typed);
  if (split !== undefined) {
    const beside = await door('folders.list', { folder: split.parent });
    if (beside.ok)
      return { result: beside, rest: mayBeNew && isFolderName(split.name) ? split.name : '' };
  }
  return { result: await door('folders.list', { folder: '' }), rest: '' };
}
