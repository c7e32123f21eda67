import { useSyncExternalStore } from 'react';
import { type Page, pagePath, parsePage } from '../../shared/contract/pages.ts';

/** The page stands in the address after `#/`: back, forward, bookmarks and clicks on notices just work. */
export function usePage(): Page {
  return parsePage(useSyncExternalStore(subscribe, () => location.hash));
}

export function href(page: Page): string {
  return `#/${pagePath(page)}`;
}

export function go(page: Page): void {
  location.hash = href(page);
}

/** A path from outside; whatever it is, a page comes of it. */
export function goTo(path: string): void {
  go(parsePage(path));
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}
