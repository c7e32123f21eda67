import { useState } from 'react';
import type { GuestView, HeldVoucherView } from '../../shared/contract/voucher-views.ts';
import { endingPolicy } from '../../shared/policy/ending.ts';
import { leaseWords } from '../friends/lease-words.ts';
import { faultWords, useAct, useCall, useDoor } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Person } from '../ui/figures.tsx';
import { Problem } from '../ui/problem.tsx';
import { Tag } from '../ui/states.tsx';
import { isUnnamed, ownerWords } from './owner-words.ts';
import { GUESTS } from '../policy/guest-policy.tsx';

/** Whoever is no friend and has one plot here: by whom he was introduced, how large it is, until when. */
export function Guests({ guests }: { readonly guests: readonly GuestView[] }) {
  if (guests.length === 0) return null;
  return (
    <section className="section" aria-labelledby="guests-title">
      <div className="stack tight">
        <h2 id="guests-title">{t('guests.title')}</h2>
        <p className="small quiet">{t('guests.about')}</p>
      </div>
      <ul className="lines card">
        {guests.map((guest) => (
          <GuestLine key={guest.plot} guest={guest} />
        ))}
      </ul>
    </section>
  );
}

function GuestLine({ guest }: { readonly guest: GuestView }) {
  const { promisedBytes, writtenBytes, leftS, blocked, ends } = guest;
  return (
    <li className="row between top">
      <div className="row-words">
        <p className="row">
          <strong>
            {isUnnamed(guest) ? ownerWords(guest) : <Person name={guest.name} max={40} />}
          </strong>
          {blocked ? <Tag tone="bad">{t('friend.blocked')}</Tag> : null}
          {ends ? <Tag tone="warn">{t('guests.ends')}</Tag> : null}
        </p>
        <p className="small">{byWords(guest)}</p>
        <p className="small quiet">
          {t('guests.use', { writtenBytes, promisedBytes })} · {leaseWords(leftS)}
        </p>
      </div>
      <div className="row">
        <Ending guest={guest} />
        <Blocking guest={guest} />
      </div>
    </li>
  );
}

function byWords({ introducer, ground }: GuestView): string {
  if (introducer !== null) return t('guests.by', { introducer: ownerWords(introducer) });
  return t(ground === 'notes' ? 'guests.by-notes' : 'guests.by-nobody');
}

/** Nothing is taken: what lies here goes with its lease and its grace, unless the owner thinks better of it. */
function Ending({ guest }: { readonly guest: GuestView }) {
  const [asking, setAsking] = useState(false);
  const { call, busy, problem } = useCall();
  const door = useDoor();
  const { owner, ends, leftS } = guest;
  const name = ownerWords(guest);
  const end = async () => {
    const general = await door('policy.get', { friend: GUESTS });
    if (!general.ok) return faultWords(general.fault);
    const policy = endingPolicy(general.value.policy);
    const set = await door('policy.set', { friend: owner, policy });
    return set.ok ? undefined : faultWords(set.fault);
  };
  return (
    <div>
      {ends ? (
        <Button
          disabled={busy}
          onPress={() => void call('policy.set', { friend: owner, policy: null })}
        >
          {t('guests.keep', { name })}
        </Button>
      ) : (
        <Button label={t('guests.end-what', { name })} onPress={() => setAsking(true)}>
          {t('guests.end')}
        </Button>
      )}
      <Problem>{problem}</Problem>
      {asking ? (
        <Confirm
          title={t('guests.end-title', { name })}
          act={t('guests.end-act')}
          onClose={() => setAsking(false)}
          onConfirm={end}
        >
          <p>
            {leftS > 0 ? t('guests.end-body', { name, leftS }) : t('guests.end-late', { name })}
          </p>
        </Confirm>
      ) : null}
    </div>
  );
}

function Blocking({ guest }: { readonly guest: GuestView }) {
  const [asking, setAsking] = useState(false);
  const { call, busy, problem } = useCall();
  const act = useAct();
  const { owner, blocked } = guest;
  const name = ownerWords(guest);
  return (
    <div>
      {blocked ? (
        <Button disabled={busy} onPress={() => void call('friends.unblock', { friend: owner })}>
          {t('friend.unblock', { name })}
        </Button>
      ) : (
        <Button look="danger" onPress={() => setAsking(true)}>
          {t('friend.block', { name })}
        </Button>
      )}
      <Problem>{problem}</Problem>
      {asking ? (
        <Confirm
          title={t('guests.block-title', { name })}
          act={t('friend.block', { name })}
          onClose={() => setAsking(false)}
          onConfirm={() => act('friends.block', { friend: owner })}
        >
          <p>{t('guests.block-what', { name })}</p>
        </Confirm>
      ) : null}
    </div>
  );
}

/** Where I am the guest. */
export function HeldVouchers({ held }: { readonly held: readonly HeldVoucherView[] }) {
  if (held.length === 0) return null;
  return (
    <section className="section" aria-labelledby="held-title">
      <h2 id="held-title">{t('introductions.held')}</h2>
      <ul className="lines card">
        {held.map(({ id, host, introducer, bytes, untilMs, plots }) => (
          <li key={id}>
            <p>{t('introductions.held-line', { bytes, untilMs, host: ownerWords(host) })}</p>
            <p className="small quiet">
              {t('introductions.held-by', { introducer: ownerWords(introducer) })}{' '}
              {plots.length === 0
                ? t('introductions.held-unused')
                : t('introductions.held-plots', { count: plots.length })}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
