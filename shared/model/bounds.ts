/**
 * How much of something people may type, for the contract, which refuses more, and for the window, which carries no
 * schemas. Literals only.
 */

/** Of owners, devices, friends, accounts and sets. */
export const NAME_CHARS_MAX = 80;
/** A name of 253 letters and a port. */
export const ADDRESS_CHARS_MAX = 260;
export const PATH_CHARS_MAX = 4096;
/** A purpose is one line in somebody's list. */
export const PURPOSE_CHARS_MAX = 200;

export const SET_NAME = /^[^\p{Cc}/\\]{1,80}$/u;
/** A set of mine, or another computer's: "Laptop/Documents". */
export const ANY_SET_NAME = /^\P{Cc}{1,200}$/u;
export const ACCOUNT_NAME = /^\P{Cc}{1,80}$/u;
/** Why a request is refused, in one answer; the nearest of them. */
export const REASONS_TOLD_MAX = 16;

/** Of one policy. */
export const GROUNDS_MAX = 8;
/** What the limit of how many plots a friend may have can be. */
export const PLOTS_LIMIT_MAX = 100_000;
/** What a limit of bandwidth can be; so many bytes a second are none. */
export const BYTES_PER_S_MAX = 1_000_000_000_000;

/** Of one set. */
export const FOLDERS_MAX = 64;
export const EXCLUDES_MAX = 200;
export const EXCLUDE_CHARS_MAX = 1000;
/** So many snapshots of a kind a retention can name. */
export const KEPT_MAX = 9999;
/** What one restore can name besides everything. */
export const RESTORE_PATHS_MAX = 1000;

export const CURRENCY_CHARS_MAX = 20;
export const PER_GB_MONTH_MAX = 1_000_000;
/** How much a unit of somebody's notes can be worth, where 1 is usual. */
export const RATE_MAX = 1000;
/** Of a standing order. */
export const PERIOD_DAYS_MAX = 365;
