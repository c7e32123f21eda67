import { nativeTheme } from 'electron';
import type { Settings } from '../../shared/model/settings.ts';
import { isLinuxPanelDark } from './panel.ts';

/**
 * Light, dark, or as the system is. The panel with the tray belongs to the system and keeps its own
 * colours, whatever this person chose for our window.
 */
export type Theme = {
  readonly set: (wish: Settings['theme']) => void;
  readonly isPanelDark: () => boolean;
  readonly onChange: (listener: () => void) => void;
};

export function createTheme(): Theme {
  // Once a choice of ours is set, Electron no longer says what the system’s is.
  let isSystemDark = nativeTheme.shouldUseDarkColors;
  nativeTheme.on('updated', () => {
    if (nativeTheme.themeSource === 'system') isSystemDark = nativeTheme.shouldUseDarkColors;
  });
  return {
    set: (wish) => {
      if (nativeTheme.themeSource !== wish) nativeTheme.themeSource = wish;
    },
    isPanelDark: () =>
      process.platform === 'win32'
        ? nativeTheme.shouldUseDarkColorsForSystemIntegratedUI
        : isLinuxPanelDark(process.env['XDG_CURRENT_DESKTOP'], isSystemDark),
    onChange: (listener) => void nativeTheme.on('updated', listener),
  };
}
