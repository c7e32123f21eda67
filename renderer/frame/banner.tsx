import type { AppSnapshot, Revisioned } from '../../shared/contract/views.ts';
import { say } from '../../shared/words/say.ts';
import type { WindowState } from '../state/store.ts';
import { useCall } from '../state/use-call.ts';
import { asksWords } from '../pairing/comparing.tsx';
import { isCalling } from '../pairing/pairing-states.ts';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/problem.tsx';

/** What must be known whatever page is open: no connection, a pause, a missing drive, a call. */
export function Banner({
  snapshot,
  connection,
  showsCalls = false,
}: {
  readonly snapshot: Revisioned & AppSnapshot;
  readonly connection: WindowState['connection'];
  /** The page itself does not show who calls. */
  readonly showsCalls?: boolean;
}) {
  const { status, pairings, asOfMs } = snapshot;
  const call = showsCalls ? pairings.find(isCalling) : undefined;
  // Recovery words have a card of their own.
  const urgent = status.warnings.filter(({ key }) => key !== 'warning.phrase-unsaved');
  return (
    <div className="banners">
      {connection === 'live' ? null : (
        <p className="banner" role="status">
          {connection === 'loading' ? t('ui.as-of', { asOfMs }) : t('ui.offline', { asOfMs })}
        </p>
      )}
      {urgent.map((warning) => (
        <p className="banner bad" role="alert" key={warning.key}>
          {say(t, warning)}
        </p>
      ))}
      {call === undefined ? null : (
        <p className="banner row between" role="status">
          <span>{asksWords(call)}</span>
          <a href={href({ page: 'friends' })}>{t('pairing.compare')}</a>
        </p>
      )}
      {status.pausedUntilMs === null ? null : <Paused untilMs={status.pausedUntilMs} />}
    </div>
  );
}

function Paused({ untilMs }: { readonly untilMs: number }) {
  const { call, busy, problem } = useCall();
  return (
    <div className="banner row between" role="status">
      <span>{t('pause.now', { untilMs })}</span>
      <Button disabled={busy} onPress={() => void call('pause.set', { until: null })}>
        {t('pause.resume')}
      </Button>
      <Problem>{problem}</Problem>
    </div>
  );
}
