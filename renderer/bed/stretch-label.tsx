import { useState } from 'react';
import type { OfferView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { PolicyForm } from '../policy/policy-form.tsx';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Person } from '../ui/figures.tsx';
import { PopoverButton } from '../ui/popover-button.tsx';
import { Tag } from '../ui/states.tsx';
import type { BedLayout, Stretch } from './bed-layout.ts';
import { stateWords, stretchWords, usedWords } from './bed-words.ts';

/** A friend's name staked above his stretch. It opens what can be set. */
export function StretchStake({
  stretch,
  offer,
}: {
  readonly stretch: Stretch;
  readonly offer: OfferView;
}) {
  const { x, width, friend } = stretch;
  const [isOpen, setOpen] = useState(false);
  return (
    <div
      className={`stake ${toneOf(stretch)}`}
      style={{ left: x + 6, maxWidth: Math.max(40, width - 10) }}
    >
      <PopoverButton
        label={t('bed.open-friend', { friend: stretchWords(stretch) })}
        words={<Person name={friend.name} />}
        title={t('policy.title', { friend: nameInSentence(friend.name) })}
        isOpen={isOpen}
        onOpenChange={setOpen}
      >
        <PolicyForm compact friend={friend} offer={offer} onDone={() => setOpen(false)} />
        <a href={href({ page: 'friend', owner: friend.owner })}>{t('bed.to-friend')}</a>
      </PopoverButton>
    </div>
  );
}

/** What stands below a stretch. All of them share one cell, so that the longest makes room for itself. */
export function StretchLines({ stretch }: { readonly stretch: Stretch }) {
  const { x, width, friend } = stretch;
  return (
    <div
      className="stretch-lines small"
      style={{ marginInlineStart: x + 6, width: Math.max(40, width - 10) }}
    >
      <span className="numbers">{usedWords(friend)}</span>
      {stretch.state === 'full' ? (
        <>
          <span>
            <Tag tone="warn">{t('bed.state-full')}</Tag>
          </span>
          {stretch.lentBytes === 0n ? null : (
            <span className="quiet">{stateWords({ ...stretch, state: 'lent' })}</span>
          )}
        </>
      ) : (
        <span className={toneOf(stretch)}>{stateWords(stretch)}</span>
      )}
    </div>
  );
}

function toneOf({ state }: Stretch): 'warn' | 'fault' | 'quiet' {
  if (state === 'full') return 'warn';
  return state === 'damaged' ? 'fault' : 'quiet';
}

/** Room for "12 more" in the longest language. */
const MORE_WIDTH = 96;

/** Those who are too small to name, under one name. */
export function MoreLabel({
  more,
  bedWidth,
  isAll,
}: {
  readonly more: NonNullable<BedLayout['more']>;
  readonly bedWidth: number;
  /** Nobody's stretch is wide enough to be named. */
  readonly isAll: boolean;
}) {
  const count = more.friends.length;
  const [isOpen, setOpen] = useState(false);
  // It may be wider than what it names, and reach beyond the offer, where nothing else is staked.
  const left = Math.max(0, Math.min(more.x + 6, bedWidth - MORE_WIDTH));
  return (
    <div className="stake quiet" style={{ left, maxWidth: 140 }}>
      <PopoverButton
        label={t(isAll ? 'bed.open-all' : 'bed.open-more', { count })}
        words={isAll ? t('bed.all', { count }) : t('bed.more', { count })}
        title={t(isAll ? 'bed.all-title' : 'bed.more-title')}
        isOpen={isOpen}
        onOpenChange={setOpen}
      >
        <ul className="lines">
          {more.friends.map((friend) => (
            <li key={friend.owner} className="row between">
              <a href={href({ page: 'friend', owner: friend.owner })}>
                <Person name={friend.name} />
              </a>
              <span className="numbers small quiet">{usedWords(friend)}</span>
            </li>
          ))}
        </ul>
      </PopoverButton>
    </div>
  );
}
