import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import { app } from './app.ts';
import { BrowserWindow } from './browser-window.ts';

/** Menus are trees of items that can be clicked; nothing is drawn. */
type Template = readonly (Electron.MenuItemConstructorOptions | MenuItem)[];

let applicationMenu: Menu | null = null;
let lastCommand = 0;

export class Menu extends EventEmitter {
  static buildFromTemplate(template: Template): Menu {
    const menu = new Menu();
    for (const each of template) menu.append(each instanceof MenuItem ? each : new MenuItem(each));
    return menu;
  }
  static setApplicationMenu(menu: Menu | null): void {
    applicationMenu = menu;
  }
  static getApplicationMenu(): Menu | null {
    return applicationMenu;
  }

  readonly items: MenuItem[] = [];

  append(item: MenuItem): void {
    this.insert(this.items.length, item);
  }
  insert(position: number, item: MenuItem): void {
    this.items.splice(position, 0, item);
    item.menu = this;
  }
  popup(): void {
    this.emit('menu-will-show', {});
  }
  closePopup(): void {
    this.emit('menu-will-close', {});
  }
  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id);
      if (found !== null && found !== undefined) return found;
    }
    return null;
  }
}

export class MenuItem {
  id: string;
  label: string;
  sublabel: string;
  toolTip: string;
  accelerator: string | null;
  enabled: boolean;
  visible: boolean;
  checked: boolean;
  menu: Menu | undefined;
  readonly type: string;
  readonly role: string | undefined;
  readonly submenu: Menu | undefined;
  readonly icon: Electron.NativeImage | string | undefined;
  readonly commandId: number;
  /** In Electron too an own property and not a method: whoever has the item can click it. */
  readonly click: (event?: unknown) => void;

  constructor(options: Electron.MenuItemConstructorOptions) {
    lastCommand += 1;
    this.commandId = lastCommand;
    this.id = options.id ?? '';
    this.role = options.role;
    this.label = options.label ?? options.role ?? '';
    this.sublabel = options.sublabel ?? '';
    this.toolTip = options.toolTip ?? '';
    this.accelerator = options.accelerator ?? null;
    this.enabled = options.enabled ?? true;
    this.visible = options.visible ?? true;
    this.checked = options.checked ?? false;
    this.icon = options.icon;
    // Electron takes a menu or a template; the menu is then one of ours.
    this.submenu = Array.isArray(options.submenu)
      ? Menu.buildFromTemplate(options.submenu)
      : (options.submenu as Menu | undefined);
    this.type = options.type ?? (this.submenu === undefined ? 'normal' : 'submenu');
    if (this.type === 'submenu' && this.submenu === undefined) throw new Error('Invalid submenu');
    this.click = (event = {}) => {
      this.#check();
      if (performRole(this.role)) return;
      const click = options.click as ((...args: unknown[]) => void) | undefined;
      click?.(this, BrowserWindow.getFocusedWindow() ?? undefined, event);
    };
  }

  #check(): void {
    if (this.type === 'checkbox') this.checked = !this.checked;
    if (this.type !== 'radio') return;
    for (const other of this.menu?.items ?? []) if (other.type === 'radio') other.checked = false;
    this.checked = true;
  }
}

function performRole(role: string | undefined): boolean {
  const window = BrowserWindow.getFocusedWindow();
  switch (role?.toLowerCase()) {
    case 'quit':
      app.quit();
      return true;
    case 'close':
      window?.close();
      return true;
    case 'minimize':
      window?.minimize();
      return true;
    case 'reload':
      window?.reload();
      return true;
    default:
      // Roles without a meaning for a page that nobody looks at do nothing, but they are roles.
      return role !== undefined;
  }
}
