import { type FormEvent, useState } from 'react';
import { NAME_CHARS_MAX } from '../../shared/model/bounds.ts';
import type { FriendView } from '../../shared/contract/views.ts';
import { nameInSentence, shortName } from '../../shared/words/short-name.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';

/** A pet name is mine alone; empty brings back the name the friend goes by. */
export function RenameDialog({
  friend,
  onClose,
}: {
  readonly friend: FriendView;
  readonly onClose: () => void;
}) {
  const [petName, setPetName] = useState(shortName(friend.name, NAME_CHARS_MAX));
  const { call, busy, problem } = useCall();
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const renamed = await call('friends.rename', { friend: friend.owner, petName: petName.trim() });
    if (renamed !== undefined) onClose();
  };
  return (
    <Dialog
      title={t('friend.rename-title', { name: nameInSentence(friend.name) })}
      onClose={onClose}
    >
      <form className="stack" onSubmit={(event) => void save(event)}>
        <Field
          label={t('friend.pet-name')}
          hint={t('friend.pet-name-hint')}
          value={petName}
          onChange={setPetName}
          problem={problem}
          maxLength={NAME_CHARS_MAX}
          autoFocus
        />
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={busy}>
            {petName.trim() === ''
              ? t('friend.rename-back')
              : t('friend.rename-to', { name: nameInSentence(petName) })}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
