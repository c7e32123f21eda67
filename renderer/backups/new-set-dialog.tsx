import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { FriendView } from '../../shared/contract/views.ts';
import { href } from '../state/router.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Checks } from '../ui/checks.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Person } from '../ui/figures.tsx';
import { FolderField } from '../ui/folder-field.tsx';
import { LinesField } from '../ui/lines-field.tsx';
import { Problem } from '../ui/problem.tsx';
import { Empty } from '../ui/states.tsx';
import { callOf, fieldOf, nameFor, problemsOf, type SetForm, type SetProblem } from './set-form.ts';

const FOLDERS_MAX = 64;

/** Which folders, at which friends', under which name; the first run begins at once. */
export function NewSetDialog({
  friends,
  chosen,
  onClose,
  onMade,
}: {
  readonly friends: readonly FriendView[];
  /** Whom it is about, where it is opened for somebody. */
  readonly chosen?: string;
  readonly onClose: () => void;
  readonly onMade?: () => void;
}) {
  const [form, setForm] = useState<SetForm>({
    name: '',
    folders: [''],
    // One friend is no choice.
    to: friends
      .filter(({ owner }) => friends.length === 1 || owner === chosen)
      .map(({ owner }) => owner),
    exclude: '',
  });
  const [isNamed, setNamed] = useState(false);
  const [tries, setTries] = useState(0);
  const { call, busy, problem, fault } = useCall();
  const wrong = tries > 0 ? problemsOf(form) : [];
  const at = fault === undefined ? undefined : fieldOf(fault, form);
  const said = (...kinds: readonly SetProblem[]) => {
    const kind = kinds.find((each) => wrong.includes(each));
    return kind === undefined ? undefined : t(`backups.${kind}`);
  };
  const setFolders = (folders: readonly string[]) =>
    setForm((before) => ({
      ...before,
      folders,
      name: isNamed ? before.name : nameFor(folders[0] ?? ''),
    }));
  const shown = useRef<HTMLFormElement>(null);
  useEffect(() => {
    // What is missing may be out of sight.
    shown.current?.querySelector<HTMLElement>('[data-invalid] input')?.focus();
  }, [tries]);
  const create = async (event: FormEvent) => {
    event.preventDefault();
    setTries(tries + 1);
    if (problemsOf(form).length > 0) return;
    const made = await call('sets.create', callOf(form));
    if (made === undefined) return;
    // Should the run not begin, the set is there all the same and says so on its card.
    await call('sets.run', { name: made.name });
    onMade?.();
    onClose();
  };
  if (friends.length === 0)
    return (
      <Dialog title={t('backups.new-title')} onClose={onClose}>
        <Empty action={<a href={href({ page: 'friends' })}>{t('backups.to-friends')}</a>}>
          {t('backups.no-friends-next')}
        </Empty>
      </Dialog>
    );
  return (
    <Dialog title={t('backups.new-title')} onClose={onClose}>
      <form className="stack" ref={shown} onSubmit={(event) => void create(event)}>
        <Folders
          folders={form.folders}
          onChange={setFolders}
          problemAt={(index) =>
            at === index ? problem : index === 0 ? said('no-folder') : undefined
          }
        />
        <Field
          label={t('backups.name')}
          value={form.name}
          onChange={(name) => {
            setNamed(true);
            setForm({ ...form, name });
          }}
          problem={at === 'name' ? problem : said('no-name', 'bad-name')}
          maxLength={80}
        />
        <Checks
          label={t('backups.to')}
          hint={t('backups.to-hint')}
          values={form.to}
          options={friends.map(({ owner, name }) => ({
            value: owner,
            label: <Person name={name} />,
          }))}
          onChange={(to) => setForm({ ...form, to })}
          problem={said('no-friend')}
        />
        <details>
          <summary>{t('backups.exclude-open')}</summary>
          <LinesField
            label={t('backups.exclude')}
            hint={t('backups.exclude-hint')}
            value={form.exclude}
            onChange={(exclude) => setForm({ ...form, exclude })}
          />
        </details>
        <Problem>{at === undefined ? problem : undefined}</Problem>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={busy}>
            {t('backups.create')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Folders({
  folders,
  onChange,
  problemAt,
}: {
  readonly folders: readonly string[];
  readonly onChange: (folders: readonly string[]) => void;
  readonly problemAt: (index: number) => string | undefined;
}) {
  const mayAdd = folders.length < FOLDERS_MAX && folders.at(-1)?.trim() !== '';
  return (
    <div className="stack tight">
      {folders.map((folder, index) => (
        <FolderField
          // A folder has no name but its place in the list.
          key={index}
          label={
            folders.length === 1
              ? t('backups.folder')
              : t('backups.folder-number', { number: index + 1 })
          }
          value={folder}
          onChange={(next) => onChange(folders.with(index, next))}
          problem={problemAt(index)}
          autoFocus={index === folders.length - 1}
        />
      ))}
      {mayAdd || folders.length > 1 ? (
        <div className="row">
          {mayAdd ? (
            <Button look="link" onPress={() => onChange([...folders, ''])}>
              {t('backups.folder-more')}
            </Button>
          ) : null}
          {folders.length === 1 ? null : (
            <Button look="link" onPress={() => onChange(folders.slice(0, -1))}>
              {t('backups.folder-less')}
            </Button>
          )}
        </div>
      ) : null}
    </div>
  );
}
