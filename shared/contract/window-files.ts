/**
 * How the built window's files are served, whichever door does it: the desktop's own protocol or the loopback
 * web server. Nothing but our own files, and no script or style inside the page: text that was injected stays text.
 */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** With every answer, whatever is in it. */
export const WINDOW_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  // A file is what its name says, whatever is in it.
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** By the ending of a name; no other file is served. */
export const WINDOW_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
};

/** The built files' names change with what is in them, but for those that lie at the top. */
export function cacheControl(isHashed: boolean): string {
  return isHashed ? 'max-age=31536000, immutable' : 'no-cache';
}
