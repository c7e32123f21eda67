import type { ReactNode } from 'react';

/** Says the act: "Lend 40 GB", not "OK". */
export function Button({
  children,
  onPress,
  primary = false,
  disabled = false,
  type = 'button',
}: {
  readonly children: ReactNode;
  readonly onPress?: () => void;
  readonly primary?: boolean;
  readonly disabled?: boolean;
  readonly type?: 'button' | 'submit';
}) {
  return (
    <button
      className={primary ? 'button primary' : 'button'}
      disabled={disabled}
      type={type}
      onClick={onPress}
    >
      {children}
    </button>
  );
}
