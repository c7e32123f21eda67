import { later } from '../state/later.tsx';

/** What most windows never open, fetched when somebody does. */
export const SetDialog = later(async () => (await import('../plan/set-dialog.tsx')).SetDialog);
export const PhraseDialog = later(
  async () => (await import('../recovery/phrase-dialog.tsx')).PhraseDialog,
);
export const SheetDialog = later(
  async () => (await import('../recovery/sheet-dialog.tsx')).SheetDialog,
);
export const ExportDialog = later(async () => (await import('./export-dialog.tsx')).ExportDialog);
export const TrashDialog = later(async () => (await import('./trash-dialog.tsx')).TrashDialog);
export const DropDialog = later(async () => (await import('./drop-dialog.tsx')).DropDialog);
export const GatewayDialog = later(
  async () => (await import('./gateway-dialog.tsx')).GatewayDialog,
);
export const PlotDiskDialog = later(
  async () => (await import('./plot-disk-dialog.tsx')).PlotDiskDialog,
);
