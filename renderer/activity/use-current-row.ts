import { type FocusEvent, type RefObject, useEffect, useRef, useState } from 'react';

/** The row that holds the focus, by its number; rows are told apart by `data-row`. */
export type CurrentRow = {
  /** Around all rows. */
  readonly ref: RefObject<HTMLDivElement | null>;
  readonly current: number | undefined;
  /** Moves the focus, also to a row that is not drawn yet. */
  readonly goTo: (row: number) => void;
  readonly onFocus: (event: FocusEvent) => void;
  readonly onBlur: (event: FocusEvent) => void;
};

export function useCurrentRow(): CurrentRow {
  const ref = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState<number>();
  const [goal, setGoal] = useState<number>();
  useEffect(() => {
    if (goal === undefined) return;
    // Drawn by now: the current row's block always is.
    ref.current?.querySelector<HTMLElement>(`[data-row="${goal}"]`)?.focus();
    setGoal(undefined);
  }, [goal]);
  return {
    ref,
    current,
    goTo: (number: number) => {
      setCurrent(number);
      setGoal(number);
    },
    onFocus: ({ target }: FocusEvent) => {
      const row = target.closest('[data-row]')?.getAttribute('data-row');
      if (row !== null && row !== undefined) setCurrent(Number(row));
    },
    onBlur: ({ currentTarget, relatedTarget }: FocusEvent) => {
      if (!currentTarget.contains(relatedTarget)) setCurrent(undefined);
    },
  };
}
