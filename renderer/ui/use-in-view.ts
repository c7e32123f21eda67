import { type RefObject, useEffect, useRef, useState } from 'react';

/** Whether an element can be seen, with a margin around the view. `again` makes it look once more. */
export function useInView<E extends Element>(
  margin = '0px',
  again?: unknown,
): { readonly ref: RefObject<E | null>; readonly isInView: boolean } {
  const ref = useRef<E>(null);
  const [isInView, setInView] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      (entries) => setInView(entries.at(-1)?.isIntersecting ?? false),
      { rootMargin: margin },
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      setInView(false);
    };
  }, [margin, again]);
  return { ref, isInView };
}
