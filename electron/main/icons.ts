import { join } from 'node:path';
import { type NativeImage, nativeImage } from 'electron';
import type { TrayState } from './tray-model.ts';

/**
 * The tray's icons, drawn by `build/draw-icons.mjs`. Each state has a shape of its own, so that it can
 * be told without colours: stakes still, growing, two bars, an exclamation mark. Larger versions for
 * sharper screens lie beside each as `…@2x.png`; Electron finds them.
 */
export function trayIcon(folder: string, state: TrayState, isPanelDark: boolean): NativeImage {
  // macOS colours a template itself, by the desktop behind the menu bar.
  const variant =
    process.platform === 'darwin' ? 'Template' : isPanelDark ? '-on-dark' : '-on-light';
  return nativeImage.createFromPath(join(folder, `${state}${variant}.png`));
}
