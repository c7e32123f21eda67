import { type ReactNode, type RefObject, useLayoutEffect, useRef } from 'react';
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
  const place = useRef<HTMLButtonElement>(null);
  const focus = useFocusAcross(place, disabled);
  return (
    <AriaButton
      ref={place}
      {...focus}
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

/**
 * A button that rests while something is under way loses the focus with that. Whoever pressed it by keyboard has it
 * again afterwards, unless he has gone elsewhere.
 */
function useFocusAcross(place: RefObject<HTMLButtonElement | null>, disabled: boolean) {
  const hasFocus = useRef(false);
  useLayoutEffect(() => {
    if (disabled || !hasFocus.current) return;
    const { activeElement, body } = document;
    if (activeElement === body) place.current?.focus({ preventScroll: true });
    else hasFocus.current = activeElement === place.current;
  }, [place, disabled]);
  return {
    onFocus: () => {
      hasFocus.current = true;
    },
    onBlur: () => {
      // Nobody has left a button that was only disabled.
      if (place.current?.disabled === false) hasFocus.current = false;
    },
  };
}
