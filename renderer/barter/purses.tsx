import { useState } from 'react';
import type { PurseView } from '../../shared/contract/barter-views.ts';
import type { FriendView } from '../../shared/contract/views.ts';
import { sayOwner } from '../../shared/words/say-notes.ts';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Person } from '../ui/figures.tsx';
import { Empty } from '../ui/states.tsx';
import type { Money } from './amounts.ts';
import { SendDialog } from './give-dialog.tsx';
import { RateDialog } from './rate-dialog.tsx';

/** Friends' promises that I hold, one purse a friend. */
export function PurseList({
  wallet,
  money,
  friends,
}: {
  readonly wallet: readonly PurseView[];
  readonly money: Money;
  readonly friends: readonly FriendView[];
}) {
  if (wallet.length === 0)
    return <Empty title={t('barter.held-none')}>{t('barter.held-none-next')}</Empty>;
  return (
    <ul className="lines card">
      {wallet.map((purse) => (
        <PurseLine key={purse.issuer.owner} purse={purse} money={money} friends={friends} />
      ))}
    </ul>
  );
}

function PurseLine({
  purse,
  money,
  friends,
}: {
  readonly purse: PurseView;
  readonly money: Money;
  readonly friends: readonly FriendView[];
}) {
  const [asking, setAsking] = useState<'send' | 'rate'>();
  const { issuer, units, heldUnits, expiresMs } = purse;
  const name = sayOwner(t, issuer);
  const close = () => setAsking(undefined);
  return (
    <li className="row between top">
      <div className="row-words stack tight">
        <p>
          <a className="plain strong" href={href({ page: 'friend', owner: issuer.owner })}>
            <Person name={issuer.name} />
          </a>
          {': '}
          {money.amount(units, issuer.owner)}
        </p>
        <p className="small quiet">
          {[
            t('barter.keeps', { name, room: money.room(units) }),
            ...(expiresMs === null ? [] : [t('barter.run-out', { expiresMs })]),
            ...(heldUnits === '0'
              ? []
              : [t('barter.set-aside', { amount: money.amount(heldUnits, issuer.owner) })]),
          ].join(' ')}
        </p>
        <p className="small">{honourWords(purse)}</p>
      </div>
      <div className="row">
        <Button label={t('barter.rate-what', { name })} onPress={() => setAsking('rate')}>
          {t('barter.rate')}
        </Button>
        <Button
          label={t('barter.send-notes', { name })}
          // What is set aside may be paid with at any moment.
          disabled={units === heldUnits}
          onPress={() => setAsking('send')}
        >
          {t('barter.send')}
        </Button>
      </div>
      {asking === 'send' ? (
        <SendDialog purse={purse} friends={friends} money={money} onClose={close} />
      ) : null}
      {asking === 'rate' ? <RateDialog purse={purse} onClose={close} /> : null}
    </li>
  );
}

/** How good these promises were so far; told, not scored. */
function honourWords({ issuer, honoured, refused, lastRefusedMs, rate }: PurseView): string {
  const name = sayOwner(t, issuer);
  const past =
    refused > 0
      ? t(lastRefusedMs === null ? 'barter.refused-some' : 'barter.refused-last', {
          name,
          count: refused,
          lastRefusedMs,
        })
      : honoured > 0
        ? t('barter.honoured', { name, count: honoured })
        : t('barter.untried', { name });
  if (rate === 1) return past;
  return `${past} ${t('barter.counted', { percent: Math.round(rate * 100) })}`;
}
