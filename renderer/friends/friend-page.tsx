import type { AppSnapshot, FriendView, HostedPlotView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { sayDecision } from '../../shared/words/say.ts';
import { History } from '../history/history-chart.tsx';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Size, When } from '../ui/figures.tsx';
import { Empty } from '../ui/states.tsx';
import { Fill } from './fill.tsx';
import { FriendDevices } from './friend-devices.tsx';
import { FriendHead } from './friend-head.tsx';
import { FriendThere } from './friend-there.tsx';
import { GivenAddress } from './given-address.tsx';
import { HostedPlots, MyPlots } from './plots.tsx';
import { Introductions } from '../introductions/introductions.tsx';
import { firstEndMs, type Loans, loansOf, pendingHere } from './lending.ts';
import { OverShareCard } from './over-share.tsx';
import { PolicyForm } from '../policy/policy-form.tsx';
import { InLine, RequestCard } from './requests.tsx';
import { TryRequest } from '../policy/try-request.tsx';
import { Wishes } from './wishes.tsx';
import './friends.css';

/** One friend: what is kept here and there, how much there may be, what was decided, how it went. */
export function FriendPage({
  owner,
  snapshot,
}: {
  readonly owner: string;
  readonly snapshot: AppSnapshot & { readonly asOfMs: number };
}) {
  const friend = snapshot.friends.find((each) => each.owner === owner && !each.departed);
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
  const { asOfMs } = snapshot;
  const { asked, inLine } = pendingOf(owner, snapshot);
  const wishes = snapshot.wishes.filter((wish) => wish.owner === owner);
  const over = snapshot.overShare.find((each) => each.owner === owner);
  const decisions = snapshot.decisions.filter((decision) => decision.owner === owner).slice(0, 5);
  return (
    <>
      <FriendHead friend={friend} snapshot={snapshot} />
      {asked.length === 0 ? null : (
        <section className="section" aria-label={t('requests.title', { name })}>
          {asked.map((request) => (
            <RequestCard key={request.ticket} request={request} />
          ))}
        </section>
      )}
      {over === undefined ? null : <OverShareCard over={over} nowMs={asOfMs} />}
      <section className="section" aria-label={t('friend.here', { name })}>
        <Fill friend={friend} />
        <Facts friend={friend} />
        <LentHere loans={loansOf(hosted, owner)} nowMs={asOfMs} />
      </section>
      <InLine requests={inLine} hosted={snapshot.hosted} nowMs={asOfMs} />
      <section className="section" aria-labelledby="friend-policy">
        <h2 id="friend-policy">{t('policy.title', { friend: name })}</h2>
        <div className="card">
          <PolicyForm friend={friend} offer={snapshot.offer} />
        </div>
        <TryRequest friend={friend} />
      </section>
      <section className="section" aria-labelledby="friend-hosted">
        <h2 id="friend-hosted">{t('friend.hosted', { name })}</h2>
        <HostedPlots plots={hosted} name={name} />
      </section>
      <section className="section" aria-labelledby="friend-mine">
        <h2 id="friend-mine">{t('friend.mine', { name })}</h2>
        <MyPlots plots={mine} name={name} nowMs={asOfMs} />
      </section>
      <Wishes wishes={wishes} nowMs={asOfMs} />
      <section className="section" aria-labelledby="friend-there">
        <h2 id="friend-there">{t('friend.there', { name })}</h2>
        <FriendThere friend={friend} mine={mine} nowMs={asOfMs} />
      </section>
      <Introductions friend={friend} snapshot={snapshot} />
      <History friend={{ owner, name: friend.name }} />
      <section className="section" aria-labelledby="friend-devices">
        <h2 id="friend-devices">{t('friend.devices', { name })}</h2>
        <FriendDevices friend={friend} />
        <div className="card">
          <GivenAddress friend={friend} />
        </div>
      </section>
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

function Facts({ friend }: { readonly friend: FriendView }) {
  const { here } = friend;
  const facts = [
    ['share', here.shareBytes],
    ['promised', here.promisedBytes],
    ...(here.vouchedBytes === undefined ? [] : [['vouched', here.vouchedBytes] as const]),
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

function pendingOf(
  owner: string,
  snapshot: AppSnapshot,
): Pick<ReturnType<typeof pendingHere>, 'asked' | 'inLine'> {
  const { asked, inLine } = pendingHere(snapshot);
  const isHis = (request: AppSnapshot['requests'][number]) => request.owner === owner;
  return { asked: asked.filter(isHis), inLine: inLine.filter(isHis) };
}

/** What of it is lent: it comes back, and stands in plots of its own. */
function LentHere({
  loans: { running, over },
  nowMs,
}: {
  readonly loans: Loans<HostedPlotView>;
  readonly nowMs: number;
}) {
  if (running.length + over.length === 0) return null;
  const [untilMs, count] = [firstEndMs(running, nowMs), running.length];
  const words = [
    ...(count === 0 ? [] : [t('lending.here', { lentBytes: promisedOf(running), count, untilMs })]),
    ...(over.length === 0 ? [] : [t('lending.here-over', { lentBytes: promisedOf(over) })]),
  ];
  return <p className="small">{words.join(' ')}</p>;
}

function promisedOf(plots: readonly HostedPlotView[]): string {
  return `${plots.reduce((sum, { promisedBytes }) => sum + BigInt(promisedBytes), 0n)}`;
}
