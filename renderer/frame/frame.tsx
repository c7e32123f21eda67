import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Page } from '../../shared/contract/pages.ts';
import type { AppSnapshot, Revisioned } from '../../shared/contract/views.ts';
import { announcer } from '../state/announce.ts';
import type { WindowState } from '../state/store.ts';
import { t } from '../state/words.ts';
import { Banner } from './banner.tsx';
import { Nav } from './nav.tsx';
import './frame.css';

/** What stands around every page: navigation, what everybody must know, and what is read out. */
export function Frame({
  page,
  snapshot,
  connection,
  children,
}: {
  readonly page: Page;
  readonly snapshot: Revisioned & AppSnapshot;
  readonly connection: WindowState['connection'];
  readonly children: ReactNode;
}) {
  const main = useRef<HTMLElement>(null);
  const place = page.page === 'friend' ? page.owner : page.page;
  const first = useRef(place);
  useEffect(() => {
    if (first.current === place) return;
    first.current = place;
    // A new page begins at its beginning, for eyes and for screen readers.
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [place]);
  return (
    <div className="frame">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          // The address's fragment is the page; a skip link must not change it.
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {t('ui.skip')}
      </a>
      <Nav page={page} snapshot={snapshot} />
      <div className="frame-page">
        <Banner
          snapshot={snapshot}
          connection={connection}
          showsCalls={page.page !== 'home' && page.page !== 'friends'}
        />
        <main ref={main} className="page" tabIndex={-1} id="main">
          {children}
        </main>
      </div>
      <Announcements />
    </div>
  );
}

/** What is read out; the first steps, which have no frame, bring it along. */
export function Announcements() {
  const [sentence, setSentence] = useState('');
  useEffect(() => announcer.subscribe(setSentence), []);
  return (
    <p className="visually-hidden" role="status">
      {sentence}
    </p>
  );
}
