import { useState } from 'react';
import type { AppSnapshot, FriendView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { sayDecision } from '../../shared/words/say.ts';
import { History } from '../history/history-chart.tsx';
import { href } from '../state/router.ts';
import { faultWords, useDoor } from '../state/use-call.ts';
import { size, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Person, Size, When } from '../ui/figures.tsx';
import { Empty, Tag } from '../ui/states.tsx';
import { Fill } from './fill.tsx';
import { HostedPlots, MyPlots } from './plots.tsx';
import { PolicyForm } from './policy-form.tsx';
import { RenameDialog } from './rename-dialog.tsx';
import './friends.css';

/** One friend: what is kept here and there, how much there may be, what was decided, how it went. */
export function FriendPage({
  owner,
  snapshot,
}: {
  readonly owner: string;
  readonly snapshot: AppSnapshot;
}) {
  const friend = snapshot.friends.find((each) => each.owner === owner);
  if (friend === undefined)
    return (
      <>
        <h1>{t('friend.unknown')}</h1>
        <Empty action={<a href={href({ page: 'friends' })}>{t('friend.all')}</a>}>
          {t('friend.unknown-next')}
        </Empty>
      </>
    );
  const name = nameInSentence(friend.name);
  const hosted = snapshot.hosted.filter((plot) => plot.owner === owner);
  const mine = snapshot.mine.filter((plot) => plot.owner === owner);
  const decisions = snapshot.decisions.filter((decision) => decision.owner === owner).slice(0, 5);
  return (
    <>
      <FriendHead friend={friend} hosted={hosted} />
      <section className="section" aria-label={t('friend.here', { name })}>
        <Fill friend={friend} />
        <Facts friend={friend} />
      </section>
      <section className="section" aria-labelledby="friend-policy">
        <h2 id="friend-policy">{t('policy.title', { friend: name })}</h2>
        <div className="card">
          <PolicyForm friend={friend} offer={snapshot.offer} />
        </div>
      </section>
      <section className="section" aria-labelledby="friend-hosted">
        <h2 id="friend-hosted">{t('friend.hosted', { name })}</h2>
        <HostedPlots plots={hosted} name={name} />
      </section>
      <section className="section" aria-labelledby="friend-mine">
        <h2 id="friend-mine">{t('friend.mine', { name })}</h2>
        <MyPlots plots={mine} name={name} />
      </section>
      <History friend={{ owner, name: friend.name }} />
      <section className="section" aria-labelledby="friend-decisions">
        <div className="row between">
          <h2 id="friend-decisions">{t('friend.decisions')}</h2>
          <a href={href({ page: 'activity', owner })}>{t('friend.all-decisions')}</a>
        </div>
        {decisions.length === 0 ? (
          <p className="quiet">{t('friend.no-decisions', { name })}</p>
        ) : (
          <ul className="lines card">
            {decisions.map((decision) => (
              <li key={decision.number}>
                <p>{sayDecision(t, decision)}</p>
                <p className="small quiet">
                  <When ms={decision.atMs} />
                </p>
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

type Asking = 'rename' | 'block' | undefined;

function FriendHead({
  friend,
  hosted,
}: {
  readonly friend: FriendView;
  readonly hosted: AppSnapshot['hosted'];
}) {
  const [asking, setAsking] = useState<Asking>();
  const door = useDoor();
  const { owner, blocked, lastContactMs } = friend;
  const name = nameInSentence(friend.name);
  const { writtenBytes } = friend.here;
  const setBlocked = async (channel: 'friends.block' | 'friends.unblock') => {
    const result = await door(channel, { friend: owner });
    return result.ok ? undefined : faultWords(result.fault);
  };
  return (
    <header className="page-head">
      <p>
        <a href={href({ page: 'friends' })}>{t('friend.all')}</a>
      </p>
      <div className="row between top">
        <h1>
          <Person name={friend.name} max={40} />
        </h1>
        <div className="row">
          <Button onPress={() => setAsking('rename')}>{t('friend.rename')}</Button>
          {blocked ? (
            <Button onPress={() => void setBlocked('friends.unblock')}>
              {t('friend.unblock', { name })}
            </Button>
          ) : (
            <Button look="danger" onPress={() => setAsking('block')}>
              {t('friend.block', { name })}
            </Button>
          )}
        </div>
      </div>
      <p className="row quiet">
        {blocked ? <Tag tone="bad">{t('friend.blocked')}</Tag> : null}
        {lastContactMs === null ? (
          <span>{t('friend.never-heard')}</span>
        ) : (
          <span>{t('friend.heard', { lastContactMs })}</span>
        )}
      </p>
      {asking === 'rename' ? (
        <RenameDialog friend={friend} onClose={() => setAsking(undefined)} />
      ) : null}
      {asking === 'block' ? (
        <Confirm
          title={t('friend.block-title', { name })}
          act={t('friend.block', { name })}
          onConfirm={() => setBlocked('friends.block')}
          onClose={() => setAsking(undefined)}
        >
          <p>
            {hosted.length === 0
              ? t('friend.block-nothing', { name })
              : t('friend.block-keeps', { name, size: size(writtenBytes) })}
          </p>
        </Confirm>
      ) : null}
    </header>
  );
}

function Facts({ friend }: { readonly friend: FriendView }) {
  const { here } = friend;
  const facts = [
    ['share', here.shareBytes],
    ['promised', here.promisedBytes],
    ['written', here.writtenBytes],
    ['may-ask', here.mayAskBytes],
  ] as const;
  return (
    <dl className="facts">
      {facts.map(([key, bytes]) => (
        <div key={key}>
          <dt>{t(`bed.${key}`)}</dt>
          <dd>
            <Size bytes={bytes} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
