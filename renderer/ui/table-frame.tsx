import type { ReactNode } from 'react';

/** Around a table that may be wider than a small window: it can be scrolled by keyboard too. */
export function TableFrame({
  label,
  children,
}: {
  /** What the table shows. */
  readonly label: string;
  readonly children: ReactNode;
}) {
  return (
    <div className="table-frame" role="group" tabIndex={0} aria-label={label}>
      {children}
    </div>
  );
}
