import { startTransition, useState } from 'react';

/** How far beyond the view rows are drawn already, so that scrolling finds them there. */
const MARGIN = '600px 0px';

/** Which blocks are near the view, and how high each was when it was last drawn. */
export type Watcher = {
  /** The element names its block by `data-block`, and says by `data-drawn` whether its rows are in it. */
  readonly watch: (element: HTMLElement) => () => void;
  readonly heightPx: (block: number) => number | undefined;
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
  const sizes = new ResizeObserver((entries) => {
    for (const { target, borderBoxSize } of entries)
      if (target.hasAttribute('data-drawn'))
        heights.set(blockOf(target), borderBoxSize[0]?.blockSize ?? 0);
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
  };
}

function blockOf(element: Element): number {
  return Number(element.getAttribute('data-block'));
}
