import type { MembershipView } from '../../shared/contract/household-views.ts';
import { say } from '../../shared/words/say.ts';
import { ownerWords } from '../introductions/owner-words.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Person } from '../ui/figures.tsx';
import { Problem } from '../ui/problem.tsx';
import { Tag } from '../ui/states.tsx';
import { AccountBar, PlanWords } from './account-bar.tsx';
import { hostWords } from './host-words.ts';

/** Accounts that friends keep and to which I belong: what I may still have, where, and as of when. */
export function Memberships({
  memberships,
  self,
  hasFriends,
}: {
  readonly memberships: readonly MembershipView[];
  readonly self: string;
  /** Somebody can be asked. */
  readonly hasFriends: boolean;
}) {
  const { call, busy, problem } = useCall();
  return (
    <section className="section" aria-labelledby="memberships-title">
      <h2 id="memberships-title">{t('household.memberships')}</h2>
      {memberships.length === 0 ? (
        <p className="quiet">{t('household.memberships-empty')}</p>
      ) : (
        <ul className="accounts">
          {memberships.map((each) => (
            <MembershipCard
              key={`${each.keeper.owner} ${each.account}`}
              membership={each}
              self={self}
            />
          ))}
        </ul>
      )}
      {hasFriends ? (
        <div className="row">
          <Button disabled={busy} onPress={() => void call('memberships.look', {})}>
            {busy
              ? t('household.looking')
              : t(memberships.length === 0 ? 'household.look-first' : 'household.look')}
          </Button>
        </div>
      ) : null}
      <Problem>{problem}</Problem>
    </section>
  );
}

function MembershipCard({
  membership,
  self,
}: {
  readonly membership: MembershipView;
  readonly self: string;
}) {
  const { account, keeper, closed, hosts, asOfMs, problem } = membership;
  const name = ownerWords(keeper);
  return (
    <li className="card account" aria-label={account}>
      <div>
        <div className="account-head">
          <h3 className="account-name">
            <Person name={account} max={80} />
          </h3>
          {closed ? <Tag tone="warn">{t('household.closed')}</Tag> : null}
        </div>
        <p className="small quiet">{t('household.kept-by', { name })}</p>
      </div>
      <div className="stack tight">
        <AccountBar {...membership} openBytes="0" />
        <PlanWords {...membership} />
        {closed ? <p className="small warn">{t('household.closed-what')}</p> : null}
        <p className="small quiet">{hostWords(hosts, self)}</p>
        {problem === null ? null : (
          <p className="small">
            {t('household.as-of', { name, asOfMs })} {say(t, problem)}
          </p>
        )}
      </div>
    </li>
  );
}
