import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { Translate } from '../../shared/words/say.ts';

/**
 * The application's menu. macOS shows it and takes every key from it; elsewhere it is hidden and there
 * for its keys alone: copying, closing, and above all making everything larger.
 */
export function setApplicationMenu(t: Translate, openSettings: () => void): void {
  const isMac = process.platform === 'darwin';
  const settings: MenuItemConstructorOptions = {
    label: t('menu.settings'),
    accelerator: 'CommandOrControl+,',
    click: openSettings,
  };
  const app: MenuItemConstructorOptions = {
    label: t('shell.app'),
    submenu: [
      { role: 'about', label: t('menu.about') },
      { type: 'separator' },
      settings,
      { type: 'separator' },
      { role: 'services', label: t('menu.services') },
      { type: 'separator' },
      { role: 'hide', label: t('menu.hide') },
      { role: 'hideOthers', label: t('menu.hide-others') },
      { role: 'unhide', label: t('menu.show-all') },
      { type: 'separator' },
      { role: 'quit', label: t('menu.quit') },
    ],
  };
  const file: MenuItemConstructorOptions = {
    label: t('menu.file'),
    submenu: [
      settings,
      { role: 'close', label: t('menu.close') },
      { role: 'quit', label: t('menu.quit') },
    ],
  };
  const edit: MenuItemConstructorOptions = {
    label: t('menu.edit'),
    submenu: [
      { role: 'undo', label: t('menu.undo') },
      { role: 'redo', label: t('menu.redo') },
      { type: 'separator' },
      { role: 'cut', label: t('menu.cut') },
      { role: 'copy', label: t('menu.copy') },
      { role: 'paste', label: t('menu.paste') },
      { role: 'selectAll', label: t('menu.select-all') },
    ],
  };
  const view: MenuItemConstructorOptions = {
    label: t('menu.view'),
    submenu: [
      { role: 'resetZoom', label: t('menu.zoom-reset') },
      { role: 'zoomIn', label: t('menu.zoom-in') },
      // The same key without Shift, as every browser has it.
      {
        role: 'zoomIn',
        label: t('menu.zoom-in'),
        accelerator: 'CommandOrControl+=',
        visible: false,
        acceleratorWorksWhenHidden: true,
      },
      { role: 'zoomOut', label: t('menu.zoom-out') },
      { type: 'separator' },
      { role: 'togglefullscreen', label: t('menu.full-screen') },
    ],
  };
  const window: MenuItemConstructorOptions = {
    label: t('menu.window'),
    role: 'window',
    submenu: [
      { role: 'minimize', label: t('menu.minimize') },
      { role: 'close', label: t('menu.close') },
      { role: 'front', label: t('menu.front') },
    ],
  };
  const all = isMac ? [app, edit, view, window] : [file, edit, view];
  Menu.setApplicationMenu(Menu.buildFromTemplate(all));
}
