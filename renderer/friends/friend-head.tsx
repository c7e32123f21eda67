import { useState } from 'react';
import type { AppSnapshot, FriendView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { href } from '../state/router.ts';
import { useAct, useCall } from '../state/use-call.ts';
import { size, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Person } from '../ui/figures.tsx';
import { Problem } from '../ui/problem.tsx';
import { Tag } from '../ui/states.tsx';
import { EndButton, LeavingBanner } from './leaving.tsx';
import { endingOf, lossesOf } from './losses.ts';
import { Presence } from './presence.tsx';
import { RenameDialog } from './rename-dialog.tsx';

type Snapshot = AppSnapshot & { readonly asOfMs: number };

/** Who it is, whether he is there, and what can be done about the friendship as a whole. */
export function FriendHead({
  friend,
  snapshot,
}: {
  readonly friend: FriendView;
  readonly snapshot: Snapshot;
}) {
  const { blocked, ownName, presence } = friend;
  const ending = endingOf(friend, snapshot.asOfMs);
  return (
    <header className="page-head">
      <p>
        <a href={href({ page: 'friends' })}>{t('friend.all')}</a>
      </p>
      <div className="row between top">
        <div>
          <h1>
            <Person name={friend.name} max={40} />
          </h1>
          {ownName === null ? null : (
            <p className="quiet">{t('friend.own-name', { name: nameInSentence(ownName, 40) })}</p>
          )}
        </div>
        <Acts
          friend={friend}
          snapshot={snapshot}
          hasEnd={ending !== undefined && ending.by !== 'there'}
        />
      </div>
      <p className="row">
        {blocked ? <Tag tone="bad">{t('friend.blocked')}</Tag> : null}
        {/* Whoever has ended it may well be there, but not for this device. */}
        {ending?.by === 'left' && presence.state === 'online' ? null : (
          <Presence friend={friend} nowMs={snapshot.asOfMs} withAddress />
        )}
      </p>
      {presence.state === 'online' ? null : <Away friend={friend} />}
      <LeavingBanner friend={friend} snapshot={snapshot} />
    </header>
  );
}

function Acts({
  friend,
  snapshot,
  hasEnd,
}: {
  readonly friend: FriendView;
  readonly snapshot: Snapshot;
  /** What there is to do about its end stands below; whoever is left at a date may still part sooner. */
  readonly hasEnd: boolean;
}) {
  const [asking, setAsking] = useState<'rename' | 'block'>();
  const act = useAct();
  const { call, busy, problem } = useCall();
  const { owner, blocked } = friend;
  const name = nameInSentence(friend.name);
  const { theirBytes } = lossesOf(owner, snapshot);
  const close = () => setAsking(undefined);
  return (
    <div className="row">
      <Button onPress={() => setAsking('rename')}>{t('friend.rename')}</Button>
      {blocked ? (
        <Button disabled={busy} onPress={() => void call('friends.unblock', { friend: owner })}>
          {t('friend.unblock', { name })}
        </Button>
      ) : (
        <Button look="danger" onPress={() => setAsking('block')}>
          {t('friend.block', { name })}
        </Button>
      )}
      {hasEnd ? null : <EndButton friend={friend} snapshot={snapshot} />}
      <Problem>{problem}</Problem>
      {asking === 'rename' ? <RenameDialog friend={friend} onClose={close} /> : null}
      {asking === 'block' ? (
        <Confirm
          title={t('friend.block-title', { name })}
          act={t('friend.block', { name })}
          onConfirm={() => act('friends.block', { friend: owner })}
          onClose={close}
        >
          <p>
            {theirBytes === 0n
              ? t('friend.block-nothing', { name })
              : t('friend.block-keeps', { name, size: size(theirBytes) })}
          </p>
          <p>{t('friend.block-what', { name })}</p>
        </Confirm>
      ) : null}
    </div>
  );
}

/** Why he is away, as far as more is known than silence, what to do about it, and "Try now". */
function Away({ friend }: { readonly friend: FriendView }) {
  const { call, busy, problem } = useCall();
  const [hasAnswered, setAnswered] = useState(false);
  const { trouble } = friend.presence;
  const name = nameInSentence(friend.name);
  const attempt = async () => {
    setAnswered(false);
    setAnswered((await call('friends.try', { friend: friend.owner })) !== undefined);
  };
  return (
    <div className="away">
      {trouble === null ? null : (
        <div className="stack tight">
          <p
            className={trouble === 'wrong-key' || trouble === 'revoked' ? 'strong warn' : 'strong'}
          >
            {t(`presence.trouble-${trouble}`, { name })}
          </p>
          <p>
            {t(`presence.next-${trouble}`, { name })}
            {trouble === 'unreachable' ? (
              <>
                {' '}
                <a href={href({ page: 'troubles' })}>{t('nearby.find-out')}</a>
              </>
            ) : null}
          </p>
        </div>
      )}
      <div className="row">
        <Button disabled={busy} onPress={() => void attempt()}>
          {t(busy ? 'friend.trying' : 'friend.try')}
        </Button>
        <span className="small quiet" role="status">
          {hasAnswered ? t('friend.answered', { name }) : ''}
        </span>
      </div>
      <Problem>{problem}</Problem>
    </div>
  );
}
