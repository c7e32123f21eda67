import type * as Real from 'electron/renderer';
import type * as Ours from '../../../build/electron-renderer.d.ts';

/** What the preload is checked against must be what Electron has. */
type Fits = typeof Real extends { contextBridge: infer B; ipcRenderer: infer I }
  ? [B, I] extends [typeof Ours.contextBridge, Ours.IpcRenderer]
    ? true
    : never
  : never;
export const preloadTypesFit: Fits = true;
