import { ANY_SET_NAME } from '../model/bounds.ts';

/**
 * The pages of the window, so that a notice, the tray and the window name the same ones. A path is
 * what stands in the address after `#/`; anything that is none is Home.
 */
export type Page =
  | { readonly page: 'home' }
  | { readonly page: 'friends' }
  | { readonly page: 'friend'; readonly owner: string }
  | { readonly page: 'backups' }
  /** What was kept of a set, to be brought back; without a name, of what lies on a disk. */
  | { readonly page: 'restore'; readonly set?: string }
  | { readonly page: 'household' }
  | { readonly page: 'barter' }
  | { readonly page: 'activity'; readonly owner?: string }
  | { readonly page: 'settings' }
  | { readonly page: 'troubles' }
  | { readonly page: 'welcome' };

const OWNER = /^[a-z2-7]{52}$/;

export function pagePath(page: Page): string {
  switch (page.page) {
    case 'friend':
      return `friends/${page.owner}`;
    case 'activity':
      return page.owner === undefined ? 'activity' : `activity/${page.owner}`;
    case 'restore':
      return page.set === undefined
        ? 'restore'
        : `restore/${encodeURIComponent(page.set.toWellFormed())}`;
    default:
      return page.page;
  }
}

/** Never fails: paths come from the address bar, from notices kept by older versions, from other processes. */
export function parsePage(path: string): Page {
  const [first = '', second] = path.replace(/^#?\/?/, '').split('/');
  const owner = second !== undefined && OWNER.test(second) ? second : undefined;
  switch (first) {
    case 'friends':
      return owner === undefined ? { page: 'friends' } : { page: 'friend', owner };
    case 'activity':
      return owner === undefined ? { page: 'activity' } : { page: 'activity', owner };
    case 'restore':
      return restoreOf(second);
    case 'backups':
    case 'household':
    case 'barter':
    case 'settings':
    case 'troubles':
    case 'welcome':
      return { page: first };
    default:
      return { page: 'home' };
  }
}

function restoreOf(text: string | undefined): Page {
  try {
    const set = decodeURIComponent(text ?? '');
    return ANY_SET_NAME.test(set) ? { page: 'restore', set } : { page: 'restore' };
  } catch {
    return { page: 'restore' };
  }
}
