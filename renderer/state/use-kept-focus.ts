import { type FocusEvent, type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

/**
 * What is pressed in a card often goes away with the press. The focus then goes to what is left of the card,
 * and where the card is gone to what stands around it: whoever uses the keyboard does not begin at the top
 * of the page again, and what comes next is in sight.
 */
export function useKeptFocus(place: RefObject<HTMLElement | null>): {
  readonly onFocus: (event: FocusEvent) => void;
  readonly onBlur: (event: FocusEvent) => void;
} {
  const card = useRef<HTMLElement>(null);
  const mend = () => {
    const lost = card.current;
    if (lost === null || document.activeElement !== document.body) return;
    // A dialog that closes gives the focus back by itself.
    if (!lost.isConnected && lost.closest(DIALOGS) !== null) return;
    const next = lost.isConnected ? lost : (place.current ?? document.querySelector('main'));
    if (next !== null) focusOn(next);
    if (!lost.isConnected) card.current = null;
  };
  useLayoutEffect(mend);
  useEffect(() => mend, []);
  return {
    onFocus: ({ target }) => {
      if (place.current?.contains(target) === true) card.current = target.closest('article');
    },
    // An element that is taken away says nothing of it; this is somebody who goes elsewhere.
    onBlur: ({ relatedTarget }) => {
      const isNear = place.current?.contains(relatedTarget) === true;
      const isDialog = relatedTarget?.closest(DIALOGS) !== null;
      if (relatedTarget === null || !(isNear || isDialog)) card.current = null;
    },
  };
}

const DIALOGS = '[role=dialog], [role=alertdialog]';

/** Focuses something that is not a control, and brings as much of it into sight as there is room for. */
export function focusOn(element: HTMLElement): void {
  element.focus({ preventScroll: true });
  const isTall = element.getBoundingClientRect().height > innerHeight;
  element.scrollIntoView({ block: isTall ? 'start' : 'nearest' });
}
