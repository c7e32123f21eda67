import { join } from 'node:path';
import { type NativeImage, nativeImage } from 'electron';
import type { TrayState } from './tray-model.ts';

/**
 * The tray's icons, drawn by `build/draw-icons.mjs`. Each state has a shape of its own, so that it can
 * be told without colours: stakes still, growing, two bars, an exclamation mark. Larger versions for
 * sharper screens lie beside each as `…@2x.png`; Electron finds them.
 */
export function trayIcon(folder: string, state: TrayState, isPanelDark: boolean): NativeImage {
  return nativeImage.createFromPath(join(folder, `${state}${variantOf(isPanelDark)}.png`));
}

function variantOf(isPanelDark: boolean): string {
  // macOS colours a template itself, by the desktop behind the menu bar.
  if (process.platform === 'darwin') return 'Template';
  const variant = isPanelDark ? '-on-dark' : '-on-light';
  // The panels of Linux get one picture and scale it down to their own height.
  return process.platform === 'linux' ? `${variant}-panel` : variant;
}
