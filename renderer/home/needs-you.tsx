import { friendly } from '../friends/friendly.ts';
import type { AppSnapshot, FriendView, NoticeView } from '../../shared/contract/views.ts';
import { parsePage } from '../../shared/contract/pages.ts';
import { sayNotice } from '../../shared/words/say.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { useLeftOver } from '../friends/left-over.ts';
import { moneyOf } from '../barter/amounts.ts';
import { AskedOrders } from '../barter/orders.tsx';
import { pendingHere } from '../friends/lending.ts';
import { isUndecided, OverShareCard } from '../friends/over-share.tsx';
import { Pairings, useShownPairings } from '../pairing/pairings.tsx';
import { alone, choiceOf, type PolicyChoice, policyOf } from '../policy/policy-choice.ts';
import { RequestCard } from '../friends/requests.tsx';
import { href } from '../state/router.ts';
import { useCall } from '../state/use-call.ts';
import { currentUnits, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { When } from '../ui/figures.tsx';
import { Problem } from '../ui/problem.tsx';

/** What waits for a person: comparisons first, then whoever waits for space, then what went wrong. */
export function NeedsYou({
  snapshot,
  isCovered,
}: {
  readonly snapshot: AppSnapshot & { readonly asOfMs: number };
  /** A dialog stands in front of it. */
  readonly isCovered: boolean;
}) {
  const { friends, notices, status } = snapshot;
  const { open, paired, further, ended } = useShownPairings(snapshot);
  const waiting = friendly(friends).filter(
    ({ here, owner }) =>
      here.weight === 0 &&
      !here.ownPolicy &&
      // Asked right after the pairing already.
      !paired.some(({ pairing }) => pairing.owner === owner),
  );
  const { asked } = pendingHere(snapshot);
  const isLeft = useLeftOver();
  const over = snapshot.overShare.filter((each) => isUndecided(each) && !isLeft(each));
  const isExplained = ended.some(({ no }) => no?.why === 'differ');
  const isToldByCard = ({ id, kind }: NoticeView) =>
    SHOWN_AS_CARDS.has(kind) ||
    (kind === 'pairing-attacked' && isExplained) ||
    (kind === 'friend-device' && further.some(({ pairing }) => id.endsWith(pairing.tail)));
  const told = notices.filter((notice) => !notice.dismissed && !isToldByCard(notice));
  const needsPhrase = !status.phraseSaved && snapshot.sets.length > 0;
  const orders = snapshot.barter.orders.filter(({ state }) => state === 'asked');
  const cards =
    open.length +
    paired.length +
    further.length +
    ended.length +
    asked.length +
    orders.length +
    over.length;
  if (cards + waiting.length + told.length === 0 && !needsPhrase) return null;
  return (
    <section className="section" aria-labelledby="needs-title">
      <h2 id="needs-title">{t('home.needs-you')}</h2>
      <div className="stack tight">
        <Pairings snapshot={snapshot} isCovered={isCovered} />
        {asked.map((request) => (
          <RequestCard key={request.ticket} request={request} hasLink />
        ))}
        <AskedOrders
          orders={orders}
          money={moneyOf(snapshot.barter.currency, snapshot.barter.wallet)}
        />
        {waiting.map((friend) => (
          <FriendWaits key={friend.owner} friend={friend} />
        ))}
        {over.map((each) => (
          <OverShareCard key={each.owner} over={each} nowMs={snapshot.asOfMs} hasLink />
        ))}
        {told.map((notice) => (
          <Notice key={notice.id} notice={notice} />
        ))}
        {needsPhrase ? (
          <article className="card acts need">
            <div>
              <p className="strong">{t('home.phrase-title')}</p>
              <p className="quiet">{t('home.phrase')}</p>
            </div>
            <a href={href({ page: 'backups' })}>{t('home.phrase-act')}</a>
          </article>
        ) : null}
      </div>
    </section>
  );
}

/** These have cards of their own, on which one can act. */
const SHOWN_AS_CARDS: ReadonlySet<NoticeView['kind']> = new Set([
  'pairing-asks',
  'friend-waits',
  'friend-asks',
  'order-asks',
  'over-share',
]);

/** "How much space for Ana?", with the answer that most people give one press away. */
function FriendWaits({ friend }: { readonly friend: FriendView }) {
  const { call, busy, problem } = useCall();
  const name = nameInSentence(friend.name);
  const set = async (weight: number) => {
    // What limits everybody goes on limiting this one; only how much is answered here.
    const { owner } = friend;
    const present = await call('policy.get', { friend: owner });
    if (present === undefined) return;
    const kind = weight === 0 ? 'nothing' : 'fair';
    const choice: PolicyChoice = { ...choiceOf(present), kind, weight: '1' };
    const policy = policyOf(alone(choice), present.policy, currentUnits());
    if (policy !== undefined) await call('policy.set', { friend: owner, policy });
  };
  return (
    <article className="card acts need">
      <div>
        <p className="strong">{t('policy.title', { friend: name })}</p>
        <p className="quiet">{t('home.friend-waits', { name })}</p>
        <Problem>{problem}</Problem>
      </div>
      <div className="row">
        <a href={href({ page: 'friend', owner: friend.owner })}>{t('home.choose')}</a>
        <Button disabled={busy} onPress={() => void set(0)}>
          {t('home.nothing-yet')}
        </Button>
        <Button look="primary" disabled={busy} onPress={() => void set(1)}>
          {t('home.fair-share')}
        </Button>
      </div>
    </article>
  );
}

function Notice({ notice }: { readonly notice: NoticeView }) {
  const { call, busy, problem } = useCall();
  const { id, level, atMs, path } = notice;
  const { title, body } = sayNotice(t, notice);
  return (
    <article className={`card need ${level === 'alarm' ? 'alarm' : ''}`}>
      <div>
        <p className="strong">{title}</p>
        <p className="quiet">{body}</p>
        <p className="small quiet">
          <When ms={atMs} />
        </p>
        <Problem>{problem}</Problem>
      </div>
      <div className="row">
        <a href={href(parsePage(path))} aria-label={t('home.look-at', { what: title })}>
          {t('home.look')}
        </a>
        <Button
          disabled={busy}
          label={t('home.put-away-what', { what: title })}
          onPress={() => void call('notices.dismiss', { id })}
        >
          {t('home.put-away')}
        </Button>
      </div>
    </article>
  );
}
