import { type ReactNode, useState } from 'react';
import type { OrderView } from '../../shared/contract/barter-views.ts';
import { say } from '../../shared/words/say.ts';
import { sayOwner } from '../../shared/words/say-notes.ts';
import { useAct, useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { When } from '../ui/figures.tsx';
import { Problem } from '../ui/problem.tsx';
import { Empty, Tag } from '../ui/states.tsx';
import type { Money } from './amounts.ts';

/** What friends propose: it begins with a yes. */
export function AskedOrders({
  orders,
  money,
}: {
  readonly orders: readonly OrderView[];
  readonly money: Money;
}) {
  return orders.map((order) => <AskedOrder key={order.order} order={order} money={money} />);
}

function AskedOrder({ order, money }: { readonly order: OrderView; readonly money: Money }) {
  const { call, busy, problem } = useCall();
  const name = sayOwner(t, order.friend);
  const answer = (yes: boolean) => void call('barter.answer', { order: order.order, yes });
  return (
    <article className="card acts need" aria-label={t('barter.asked', { name })}>
      <div className="stack tight">
        <p className="strong">{t('barter.asked', { name })}</p>
        <OrderWords order={order} money={money} />
        <Problem>{problem}</Problem>
      </div>
      <div className="row">
        <Button disabled={busy} label={t('barter.no-to', { name })} onPress={() => answer(false)}>
          {t('requests.no')}
        </Button>
        <Button
          look="primary"
          disabled={busy}
          label={t('barter.yes-to', { name })}
          onPress={() => answer(true)}
        >
          {t('requests.yes')}
        </Button>
      </div>
    </article>
  );
}

export function OrderList({
  orders,
  money,
  isAlone,
  hasFriends,
  action,
}: {
  readonly orders: readonly OrderView[];
  readonly money: Money;
  /** Nobody has proposed anything either. */
  readonly isAlone: boolean;
  readonly hasFriends: boolean;
  readonly action: ReactNode;
}) {
  if (isAlone)
    return (
      <Empty title={t('barter.orders-none')} action={action}>
        {t(hasFriends ? 'barter.orders-none-next' : 'barter.no-friends')}
      </Empty>
    );
  if (orders.length === 0) return null;
  return (
    <ul className="lines card">
      {[...orders].sort(byState).map((order) => (
        <OrderLine key={order.order} order={order} money={money} />
      ))}
    </ul>
  );
}

/** What goes on comes first, what is over last. */
const PLACES: Readonly<Record<OrderView['state'], number>> = {
  asked: 0,
  standing: 1,
  offered: 2,
  ended: 3,
};

function byState(one: OrderView, other: OrderView): number {
  return PLACES[one.state] - PLACES[other.state];
}

function OrderLine({ order, money }: { readonly order: OrderView; readonly money: Money }) {
  const [asking, setAsking] = useState(false);
  const act = useAct();
  const { state, friend, lastMs, nextMs, problem } = order;
  const name = sayOwner(t, friend);
  const kind = state === 'offered' ? 'take-back' : 'end';
  return (
    <li className="row between top">
      <div className="row-words stack tight">
        <OrderWords order={order} money={money} />
        <p className="small quiet row">
          {state === 'offered' ? <Tag>{t('barter.offered', { name })}</Tag> : null}
          {state === 'ended' ? <Tag>{t('barter.ended')}</Tag> : null}
          {nextMs === null || state !== 'standing' ? null : (
            <span>
              {t('barter.next')} <When ms={nextMs} time={false} />
            </span>
          )}
          {lastMs === null ? null : (
            <span>
              {t('barter.last')} <When ms={lastMs} time={false} />
            </span>
          )}
        </p>
        {problem === null ? null : <p className="warn small">{say(t, problem)}</p>}
      </div>
      {state === 'ended' ? null : (
        <Button label={t(`barter.${kind}-what`, { name })} onPress={() => setAsking(true)}>
          {t(`barter.${kind}`)}
        </Button>
      )}
      {asking ? (
        <Confirm
          title={t(`barter.${kind}-title`, { name })}
          act={t(`barter.${kind}-act`)}
          onClose={() => setAsking(false)}
          onConfirm={() => act('barter.answer', { order: order.order, yes: false })}
        >
          <p>{t(`barter.${kind}-why`, { name })}</p>
        </Confirm>
      ) : null}
    </li>
  );
}

/** "Every 30 days: 10 GB-months of yours for 10 GB-months of Ana’s", and what that is in room. */
function OrderWords({ order, money }: { readonly order: OrderView; readonly money: Money }) {
  const { friend, giveUnits, wantUnits, periodDays, translated, replaces, state } = order;
  const isChange = replaces !== undefined && (state === 'asked' || state === 'offered');
  const kind = wantUnits === '0' ? 'give' : giveUnits === '0' ? 'get' : 'swap';
  const words = (give: string, want: string) => ({
    name: sayOwner(t, friend),
    count: periodDays,
    give,
    want,
  });
  return (
    <>
      <p>
        {t(
          `barter.order-${kind}`,
          words(money.amount(giveUnits), money.amount(wantUnits, friend.owner)),
        )}
      </p>
      <p className="small quiet">
        {t(
          `barter.room-${kind}`,
          words(money.room(giveUnits, periodDays), money.room(wantUnits, periodDays)),
        )}
        {translated ? ` ${t('barter.translated')}` : null}
        {isChange ? ` ${t('barter.replaces')}` : null}
      </p>
    </>
  );
}
