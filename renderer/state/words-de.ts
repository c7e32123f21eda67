import { mergeCatalogues } from '../../shared/i18n/merge-catalogues.ts';
import commonDe from '../../shared/i18n/messages/de/common.json' with { type: 'json' };
import windowDe from '../../shared/i18n/messages/de/window.json' with { type: 'json' };

/** The window's words in German, in a file of their own: only who speaks it fetches it. */
export const german = mergeCatalogues(commonDe, windowDe);
