import { Home } from './home/home.tsx';
import { useWindow } from './state/store.ts';
import { t } from './state/words.ts';

export function App() {
  const { connection, snapshot } = useWindow();
  if (connection === 'no-token')
    return (
      <main className="centred">
        <h1>{t('ui.no-token')}</h1>
        <p>{t('ui.no-token-next')}</p>
      </main>
    );
  if (snapshot === undefined) return <main className="centred">{t('ui.loading')}</main>;
  return <Home snapshot={snapshot} isOffline={connection === 'offline'} />;
}
