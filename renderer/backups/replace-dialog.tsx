import { friendly } from '../friends/friendly.ts';
import { labelsOf } from '../friends/namesakes.ts';
import { useState } from 'react';
import type { BackupSetView, CopyView } from '../../shared/contract/backup-views.ts';
import type { FriendView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/problem.tsx';

const NOBODY = 'nobody';

/** Somebody else keeps the copy from now on that this friend kept, or nobody does. */
export function ReplaceDialog({
  set,
  from,
  friends,
  onClose,
}: {
  readonly set: BackupSetView;
  readonly from: CopyView;
  readonly friends: readonly FriendView[];
  readonly onClose: () => void;
}) {
  const keepers = new Set(set.copies.map(({ owner }) => owner));
  const others = friendly(friends).filter(({ owner }) => !keepers.has(owner));
  const [to, setTo] = useState(others[0]?.owner ?? NOBODY);
  const { call, busy, problem } = useCall();
  const name = nameInSentence(from.friend);
  const labelOf = labelsOf(others);
  const replace = async () => {
    const wish = { name: set.name, from: from.owner, to: to === NOBODY ? null : to };
    if ((await call('sets.replace', wish)) !== undefined) onClose();
  };
  return (
    <Dialog title={t('copies.replace-title', { name, set: set.name })} onClose={onClose}>
      <div className="stack">
        <p>{t('copies.replace-what', { name })}</p>
        <Choice
          label={t('copies.replace-who')}
          value={to}
          onChange={setTo}
          options={[
            ...others.map(({ owner }) => ({ value: owner, label: labelOf(owner) })),
            {
              value: NOBODY,
              label: t('copies.replace-nobody'),
              hint: t('copies.replace-nobody-hint'),
            },
          ]}
        />
        <Problem>{problem}</Problem>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" disabled={busy} onPress={() => void replace()}>
            {t('copies.replace-act')}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
