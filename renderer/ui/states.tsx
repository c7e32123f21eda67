import type { ReactNode } from 'react';
import { t } from '../state/words.ts';
import { Button } from './button.tsx';

/** Nothing here yet: says so, and what to do next. */
export function Empty({
  title,
  children,
  action,
}: {
  readonly title?: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className="empty">
      {title === undefined ? null : <p className="strong">{title}</p>}
      <p className="quiet">{children}</p>
      {action === undefined ? null : <div className="row">{action}</div>}
    </div>
  );
}

export function Loading({ what }: { readonly what: string }) {
  return (
    <p className="quiet" role="status">
      {what}
    </p>
  );
}

/** A list that could not be read: why, and once more. */
export function Failed({
  problem,
  onRetry,
  children,
}: {
  readonly problem: string;
  readonly onRetry: () => void;
  /** What else could help. */
  readonly children?: ReactNode;
}) {
  return (
    <div className="empty" role="alert">
      <p className="fault">{problem}</p>
      <div className="row">
        <Button onPress={onRetry}>{t('ui.retry')}</Button>
        {children}
      </div>
    </div>
  );
}

/** A short word about a state; its colour only repeats what it says. */
export function Tag({
  children,
  tone = 'plain',
}: {
  readonly children: ReactNode;
  readonly tone?: 'plain' | 'good' | 'warn' | 'bad';
}) {
  return <span className={`tag ${tone}`}>{children}</span>;
}
