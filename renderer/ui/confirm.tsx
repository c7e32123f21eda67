import { type ReactNode, useState } from 'react';
import { t } from '../state/words.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Problem } from './problem.tsx';

/** Asked before something is taken away: the title says the act with bytes and person, so does the button. */
export function Confirm({
  title,
  act,
  children,
  onConfirm,
  onClose,
}: {
  readonly title: string;
  /** The words of the button: "Delete 38.2 GB of my backup at Ben's". */
  readonly act: string;
  readonly children?: ReactNode;
  /** Resolves to what went wrong, in words. */
  readonly onConfirm: () => Promise<string | undefined>;
  readonly onClose: () => void;
}) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const confirm = async () => {
    setBusy(true);
    const failed = await onConfirm();
    setBusy(false);
    setProblem(failed);
    if (failed === undefined) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose} role="alertdialog">
      <div className="stack">
        {children}
        <Problem>{problem}</Problem>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button look="danger" disabled={busy} onPress={() => void confirm()}>
            {act}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
