/**
 * Whether the panel behind a tray icon is dark on Linux. GNOME and those that descend from it have a dark
 * panel in both themes; the others follow the theme.
 */
export function isLinuxPanelDark(desktop: string | undefined, isThemeDark: boolean): boolean {
  const names = (desktop ?? '').toLowerCase().split(':');
  return isThemeDark || names.some((name) => ['gnome', 'unity', 'pantheon'].includes(name));
}
