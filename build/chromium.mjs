/** The Chromium that the environment names; a name that is empty is none. */
export function chromiumIn({ CHROMIUM = '' }, usual = '/usr/bin/chromium') {
  return CHROMIUM === '' ? usual : CHROMIUM;
}
