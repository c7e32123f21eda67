import { DAY_MS } from '../../shared/units.ts';
import { type FormEvent, useState } from 'react';
import type { OverShareView } from '../../shared/contract/space-views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/problem.tsx';

const DAYS = ['30', '90', '180'] as const;
type Days = (typeof DAYS)[number];

/** When what is beyond the share ends, what that means in bytes, and that nothing is lost on that day. */
export function EndOverDialog({
  over,
  nowMs,
  onClose,
}: {
  readonly over: OverShareView;
  readonly nowMs: number;
  readonly onClose: () => void;
}) {
  const [days, setDays] = useState<Days>('30');
  const { call, busy, problem } = useCall();
  const name = nameInSentence(over.name);
  const overBytes = `${BigInt(over.useBytes) - BigInt(over.shareBytes)}`;
  const atMs = nowMs + Number(days) * DAY_MS;
  const end = async (event: FormEvent) => {
    event.preventDefault();
    const ended = await call('shares.end', { friend: over.owner, days: Number(days) });
    if (ended !== undefined) onClose();
  };
  return (
    <Dialog title={t('over.end-title', { name })} onClose={onClose} role="alertdialog">
      <form className="stack" onSubmit={(event) => void end(event)}>
        <p>{t('over.end-bytes', { overBytes })}</p>
        <p>{t('over.end-told', { name })}</p>
        <Choice<Days>
          label={t('over.when')}
          value={days}
          options={DAYS.map((value) => ({
            value,
            label: t('over.days', { count: Number(value) }),
            ...(value === days ? { hint: t('over.days-hint', { atMs }) } : {}),
          }))}
          onChange={setDays}
        />
        <Problem>{problem}</Problem>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button look="danger" type="submit" disabled={busy}>
            {t('over.end-act', { atMs })}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
