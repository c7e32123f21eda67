import { type ReactNode, useState } from 'react';
import type { AccountUseView, AccountView } from '../../shared/contract/household-views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { namesWords } from '../state/names-words.ts';
import { ownerWords } from '../introductions/owner-words.ts';
import { useAct, useCall } from '../state/use-call.ts';
import { size, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Person } from '../ui/figures.tsx';
import { Problem } from '../ui/problem.tsx';
import { Tag } from '../ui/states.tsx';
import { AccountBar, PlanWords } from './account-bar.tsx';
import { AccountUsage } from './account-usage.tsx';
import { hostWords } from './host-words.ts';

/** One account that this device keeps: the plan, who belongs to it, who holds what where, and what can be done. */
export function AccountCard({
  account,
  self,
  onEdit,
}: {
  readonly account: AccountView;
  /** The owner of this device, who may be a host too. */
  readonly self: string;
  readonly onEdit: () => void;
}) {
  const { openBytes, closed, members, usage, hosts } = account;
  return (
    <li>
      <article className="card account" aria-label={account.account} tabIndex={-1}>
        <div className="account-head">
          <h3 className="account-name">
            <Person name={account.account} max={80} />
          </h3>
          {closed ? <Tag tone="warn">{t('household.closed')}</Tag> : null}
        </div>
        <div className="stack tight">
          <AccountBar {...account} />
          <PlanWords {...account} />
          {openBytes === '0' ? null : <p className="small">{t('household.open', { openBytes })}</p>}
          {closed ? (
            <p className="small warn">
              {t(account.restored === true ? 'household.restored-what' : 'household.closed-what')}
            </p>
          ) : null}
          <p className="small quiet">
            {members.length === 0
              ? t('household.members-none')
              : t('household.members', {
                  friends: namesWords(members.map(({ name }) => name)),
                })}{' '}
            {hostWords(hosts, self)}
          </p>
        </div>
        {usage.length === 0 ? (
          <p className="small quiet">{t('household.usage-none')}</p>
        ) : (
          <AccountUsage account={account} self={self} />
        )}
        <Acts account={account} onEdit={onEdit} />
        <Gone account={account} self={self} />
      </article>
    </li>
  );
}

function Acts({
  account: { account, closed, chargedBytes },
  onEdit,
}: {
  readonly account: AccountView;
  readonly onEdit: () => void;
}) {
  const [asking, setAsking] = useState(false);
  const { call, busy, problem } = useCall();
  const act = useAct();
  const words = { account: nameInSentence(account, 40) };
  return (
    <>
      <div className="row">
        <Button label={t('household.edit-what', words)} onPress={onEdit}>
          {t('household.edit')}
        </Button>
        <Button
          disabled={busy}
          label={t(closed ? 'household.reopen-what' : 'household.close-what', words)}
          onPress={() => void call('accounts.set', { account, closed: !closed })}
        >
          {t(closed ? 'household.reopen' : 'household.close')}
        </Button>
        {/* As long as something is charged, an account is closed and not deleted. */}
        {chargedBytes === '0' ? (
          <Button
            look="danger"
            label={t('household.drop-what', words)}
            onPress={() => setAsking(true)}
          >
            {t('household.drop')}
          </Button>
        ) : null}
      </div>
      <Problem>{problem}</Problem>
      {asking ? (
        <Confirm
          title={t('household.drop-title', words)}
          act={t('household.drop-act', words)}
          onClose={() => setAsking(false)}
          onConfirm={() => act('accounts.drop', { account })}
        >
          <p>{t('household.drop-body')}</p>
        </Confirm>
      ) : null}
    </>
  );
}

/** Hosts that were lost with what lay there: rarely needed, and out of the way until then. */
function Gone({
  account,
  self,
}: {
  readonly account: AccountView;
  readonly self: string;
}): ReactNode {
  const hosts = Map.groupBy(account.usage, ({ host }) => host.owner);
  const others = [...hosts].filter(([owner]) => owner !== self);
  if (others.length === 0) return null;
  return (
    <details>
      <summary>{t('household.gone')}</summary>
      <div className="row account-gone">
        {others.map(([owner, uses]) => (
          <Strike key={owner} account={account.account} uses={uses} />
        ))}
      </div>
    </details>
  );
}

function Strike({
  account,
  uses,
}: {
  readonly account: string;
  readonly uses: readonly AccountUseView[];
}) {
  const [asking, setAsking] = useState(false);
  const act = useAct();
  const [first] = uses;
  if (first === undefined) return null;
  const bytes = uses.reduce((sum, { chargedBytes }) => sum + BigInt(chargedBytes), 0n);
  const words = {
    name: ownerWords(first.host),
    account: nameInSentence(account, 40),
    size: size(bytes),
    bytes: `${bytes}`,
  };
  return (
    <>
      <Button look="danger" onPress={() => setAsking(true)}>
        {t('household.strike', words)}
      </Button>
      {asking ? (
        <Confirm
          title={t('household.strike-title', words)}
          act={t('household.strike-act', words)}
          onClose={() => setAsking(false)}
          onConfirm={() => act('accounts.strike', { account, host: first.host.owner })}
        >
          <p>{t('household.strike-body', words)}</p>
          <p>{t('household.strike-only', words)}</p>
        </Confirm>
      ) : null}
    </>
  );
}
