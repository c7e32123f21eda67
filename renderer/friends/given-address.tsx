import { type FormEvent, useState } from 'react';
import { ADDRESS_CHARS_MAX } from '../../shared/model/bounds.ts';
import type { FriendView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Saved } from '../ui/saved.tsx';

/** Where a friend is reached who is not in the same network: he says it, nobody can find it out. */
export function GivenAddress({ friend }: { readonly friend: FriendView }) {
  const { owner, givenAddress } = friend;
  const [address, setAddress] = useState(givenAddress ?? '');
  const [isSaved, setSaved] = useState(false);
  const { call, busy, problem } = useCall();
  const set = async (next: string | null) => {
    const done = await call('friends.set-address', { friend: owner, address: next });
    if (done === undefined) return;
    setAddress(next ?? '');
    setSaved(true);
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    void set(address.trim());
  };
  const name = nameInSentence(friend.name);
  const isUnchanged = address.trim() === '' || address.trim() === givenAddress;
  return (
    <form className="stack tight" onSubmit={save}>
      <Field
        label={t('friend.given-address', { name })}
        hint={t('friend.given-address-hint', { name })}
        value={address}
        onChange={(next) => {
          setSaved(false);
          setAddress(next);
        }}
        problem={problem}
        maxLength={ADDRESS_CHARS_MAX}
      />
      <div className="row">
        <Button type="submit" disabled={busy || isUnchanged}>
          {t('friend.given-save')}
        </Button>
        {givenAddress === null ? null : (
          <Button look="link" disabled={busy} onPress={() => void set(null)}>
            {t('friend.given-forget')}
          </Button>
        )}
        <Saved isSaved={isSaved} />
      </div>
    </form>
  );
}
