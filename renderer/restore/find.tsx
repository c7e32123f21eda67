import { type FormEvent, useState } from 'react';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import type { FoundView } from '../../shared/contract/backup-views.ts';
import { tameText } from '../../shared/words/short-name.ts';
import { useLatest } from '../state/use-latest.ts';
import { dateTime, size, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Failed, Loading } from '../ui/states.tsx';
import { folderOf } from './selection.ts';
import type { Source } from './source.ts';

/** Mounted at once; whoever has found more writes more of the name. */
const MOST = 100;

/** By name, through all states: a line for each version, and from there to the folder it lies in. */
export function Find({
  source,
  isOpen,
  onOpen,
  onGo,
}: {
  readonly source: Source;
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
  readonly onGo: (found: FoundView) => void;
}) {
  const [typed, setTyped] = useState('');
  const [text, setText] = useState('');
  const find = (event: FormEvent) => {
    event.preventDefault();
    const wanted = typed.trim();
    setText(wanted);
    onOpen(wanted !== '');
  };
  const shut = () => {
    setTyped('');
    onOpen(false);
  };
  return (
    <>
      <form className="find" role="search" onSubmit={find}>
        <Field
          label={t('restore.find')}
          hint={t('restore.find-hint')}
          value={typed}
          onChange={setTyped}
          maxLength={1000}
          beside={
            <>
              <Button type="submit" disabled={typed.trim() === ''}>
                {t('restore.find-act')}
              </Button>
              {isOpen ? <Button onPress={shut}>{t('restore.find-shut')}</Button> : null}
            </>
          }
        />
      </form>
      {isOpen ? <Results source={source} text={text} onGo={onGo} /> : null}
    </>
  );
}

function Results({
  source,
  text,
  onGo,
}: {
  readonly source: Source;
  readonly text: string;
  readonly onGo: (found: FoundView) => void;
}) {
  const { value, isOld, problem, retry } = useLatest('sets.find', {
    ...source,
    text,
    limit: MOST + 1,
  });
  if (problem !== undefined) return <Failed problem={problem} onRetry={retry} />;
  if (value === undefined || isOld) return <Loading what={t('restore.finding')} />;
  const { found: all, stopped } = value;
  const shown = all.slice(0, MOST);
  const what = tameText(text, 60);
  return (
    <section className="stack tight" aria-label={t('restore.found')}>
      <p className="quiet" role="status">
        {all.length > MOST
          ? t('restore.found-many', { count: MOST, text: what })
          : t('restore.found-some', { count: all.length, text: what })}
        {stopped === 'time' ? ` ${t('restore.found-late')}` : ''}
      </p>
      {shown.length === 0 ? null : (
        <ListBox
          aria-label={t('restore.found')}
          className="list-box found-list"
          onAction={(key) => {
            const found = shown[Number(key)];
            if (found !== undefined) onGo(found);
          }}
        >
          {shown.map((found, index) => (
            <Found key={`${found.snapshot} ${found.path}`} id={`${index}`} found={found} />
          ))}
        </ListBox>
      )}
    </section>
  );
}

function Found({ id, found }: { readonly id: string; readonly found: FoundView }) {
  const { name, path, bytes, atMs, mtimeMs } = found;
  const shown = tameText(name, 200);
  const of = t('restore.found-of', { atMs });
  return (
    <ListBoxItem id={id} className="list-item found" textValue={shown}>
      <span className="strong found-name">{shown}</span>
      <span className="small quiet numbers">{bytes === null ? '' : size(bytes)}</span>
      <span className="small quiet found-where">{tameText(folderOf(path), 300)}</span>
      <span className="small quiet">
        {of}
        {mtimeMs === null
          ? ''
          : ` · ${t('restore.changed', { when: dateTime(mtimeMs, { dateStyle: 'medium', timeStyle: 'short' }) })}`}
      </span>
    </ListBoxItem>
  );
}
