import { friendly } from '../friends/friendly.ts';
import { useState } from 'react';
import type { AppSnapshot, FriendView } from '../../shared/contract/views.ts';
import type { IssuedVoucherView } from '../../shared/contract/voucher-views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { useAct } from '../state/use-call.ts';
import { size, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Tag } from '../ui/states.tsx';
import { IntroduceDialog } from './introduce-dialog.tsx';
import { ownerWords } from './owner-words.ts';

/** Whom I vouched for at a friend's, out of my own share there. */
export function Introductions({
  friend,
  snapshot: { friends, vouchers },
}: {
  readonly friend: FriendView;
  readonly snapshot: Pick<AppSnapshot, 'friends' | 'vouchers'>;
}) {
  const [making, setMaking] = useState(false);
  const name = nameInSentence(friend.name);
  const issued = vouchers.issued.filter(({ host }) => host.owner === friend.owner);
  const others = friendly(friends).filter(({ owner }) => owner !== friend.owner);
  return (
    <section className="section" aria-labelledby="friend-introductions">
      <div className="stack tight">
        <h2 id="friend-introductions">{t('introductions.title', { name })}</h2>
        <p className="small quiet">{t('introductions.about', { name })}</p>
      </div>
      {issued.length === 0 ? null : (
        <ul className="lines card">
          {issued.map((voucher) => (
            <IssuedLine key={voucher.id} voucher={voucher} name={name} />
          ))}
        </ul>
      )}
      <div className="row">
        <Button onPress={() => setMaking(true)}>{t('introductions.open')}</Button>
      </div>
      {making ? (
        <IntroduceDialog host={friend} others={others} onClose={() => setMaking(false)} />
      ) : null}
    </section>
  );
}

function IssuedLine({
  voucher,
  name,
}: {
  readonly voucher: IssuedVoucherView;
  readonly name: string;
}) {
  const { bytes, untilMs, state } = voucher;
  const newcomer = ownerWords(voucher.newcomer);
  return (
    <li className="row between top">
      <div className="row-words">
        <p className="row">
          <span>{t('introductions.line', { newcomer, bytes, untilMs })}</span>
          {state === 'open' ? null : (
            <Tag tone={state === 'withdrawn' ? 'warn' : 'plain'}>{t(`introductions.${state}`)}</Tag>
          )}
        </p>
        <p className="small quiet">
          {usedWords(voucher, name)}
          {state === 'withdrawn' ? ` ${withdrawnWords(voucher, name)}` : ''}
        </p>
      </div>
      {state === 'open' ? <Withdraw voucher={voucher} name={name} /> : null}
    </li>
  );
}

function usedWords({ usedBytes }: IssuedVoucherView, name: string): string {
  if (usedBytes === null) return t('introductions.used-unknown', { name });
  return usedBytes === '0' ? t('introductions.used-none') : t('introductions.used', { usedBytes });
}

function withdrawnWords({ told }: IssuedVoucherView, name: string): string {
  return t(told ? 'introductions.withdrawn-told' : 'introductions.withdrawn-untold', { name });
}

function Withdraw({
  voucher: { id, newcomer, bytes },
  name,
}: {
  readonly voucher: IssuedVoucherView;
  readonly name: string;
}) {
  const [asking, setAsking] = useState(false);
  const act = useAct();
  const words = { name, newcomer: ownerWords(newcomer), size: size(bytes) };
  return (
    <>
      <Button label={t('introductions.withdraw-what', words)} onPress={() => setAsking(true)}>
        {t('introductions.withdraw')}
      </Button>
      {asking ? (
        <Confirm
          title={t('introductions.withdraw-title', words)}
          act={t('introductions.withdraw-act')}
          onClose={() => setAsking(false)}
          onConfirm={() => act('vouchers.withdraw', { id })}
        >
          <p>{t('introductions.withdraw-body', words)}</p>
        </Confirm>
      ) : null}
    </>
  );
}
