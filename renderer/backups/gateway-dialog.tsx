import { useEffect, useRef, useState } from 'react';
import type { GatewayView } from '../../shared/contract/backup-views.ts';
import type { MyPlotView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failed, Loading } from '../ui/states.tsx';

/** A plot of mine for stock restic: where it finds it, and what to type. */
export function GatewayDialog({
  plot: { plot, friend },
  onClose,
}: {
  readonly plot: MyPlotView;
  readonly onClose: () => void;
}) {
  const { call, busy, problem } = useCall();
  const [gateway, setGateway] = useState<GatewayView>();
  const name = nameInSentence(friend);
  const begin = async () => {
    const opened = await call('gateway.open', { plot });
    if (opened !== undefined) setGateway(opened);
  };
  useOnce(begin);
  const shut = async () => {
    if ((await call('gateway.close', { plot })) !== undefined) onClose();
  };
  return (
    <Dialog title={t('gateway.title', { name })} onClose={onClose}>
      <div className="stack">
        {gateway === undefined && problem === undefined ? (
          <Loading what={t('gateway.opening')} />
        ) : null}
        {problem === undefined ? null : (
          <Failed
            problem={problem}
            onRetry={() => void (gateway === undefined ? begin() : shut())}
          />
        )}
        {gateway === undefined ? null : (
          <>
            <p>{t(gateway.readOnly ? 'gateway.what-read-only' : 'gateway.what')}</p>
            <ul className="lines card">
              {gateway.commands.map(({ what, command }) => (
                <li key={what} className="stack tight">
                  <div className="row between">
                    <span className="strong">{t(`gateway.command-${what}`)}</span>
                    <CopyButton
                      text={command}
                      label={t('gateway.copy-what', { what: t(`gateway.command-${what}`) })}
                    />
                  </div>
                  <pre className="command" tabIndex={0}>
                    <code>{command}</code>
                  </pre>
                </li>
              ))}
            </ul>
            <p className="small quiet">{t('gateway.password')}</p>
            <p className="small quiet">{t('gateway.until')}</p>
          </>
        )}
        <div className="row end">
          {gateway === undefined ? null : (
            <Button disabled={busy} onPress={() => void shut()}>
              {t('gateway.close')}
            </Button>
          )}
          <Button look="primary" onPress={onClose}>
            {t(gateway === undefined ? 'ui.close' : 'gateway.leave-open')}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** What begins with the dialog begins once, also where effects are tried twice. */
function useOnce(act: () => Promise<void>): void {
  const isBegun = useRef(false);
  useEffect(() => {
    if (isBegun.current) return;
    isBegun.current = true;
    void act();
  });
}
