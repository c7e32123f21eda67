import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { AppSnapshot, PairingView } from '../../shared/contract/views.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Nearby } from './nearby.tsx';
import { Pairings } from './pairings.tsx';
import { isOpen } from './pairing-states.ts';
import { StopCalling } from './stop-calling.tsx';

/** For whoever is not near: what the other screen shows is said at the field. */
export function AddFriendForm({
  onCalled,
  onCancel,
  autoFocus = true,
}: {
  readonly onCalled: () => void;
  readonly onCancel?: () => void;
  readonly autoFocus?: boolean;
}) {
  const [address, setAddress] = useState('');
  const { call, busy, problem } = useCall();
  const start = async (event: FormEvent) => {
    event.preventDefault();
    const begun = await call('pairings.start', { address: address.trim() });
    if (begun === undefined) return;
    setAddress('');
    onCalled();
  };
  return (
    <form className="stack" onSubmit={(event) => void start(event)}>
      <Field
        label={t('friends.address')}
        hint={t('friends.address-hint')}
        value={address}
        onChange={setAddress}
        problem={problem}
        autoFocus={autoFocus}
      />
      <div className={onCancel === undefined ? 'row' : 'row end'}>
        {busy ? <StopCalling /> : null}
        {onCancel === undefined || busy ? null : (
          <Button onPress={onCancel}>{t('ui.cancel')}</Button>
        )}
        <Button look="primary" type="submit" disabled={address.trim() === '' || busy}>
          {busy ? t('friends.calling') : t('friends.call')}
        </Button>
      </div>
    </form>
  );
}

/** Where nobody nearby is in sight: both ways to somebody. */
export function AddFriendDialog({
  snapshot,
  onClose,
}: {
  readonly snapshot: AppSnapshot;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title={t('friends.add')} onClose={onClose}>
      <Meanwhile snapshot={snapshot} onClose={onClose} />
      <p>{t('friends.add-how')}</p>
      <Nearby snapshot={snapshot} small onCalled={onClose} />
      <AddFriendForm onCalled={onClose} onCancel={onClose} autoFocus={false} />
    </Dialog>
  );
}

/** Beside a list of who is near: only the address. */
export function AddByAddressDialog({
  snapshot,
  onClose,
}: {
  readonly snapshot: AppSnapshot;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title={t('friends.by-address')} onClose={onClose}>
      <Meanwhile snapshot={snapshot} onClose={onClose} />
      <p>{t('friends.by-address-how')}</p>
      <AddFriendForm onCalled={onClose} onCancel={onClose} />
    </Dialog>
  );
}

/**
 * The other side may call first, and its digits would stand on the page behind the dialog where nobody
 * sees them. What came since the dialog was opened is shown in it; once it is a friendship, nobody needs
 * the dialog any more.
 */
function Meanwhile({
  snapshot,
  onClose,
}: {
  readonly snapshot: AppSnapshot;
  readonly onClose: () => void;
}) {
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const { pairings } = snapshot;
  const [before] = useState<ReadonlySet<string>>(new Set(pairings.map(({ id }) => id)));
  const fresh = pairings.filter(
    (each) => each.began === 'there' && isOpen(each) && !before.has(each.id) && !seen.has(each.id),
  );
  if (fresh.length > 0) setSeen(new Set([...seen, ...fresh.map(({ id }) => id)]));
  const shown = pairings.filter(({ id }) => seen.has(id));
  const isDone = shown.some(({ state }: PairingView) => state === 'paired');
  useEffect(() => {
    if (isDone) onClose();
  }, [isDone, onClose]);
  const place = useRef<HTMLDivElement>(null);
  const newest = shown.at(-1)?.id;
  useEffect(() => {
    if (newest !== undefined) place.current?.scrollIntoView({ block: 'start' });
  }, [newest]);
  return (
    <div ref={place} hidden={shown.length === 0}>
      {isDone ? null : <Pairings snapshot={{ ...snapshot, pairings: shown }} />}
    </div>
  );
}
