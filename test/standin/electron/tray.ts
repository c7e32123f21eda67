import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import { mustBeReady } from './readiness.ts';

/**
 * `Tray`. What it was told is the recorder's business, which patches this prototype as it patches
 * Electron's. STANDIN_TRAY=fails: a desktop without any place for it.
 */
export class Tray extends EventEmitter {
  #title = '';
  #destroyed = false;

  constructor(image: Electron.NativeImage | string) {
    super();
    mustBeReady('create Tray');
    if (process.env['STANDIN_TRAY'] === 'fails') throw new Error('Failed to create the tray icon');
    this.setImage(image);
  }
  setImage(_image: Electron.NativeImage | string): void {}
  setPressedImage(): void {}
  setToolTip(_toolTip: string): void {}
  setContextMenu(_menu: Electron.Menu | null): void {}
  setTitle(title: string): void {
    this.#title = title;
  }
  getTitle(): string {
    return this.#title;
  }
  setIgnoreDoubleClickEvents(): void {}
  popUpContextMenu(): void {}
  closeContextMenu(): void {}
  displayBalloon(_options: Electron.DisplayBalloonOptions): void {}
  removeBalloon(): void {}
  focus(): void {}
  getBounds(): Electron.Rectangle {
    return { x: 0, y: 0, width: 0, height: 0 };
  }
  isDestroyed(): boolean {
    return this.#destroyed;
  }
  destroy(): void {
    this.#destroyed = true;
  }
}
