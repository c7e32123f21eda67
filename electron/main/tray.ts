import { Menu, type MenuItemConstructorOptions, type NativeImage, Tray } from 'electron';
import type { Logger } from '../core/ports.ts';
import { plainLabel } from './system-text.ts';
import type { TrayAction, TrayItem, TrayModel, TrayState } from './tray-model.ts';

/** Hands the tray's model to the system. A desktop without a tray gets none, and the app lives on. */
export type TrayDoor = {
  readonly isThere: () => boolean;
  readonly show: (model: TrayModel) => void;
  /** The panel may have changed its colours. */
  readonly redraw: () => void;
  readonly close: () => void;
};

export function openTray({
  icon,
  onAction,
  log,
}: {
  readonly icon: (state: TrayState) => NativeImage;
  readonly onAction: (action: TrayAction) => void;
  readonly log: Logger;
}): TrayDoor {
  // Kept here: a tray that nothing refers to is collected, and its icon vanishes.
  let tray: Tray | undefined;
  let shown: TrayModel | undefined;
  let isImpossible = false;

  function make(model: TrayModel): Tray | undefined {
    try {
      const made = new Tray(icon(model.state));
      // Elsewhere a click opens the menu, or does nothing at all: nothing relies on it.
      made.on('click', () => {
        if (process.platform !== 'darwin') onAction({ do: 'open', path: undefined });
      });
      return made;
    } catch (error) {
      log.warn('this desktop has no tray', { error: String(error) });
      isImpossible = true;
      return undefined;
    }
  }

  function draw(model: TrayModel, before: TrayModel | undefined): void {
    if (tray === undefined) return;
    if (model.state !== before?.state) tray.setImage(icon(model.state));
    if (model.tooltip !== before?.tooltip) tray.setToolTip(model.tooltip);
    // On Linux a menu that was set once never changes: it is set again, but only if it is another,
    // because that closes one which is open.
    if (JSON.stringify(model.items) !== JSON.stringify(before?.items))
      tray.setContextMenu(
        Menu.buildFromTemplate(model.items.map((item) => template(item, onAction))),
      );
  }

  return {
    isThere: () => tray !== undefined,
    show: (model) => {
      const before = tray === undefined ? undefined : shown;
      if (!isImpossible) tray ??= make(model);
      draw(model, before);
      shown = model;
    },
    redraw: () => {
      if (shown !== undefined) tray?.setImage(icon(shown.state));
    },
    close: () => {
      tray?.destroy();
      tray = undefined;
    },
  };
}

function template(
  item: TrayItem,
  onAction: (action: TrayAction) => void,
): MenuItemConstructorOptions {
  switch (item.type) {
    case 'separator':
      return { type: 'separator' };
    case 'text':
      return { label: plainLabel(item.label), enabled: false };
    case 'action':
      return { label: plainLabel(item.label), click: () => onAction(item.action) };
    case 'menu':
      return {
        label: plainLabel(item.label),
        submenu: item.items.map((each) => template(each, onAction)),
      };
  }
}
