import type { ReactNode } from 'react';

/** What went wrong, in a sentence that a person can act on; read out when it appears. */
export function Problem({ children }: { readonly children: ReactNode }) {
  return children === undefined || children === null || children === '' ? null : (
    <p className="fault" role="alert">
      {children}
    </p>
  );
}
