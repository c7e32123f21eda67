import { useRef } from 'react';
import { UNSAFE_PortalProvider as PortalProvider } from 'react-aria/PortalProvider';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { type Page, pagePath } from '../shared/contract/pages.ts';
import type { AppSnapshot, Revisioned } from '../shared/contract/views.ts';
import { Backups } from './backups/backups.tsx';
import { Boundary } from './frame/boundary.tsx';
import { Frame } from './frame/frame.tsx';
import { FriendPage } from './friends/friend-page.tsx';
import { Friends } from './friends/friends.tsx';
import { Home } from './home/home.tsx';
import { later } from './state/later.tsx';
import { usePage } from './state/router.ts';
import { useNowMs } from './state/use-now.ts';
import { useWindow } from './state/store.ts';
import { currentRegion, t } from './state/words.ts';

/** What not everybody opens, or only once, is fetched when it is. */
const Activity = later(async () => (await import('./activity/activity.tsx')).Activity);
const Barter = later(async () => (await import('./barter/barter.tsx')).Barter);
const Household = later(async () => (await import('./household/household.tsx')).Household);
const RestorePage = later(async () => (await import('./restore/restore-page.tsx')).RestorePage);
const Settings = later(async () => (await import('./settings/settings.tsx')).Settings);
const Troubles = later(async () => (await import('./troubles/troubles.tsx')).Troubles);
const Welcome = later(async () => (await import('./welcome/welcome.tsx')).Welcome);

export function App() {
  const connection = useWindow((state) => state.connection);
  const snapshot = useWindow((state) => state.snapshot);
  const page = usePage();
  const overlays = useRef<HTMLDivElement>(null);
  if (connection === 'no-token')
    return (
      <main className="centred">
        <h1>{t('ui.no-token')}</h1>
        <p>{t('ui.no-token-next')}</p>
      </main>
    );
  if (snapshot === undefined)
    return (
      <main className="centred" aria-busy="true">
        <p role="status">{connection === 'offline' ? t('ui.not-running') : t('ui.loading')}</p>
      </main>
    );
  const { settings } = snapshot;
  const isWelcome = page.page === 'welcome' || (page.page === 'home' && !settings.welcomed);
  return (
    <I18nProvider locale={currentRegion()}>
      <PortalProvider getContainer={() => overlays.current}>
        {isWelcome ? (
          <Boundary>
            <Welcome snapshot={snapshot} />
          </Boundary>
        ) : (
          <Frame page={page} snapshot={snapshot} connection={connection}>
            <Boundary key={pagePath(page)}>
              <PageOf
                // Words are looked up while drawing: another language or other units draw a page again from
                // nothing. But not under the hand that chooses them.
                key={
                  page.page === 'settings' ? 'settings' : `${settings.language} ${settings.units}`
                }
                page={page}
                snapshot={snapshot}
              />
            </Boundary>
          </Frame>
        )}
      </PortalProvider>
      {/* What opens above a page belongs to a landmark too, so that nobody has to look for it. */}
      <div ref={overlays} role="region" aria-label={t('ui.overlays')} />
    </I18nProvider>
  );
}

function PageOf({
  page,
  snapshot: known,
}: {
  readonly page: Page;
  readonly snapshot: Revisioned & AppSnapshot;
}) {
  const snapshot = { ...known, asOfMs: useNowMs(known.asOfMs) };
  switch (page.page) {
    case 'friends':
      return <Friends snapshot={snapshot} />;
    case 'friend':
      return <FriendPage key={page.owner} owner={page.owner} snapshot={snapshot} />;
    case 'backups':
      return <Backups snapshot={snapshot} />;
    case 'restore':
      return <RestorePage key={page.set} {...page} snapshot={snapshot} />;
    case 'activity':
      return <Activity key={page.owner} snapshot={snapshot} owner={page.owner} />;
    case 'settings':
      return <Settings snapshot={snapshot} />;
    case 'troubles':
      return <Troubles snapshot={snapshot} />;
    case 'household':
      return <Household snapshot={snapshot} />;
    case 'barter':
      return <Barter snapshot={snapshot} />;
    case 'home':
    case 'welcome':
      return <Home snapshot={snapshot} />;
  }
}
