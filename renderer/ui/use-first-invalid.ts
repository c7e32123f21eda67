import { type RefObject, useEffect, useRef } from 'react';

/**
 * Leads the person to the first field that is wrong, whenever a form was sent and came back: the field
 * may be far above the button. `tries` counts how often it was.
 */
export function useFirstInvalid(tries: number): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (tries > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [tries]);
  return form;
}
