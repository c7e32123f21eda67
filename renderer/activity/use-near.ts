import { startTransition, useState } from 'react';

/** How far beyond the view rows are drawn already, so that scrolling finds them there. */
const MARGIN = '600px 0px';

/** Which blocks are near the view, and how high each was when it was last drawn. */
export type Watcher = {
  /** The element names its block by `data-block`, and says by `data-drawn` how many rows are in it. */
  readonly watch: (element: HTMLElement) => () => void;
  readonly heightPx: (block: number) => number | undefined;
  /** What a row has taken so far, on average. */
  readonly rowPx: () => number | undefined;
};

export function useNear(): { readonly near: ReadonlySet<number>; readonly watcher: Watcher } {
  const [near, setNear] = useState<ReadonlySet<number>>(new Set());
  const [watcher] = useState(() =>
    // Drawing rows may be put off for whatever is more urgent: the scrolling itself.
    createWatcher((blocks) => startTransition(() => setNear(blocks))),
  );
  return { near, watcher };
}

function createWatcher(onNear: (blocks: ReadonlySet<number>) => void): Watcher {
  const near = new Set<number>();
  const heights = new Map<number, number>();
  let rowPx: number | undefined;
  const nearness = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) near.add(blockOf(target));
        else near.delete(blockOf(target));
      }
      onNear(new Set(near));
    },
    { rootMargin: MARGIN },
  );
  function measure(element: Element, heightPx: number): void {
    const rows = Number(element.getAttribute('data-drawn'));
    if (rows === 0) return;
    heights.set(blockOf(element), heightPx);
    rowPx = rowPx === undefined ? heightPx / rows : (3 * rowPx + heightPx / rows) / 4;
  }
  const sizes = new ResizeObserver((entries) => {
    for (const { target, borderBoxSize } of entries)
      measure(target, borderBoxSize[0]?.blockSize ?? 0);
  });
  return {
    watch: (element) => {
      nearness.observe(element);
      sizes.observe(element);
      return () => {
        nearness.unobserve(element);
        sizes.unobserve(element);
        near.delete(blockOf(element));
      };
    },
    heightPx: (block) => heights.get(block),
    rowPx: () => rowPx,
  };
}

function blockOf(element: Element): number {
  return Number(element.getAttribute('data-block'));
}
