import { friendly } from '../friends/friendly.ts';
import { type ReactNode, useRef, useState } from 'react';
import type { AppSnapshot, Revisioned } from '../../shared/contract/views.ts';
import { useCall } from '../state/use-call.ts';
import { useKeptFocus } from '../state/use-kept-focus.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/problem.tsx';
import { Switch } from '../ui/switch.tsx';
import { moneyOf } from './amounts.ts';
import { CurrencySection } from './currency.tsx';
import { GiveDialog } from './give-dialog.tsx';
import { NoteLog } from './note-log.tsx';
import { AskedOrders, OrderList } from './orders.tsx';
import { Owed } from './owed.tsx';
import { ProposeDialog } from './propose-dialog.tsx';
import { PurseList } from './purses.tsx';
import { TranslatorSection } from './translator.tsx';
import './barter.css';

/**
 * Notes and standing orders (design §3.6). What is held and what is owed stand side by side in words; they
 * are never added up to a score, because that makes people hoard.
 */
export function Barter({ snapshot }: { readonly snapshot: Revisioned & AppSnapshot }) {
  return snapshot.settings.barter ? <BarterOn snapshot={snapshot} /> : <BarterOff />;
}

function BarterOff() {
  return (
    <>
      <header className="page-head">
        <h1>{t('barter.title')}</h1>
      </header>
      <section className="card barter-explained" aria-label={t('barter.what')}>
        <p>{t('barter.what-notes')}</p>
        <p>{t('barter.what-orders')}</p>
        <p>{t('barter.what-bound')}</p>
        <OnOff isOn={false} />
      </section>
    </>
  );
}

function BarterOn({ snapshot }: { readonly snapshot: Revisioned & AppSnapshot }) {
  const [asking, setAsking] = useState<'propose' | 'give'>();
  const place = useRef<HTMLDivElement>(null);
  const kept = useKeptFocus(place);
  const { barter, friends } = snapshot;
  const { currency, mint, orders, translator, wallet } = barter;
  const money = moneyOf(currency, wallet);
  const partners = friendly(friends);
  const asked = orders.filter(({ state }) => state === 'asked');
  const others = orders.filter(({ state }) => state !== 'asked');
  const close = () => setAsking(undefined);
  const propose = (
    <Button disabled={partners.length === 0} onPress={() => setAsking('propose')}>
      {t('barter.propose')}
    </Button>
  );
  return (
    <>
      <header className="page-head">
        <h1>{t('barter.title')}</h1>
        <p className="quiet">{t('barter.about')}</p>
      </header>
      <Section id="orders" beside={orders.length === 0 ? undefined : propose}>
        <div ref={place} tabIndex={-1} className="stack tight" {...kept}>
          <AskedOrders orders={asked} money={money} />
          <OrderList
            orders={others}
            money={money}
            isAlone={orders.length === 0}
            hasFriends={partners.length > 0}
            action={propose}
          />
        </div>
      </Section>
      <Section id="held">
        <PurseList wallet={wallet} money={money} friends={partners} />
      </Section>
      <Section
        id="owed"
        beside={
          <Button disabled={partners.length === 0} onPress={() => setAsking('give')}>
            {t('barter.give')}
          </Button>
        }
      >
        <Owed mint={mint} money={money} />
      </Section>
      <Section id="translator">
        <TranslatorSection translator={translator} />
      </Section>
      <Section id="currency">
        <CurrencySection currency={currency} />
      </Section>
      <Section id="log">
        <NoteLog barter={barter} money={money} />
      </Section>
      <div className="card">
        <OnOff isOn />
      </div>
      {asking === 'propose' ? (
        <ProposeDialog friends={partners} money={money} onClose={close} />
      ) : null}
      {asking === 'give' ? (
        <GiveDialog friends={partners} mint={mint} money={money} onClose={close} />
      ) : null}
    </>
  );
}

function Section({
  id,
  beside,
  children,
}: {
  readonly id: 'orders' | 'held' | 'owed' | 'translator' | 'currency' | 'log';
  readonly beside?: ReactNode;
  readonly children: ReactNode;
}) {
  const title = `barter-${id}`;
  return (
    <section className="section" aria-labelledby={title}>
      <div className="row between">
        <h2 id={title}>{t(`barter.${id}`)}</h2>
        {beside}
      </div>
      {children}
    </section>
  );
}

function OnOff({ isOn }: { readonly isOn: boolean }) {
  const { call, busy, problem } = useCall();
  return (
    <>
      <Switch
        label={t('barter.switch')}
        {...(isOn ? { hint: t('barter.switch-off-hint') } : {})}
        isOn={isOn}
        disabled={busy}
        onChange={(barter) => void call('settings.set', { barter })}
      />
      <Problem>{problem}</Problem>
    </>
  );
}
