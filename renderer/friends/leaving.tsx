import { type ReactNode, useState } from 'react';
import type { AppSnapshot, FriendView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { href } from '../state/router.ts';
import { useAct, useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Problem } from '../ui/problem.tsx';
import { Tag } from '../ui/states.tsx';
import { LeaveDialog } from './leave-dialog.tsx';
import { endingOf, lossesOf } from './losses.ts';

/** Beside a name in a list: that this friendship has a date. */
export function LeavingTag({
  friend,
  nowMs,
}: {
  readonly friend: FriendView;
  readonly nowMs: number;
}) {
  const ending = endingOf(friend, nowMs);
  if (ending === undefined) return null;
  return (
    <Tag tone="warn">
      {ending.by === 'left' ? t('leaving.tag-left') : t('leaving.tag-here', { atMs: ending.atMs })}
    </Tag>
  );
}

type EndingProps = {
  readonly friend: FriendView;
  readonly snapshot: Pick<AppSnapshot, 'hosted' | 'mine'> & { readonly asOfMs: number };
};

/** At the head of the friend's page: by whom, until when, how much is at stake, and what to do. */
export function LeavingBanner({ friend, snapshot }: EndingProps) {
  const ending = endingOf(friend, snapshot.asOfMs);
  if (ending === undefined) return null;
  const name = nameInSentence(friend.name);
  const { theirBytes, myBytes } = lossesOf(friend.owner, snapshot);
  switch (ending.by) {
    case 'here':
      return (
        <Card title={t('leaving.here', { name, atMs: ending.atMs })} act={<Stay friend={friend} />}>
          {theirBytes === 0n
            ? t('leaving.here-nothing', { name })
            : t('leaving.here-what', { name, writtenBytes: `${theirBytes}` })}
        </Card>
      );
    case 'there':
      return (
        <Card
          title={t('leaving.there', { name, atMs: ending.atMs })}
          act={
            myBytes === 0n ? null : (
              <a href={href({ page: 'backups' })}>{t('leaving.to-backups')}</a>
            )
          }
        >
          {myBytes === 0n
            ? t('leaving.there-nothing')
            : t('leaving.there-what', { writtenBytes: `${myBytes}` })}
        </Card>
      );
    case 'left':
      return (
        <Card
          title={t('leaving.left', { name })}
          act={
            theirBytes === 0n ? (
              <Remove friend={friend} />
            ) : (
              <EndButton friend={friend} snapshot={snapshot} />
            )
          }
        >
          {theirBytes === 0n
            ? t('leaving.left-nothing', { name })
            : t('leaving.left-keeps', { name, writtenBytes: `${theirBytes}` })}
        </Card>
      );
  }
}

function Card({
  title,
  act,
  children,
}: {
  readonly title: string;
  readonly act: ReactNode;
  readonly children: string;
}) {
  return (
    <article className="card need warning">
      <div>
        <p className="strong">{title}</p>
        <p>{children}</p>
      </div>
      {act === null ? null : <div className="row">{act}</div>}
    </article>
  );
}

/** "End the friendship …", with the dialog behind it. */
export function EndButton({ friend, snapshot }: EndingProps) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button look="danger" onPress={() => setAsking(true)}>
        {t('leaving.open')}
      </Button>
      {asking ? (
        <LeaveDialog
          friend={friend}
          losses={lossesOf(friend.owner, snapshot)}
          nowMs={snapshot.asOfMs}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  );
}

function Stay({ friend }: { readonly friend: FriendView }) {
  const { call, busy, problem } = useCall();
  return (
    <>
      <Button disabled={busy} onPress={() => void call('friends.stay', { friend: friend.owner })}>
        {t('leaving.stay')}
      </Button>
      <Problem>{problem}</Problem>
    </>
  );
}

/** Nothing is deleted any more, so nothing has to be typed. */
function Remove({ friend }: { readonly friend: FriendView }) {
  const [asking, setAsking] = useState(false);
  const act = useAct();
  const name = nameInSentence(friend.name);
  return (
    <>
      <Button look="danger" onPress={() => setAsking(true)}>
        {t('leaving.remove', { name })}
      </Button>
      {asking ? (
        <Confirm
          title={t('leaving.remove-title', { name })}
          act={t('leaving.remove', { name })}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            act('friends.leave', {
              friend: friend.owner,
              days: 0,
              name: friend.name,
            })
          }
        >
          <p>{t('leaving.remove-what')}</p>
        </Confirm>
      ) : null}
    </>
  );
}
