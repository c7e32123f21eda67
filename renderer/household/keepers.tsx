import { useState } from 'react';
import type { HouseholdView, KeeperView } from '../../shared/contract/household-views.ts';
import type { FriendView } from '../../shared/contract/views.ts';
import { labelsOf } from '../friends/namesakes.ts';
import { ownerWords } from '../introductions/owner-words.ts';
import { href } from '../state/router.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/problem.tsx';
import { Select } from '../ui/select.tsx';
import { Empty } from '../ui/states.tsx';
import { Switch } from '../ui/switch.tsx';

/** The host's side: whose accounts count on this computer. */
export function Keepers({
  household: { keepers, untold },
  friends,
  self,
}: {
  readonly household: HouseholdView;
  readonly friends: readonly FriendView[];
  readonly self: string;
}) {
  const others = friends.filter(({ owner }) => !keepers.some((keeper) => keeper.owner === owner));
  return (
    <section className="section" aria-labelledby="keepers-title">
      <div className="stack tight">
        <h2 id="keepers-title">{t('household.keepers')}</h2>
        <p className="small quiet">{t('household.keepers-about')}</p>
      </div>
      {untold === 0 ? null : <p role="status">{t('household.untold', { count: untold })}</p>}
      {keepers.length + others.length === 0 ? (
        <Empty action={<a href={href({ page: 'friends' })}>{t('household.to-friends')}</a>}>
          {t('household.keepers-empty')}
        </Empty>
      ) : (
        <div className="card stack">
          {keepers.length === 0 ? <p>{t('household.keepers-none')}</p> : null}
          {keepers.map((keeper) => (
            <Keeper key={keeper.owner} keeper={keeper} self={self} />
          ))}
          {others.length === 0 ? null : <AnotherKeeper friends={others} />}
        </div>
      )}
    </section>
  );
}

function Keeper({ keeper, self }: { readonly keeper: KeeperView; readonly self: string }) {
  const { call, busy, problem } = useCall();
  const [wish, setWish] = useState<boolean>();
  const { owner, honoured } = keeper;
  const change = async (isOn: boolean) => {
    setWish(isOn);
    await call('keepers.honour', { friend: owner, honoured: isOn });
    setWish(undefined);
  };
  return (
    <div>
      <Switch
        label={
          owner === self
            ? t('household.honour-own')
            : t('household.honour', { name: ownerWords(keeper) })
        }
        isOn={wish ?? honoured}
        disabled={busy}
        onChange={(isOn) => void change(isOn)}
      />
      <Problem>{problem}</Problem>
    </div>
  );
}

/** Somebody of whom this computer has not heard that he keeps accounts. */
function AnotherKeeper({ friends }: { readonly friends: readonly FriendView[] }) {
  const [chosen, setChosen] = useState<string>();
  const { call, busy, problem } = useCall();
  const friend = friends.find(({ owner }) => owner === chosen) ?? friends[0];
  const labelOf = labelsOf(friends, 40);
  if (friend === undefined) return null;
  return (
    <div className="stack tight">
      <div className="row keeper-line">
        <Select
          label={t('household.honour-other')}
          value={friend.owner}
          options={friends.map(({ owner }) => ({ value: owner, label: labelOf(owner) }))}
          onChange={setChosen}
        />
        <Button
          disabled={busy}
          onPress={() => void call('keepers.honour', { friend: friend.owner, honoured: true })}
        >
          {t('household.honour-act')}
        </Button>
      </div>
      <Problem>{problem}</Problem>
    </div>
  );
}
