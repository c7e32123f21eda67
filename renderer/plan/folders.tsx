import { FOLDERS_MAX } from '../../shared/model/bounds.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { FolderField } from '../ui/folder-field.tsx';

/** The folders of a set, a line each. */
export function Folders({
  folders,
  onChange,
  problemAt,
  isNew,
}: {
  readonly folders: readonly string[];
  readonly onChange: (folders: readonly string[]) => void;
  readonly problemAt: (index: number) => string | undefined;
  /** The last line takes the focus. */
  readonly isNew: boolean;
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
          autoFocus={isNew && index === folders.length - 1}
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
