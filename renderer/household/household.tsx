import { friendly } from '../friends/friendly.ts';
import { useRef, useState } from 'react';
import type { AppSnapshot } from '../../shared/contract/views.ts';
import { useKeptFocus } from '../state/use-kept-focus.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Empty } from '../ui/states.tsx';
import { AccountCard } from './account-card.tsx';
import { AccountDialog } from './account-dialog.tsx';
import { Keepers } from './keepers.tsx';
import { Memberships } from './memberships.tsx';
import './household.css';

/** Accounts of a household, from all three sides: kept here, belonged to, and honoured here. */
export function Household({ snapshot }: { readonly snapshot: AppSnapshot }) {
  /** `null`: a new one. */
  const [editing, setEditing] = useState<string | null>();
  const { household, status } = snapshot;
  const { kept, memberships, keepers } = household;
  const friends = friendly(snapshot.friends);
  const isEmpty = kept.length + memberships.length === 0 && !keepers.some((each) => each.honoured);
  const edited = kept.find(({ account }) => account === editing);
  const begin = () => setEditing(null);
  return (
    <>
      <header className="page-head">
        <div className="row between">
          <h1>{t('household.title')}</h1>
          {isEmpty ? null : <Button onPress={begin}>{t('household.new')}</Button>}
        </div>
        <p className="quiet">{t('household.about')}</p>
      </header>
      {isEmpty ? (
        <Empty
          title={t('household.empty-title')}
          action={
            <Button look="primary" onPress={begin}>
              {t('household.new')}
            </Button>
          }
        >
          {t('household.empty')}
        </Empty>
      ) : (
        <Kept snapshot={snapshot} onEdit={setEditing} />
      )}
      <Memberships memberships={memberships} self={status.owner} hasFriends={friends.length > 0} />
      <Keepers household={household} friends={friends} self={status.owner} />
      {editing === undefined || (editing !== null && edited === undefined) ? null : (
        <AccountDialog
          account={edited}
          names={kept.map(({ account }) => account)}
          friends={friends}
          self={status.owner}
          onClose={() => setEditing(undefined)}
        />
      )}
    </>
  );
}

function Kept({
  snapshot: { household, status },
  onEdit,
}: {
  readonly snapshot: AppSnapshot;
  readonly onEdit: (account: string) => void;
}) {
  const place = useRef<HTMLElement>(null);
  const focus = useKeptFocus(place);
  const { kept } = household;
  return (
    <section className="section" aria-labelledby="kept-title" ref={place} tabIndex={-1} {...focus}>
      <h2 id="kept-title">{t('household.kept')}</h2>
      {kept.length === 0 ? (
        <p className="quiet">{t('household.kept-empty')}</p>
      ) : (
        <ul className="stack">
          {kept.map((account) => (
            <AccountCard
              key={account.account}
              account={account}
              self={status.owner}
              onEdit={() => onEdit(account.account)}
            />
          ))}
        </ul>
      )}
    </section>
  );
}
