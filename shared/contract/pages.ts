/**
 * The pages of the window, so that a notice, the tray and the window name the same ones. A path is
 * what stands in the address after `#/`; anything that is none is Home.
 */
export type Page =
  | { readonly page: 'home' }
  | { readonly page: 'friends' }
  | { readonly page: 'friend'; readonly owner: string }
  | { readonly page: 'backups' }
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
