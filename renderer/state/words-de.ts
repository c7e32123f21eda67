import common from '../../shared/i18n/messages/de/common.json' with { type: 'json' };
import window from '../../shared/i18n/messages/de/window.json' with { type: 'json' };

/**
 * The window's words in German, in a file of their own: only who speaks it fetches it. It imports nothing that runs: where the
 * system speaks German the first script waits for this one, and would wait for ever if this one needed something of it.
 */
export const german = { common, window };
