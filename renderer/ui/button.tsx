import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';

export type ButtonProps = {
  readonly children: ReactNode;
  readonly onPress?: () => void;
  /** `primary`: what the page is for, at most once; `danger`: takes something away; `link`: within text. */
  readonly look?: 'plain' | 'primary' | 'danger' | 'link';
  readonly disabled?: boolean;
  readonly type?: 'button' | 'submit';
  /** Where the words alone don't say what it is about: "Why?" of which decision. */
  readonly label?: string;
  readonly expanded?: boolean;
};

/** Says the act: "Lend 40 GB", not "OK". */
export function Button({
  children,
  onPress,
  look = 'plain',
  disabled = false,
  type = 'button',
  label,
  expanded,
}: ButtonProps) {
  return (
    <AriaButton
      className={`button ${look}`}
      isDisabled={disabled}
      type={type}
      {...(onPress === undefined ? {} : { onPress })}
      {...(label === undefined ? {} : { 'aria-label': label })}
      {...(expanded === undefined ? {} : { 'aria-expanded': expanded })}
    >
      {children}
    </AriaButton>
  );
}
