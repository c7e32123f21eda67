import { type ReactNode, useState } from 'react';
import { PATH_CHARS_MAX } from '../../shared/model/bounds.ts';
import { useWindow } from '../state/store.ts';
import { t } from '../state/words.ts';
import { Button } from './button.tsx';
import { Field } from './field.tsx';
import { FolderDialog } from './folder-dialog.tsx';

/** A folder's path, typed or chosen: by the system's own dialog where there is one, else by ours. */
export function FolderField({
  label,
  value,
  onChange,
  problem,
  hint,
  mayBeNew = false,
  autoFocus = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (folder: string) => void;
  readonly problem?: string | undefined;
  readonly hint?: ReactNode;
  /** Whether a folder that is not there yet will do: it is made when it is used. */
  readonly mayBeNew?: boolean;
  readonly autoFocus?: boolean;
}) {
  const pickFolder = useWindow(({ door }) => door?.pickFolder);
  const [isOpen, setOpen] = useState(false);
  const choose = async () => {
    if (pickFolder === undefined) return setOpen(true);
    const picked = await pickFolder(value).catch(() => null);
    if (picked !== null) onChange(picked);
  };
  return (
    <>
      <Field
        label={label}
        value={value}
        onChange={onChange}
        problem={problem}
        hint={hint}
        maxLength={PATH_CHARS_MAX}
        autoFocus={autoFocus}
        beside={<Button onPress={() => void choose()}>{t('folder.choose')}</Button>}
      />
      {isOpen ? (
        <FolderDialog
          startAt={value}
          mayBeNew={mayBeNew}
          onChoose={(folder) => {
            onChange(folder);
            setOpen(false);
          }}
          onClose={() => setOpen(false)}
        />
      ) : null}
    </>
  );
}
