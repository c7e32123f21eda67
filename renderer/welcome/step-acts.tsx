import type { ReactNode } from 'react';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';

/** The buttons below a step: back on the left, onwards on the right, and first on a narrow screen. */
export function StepActs({
  onBack,
  children,
}: {
  readonly onBack?: () => void;
  readonly children: ReactNode;
}) {
  return (
    <div className="welcome-acts">
      {onBack === undefined ? <span /> : <Button onPress={onBack}>{t('welcome.back')}</Button>}
      <div className="row">{children}</div>
    </div>
  );
}
