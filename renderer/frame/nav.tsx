import type { ReactNode } from 'react';
import type { Page } from '../../shared/contract/pages.ts';
import type { AppSnapshot } from '../../shared/contract/views.ts';
import { hasHousehold } from '../household/has-household.ts';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Mark } from './mark.tsx';

type Target = Extract<
  Page['page'],
  'home' | 'friends' | 'backups' | 'household' | 'barter' | 'activity' | 'settings'
>;

/** Drawn for the narrow bar only; where there is room the words stand alone. */
const ICONS: Readonly<Record<Target, ReactNode>> = {
  home: <path d="M3 9l7-6 7 6v8h-5v-5H8v5H3z" />,
  friends: (
    <path d="M7 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2 17c0-3 2-5 5-5s5 2 5 5M13 9a2.5 2.5 0 0 0 0-5M14 12c2.5.3 4 2 4 5" />
  ),
  backups: <path d="M3 6h14v11H3zM3 6l2-3h10l2 3M10 9v5m-2.5-2.5L10 14l2.5-2.5" />,
  household: (
    <path d="M2 8l8-5.5L18 8M7 13a1.7 1.7 0 1 0 0-3.4A1.7 1.7 0 0 0 7 13ZM13 13a1.7 1.7 0 1 0 0-3.4A1.7 1.7 0 0 0 13 13ZM4 17.5c0-1.7 1.2-2.7 3-2.7s3 1 3 2.7M10 17.5c0-1.7 1.2-2.7 3-2.7s3 1 3 2.7" />
  ),
  barter: <path d="M3 7h13m-3-3l3 3-3 3M17 13H4m3-3l-3 3 3 3" />,
  activity: <path d="M3 5h3M9 5h8M3 10h3M9 10h8M3 15h3M9 15h8" />,
  settings: <path d="M3 6h8m4 0h2M3 14h2m4 0h8M13 4v4M7 12v4" />,
};

/** Two of them only where somebody wants them. */
function pagesOf(snapshot: AppSnapshot): readonly Target[] {
  return [
    'home',
    'friends',
    'backups',
    ...(hasHousehold(snapshot) ? (['household'] as const) : []),
    ...(snapshot.settings.barter ? (['barter'] as const) : []),
    'activity',
  ];
}

export function Nav({ page, snapshot }: { readonly page: Page; readonly snapshot: AppSnapshot }) {
  const isOfFriends = page.page === 'friend' || page.page === 'troubles';
  const isOfBackups = page.page === 'restore';
  const here: Page['page'] = isOfFriends ? 'friends' : isOfBackups ? 'backups' : page.page;
  return (
    <nav className="nav" aria-label={t('nav.label')}>
      <p className="brand">
        <Mark />
        <span className="nav-words">{t('ui.app')}</span>
      </p>
      <ul>
        {pagesOf(snapshot).map((target) => (
          <NavLine
            key={target}
            target={target}
            isHere={here === target}
            count={waitingAt(target, snapshot)}
          />
        ))}
      </ul>
      <ul className="nav-last">
        <NavLine target="settings" isHere={here === 'settings'} count={0} />
      </ul>
    </nav>
  );
}

/** How many people wait for a word of mine on that page. */
function waitingAt(target: Target, snapshot: AppSnapshot): number {
  if (target === 'friends') return knocking(snapshot);
  if (target !== 'barter') return 0;
  return snapshot.barter.orders.filter(({ state }) => state === 'asked').length;
}

function NavLine({
  target,
  isHere,
  count,
}: {
  readonly target: Target;
  readonly isHere: boolean;
  readonly count: number;
}) {
  return (
    <li>
      <a
        className="nav-line"
        href={href({ page: target })}
        aria-current={isHere ? 'page' : undefined}
        title={t(`nav.${target}`)}
      >
        <svg className="nav-icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
          {ICONS[target]}
        </svg>
        <span className="nav-words">{t(`nav.${target}`)}</span>
        {count === 0 ? null : (
          <span className="nav-count">
            <span aria-hidden="true">{count}</span>
            <span className="visually-hidden">{t('nav.waiting', { count })}</span>
          </span>
        )}
      </a>
    </li>
  );
}

function knocking({ pairings }: AppSnapshot): number {
  return pairings.filter(({ state, digits }) => state === 'comparing' && digits !== null).length;
}
