import type * as Electron from 'electron';
import type {
  DialogRecord,
  MenuRecord,
  NotificationRecord,
  Pretence,
  Recorded,
  TrayRecord,
} from './recorded.ts';

/**
 * What a person would see outside the window: tray, menus, notifications, dialogs, progress in the
 * taskbar. Nothing of that can be asked of Electron afterwards, so it is written down as it happens, by
 * patching the prototypes of `Tray` and `Notification` and the members of the rest, before main is
 * evaluated. The stand-in and real Electron load the same recorder, so the same specs run on both.
 * The function is shipped to Electron as source text: it uses nothing from outside itself.
 */
export function installRecorder(electron: typeof Electron, pretence: Pretence): void {
  const { app, BrowserWindow, dialog, Menu, Notification, powerMonitor } = electron;
  const { powerSaveBlocker, safeStorage, shell, Tray } = electron;
  type AnyFunction = (this: unknown, ...args: never[]) => unknown;
  const trays: { readonly tray: Electron.Tray; menu: Electron.Menu | null; record: TrayRecord }[] =
    [];
  const shown: { readonly notification: Electron.Notification; record: NotificationRecord }[] = [];
  const dialogs: { readonly record: DialogRecord; readonly answer: (value: object) => void }[] = [];
  const answers: object[] = [];
  const opened: string[] = [];
  const progress: Record<number, number> = {};
  const blockers = new Map<number, string>();
  let loginItem: Recorded['loginItem'] = {};

  /** Runs `before` ahead of a method, and then what stood there, if it is to happen at all. */
  function patch(on: object, name: string, act: (self: unknown, args: unknown[]) => void): void {
    const original = (on as Record<string, AnyFunction>)[name];
    Object.defineProperty(on, name, {
      configurable: true,
      writable: true,
      value: function patched(this: unknown, ...args: unknown[]) {
        act(this, args);
        return original?.apply(this, args as never[]);
      },
    });
  }
  function replace(on: object, name: string, value: (...args: never[]) => unknown): void {
    Object.defineProperty(on, name, { configurable: true, writable: true, value });
  }

  function menuRecord(menu: Electron.Menu | null | undefined): MenuRecord[] {
    return (menu?.items ?? []).map((item) => ({
      id: item.id ?? '',
      label: item.label,
      sublabel: item.sublabel ?? '',
      type: item.type,
      role: item.role ?? '',
      enabled: item.enabled,
      visible: item.visible,
      checked: item.checked,
      submenu: menuRecord(item.submenu),
    }));
  }

  function trayOf(tray: unknown): (typeof trays)[number] {
    const found = trays.find((each) => each.tray === tray);
    if (found !== undefined) return found;
    const record: TrayRecord = {
      toolTip: '',
      title: '',
      image: '',
      isTemplate: false,
      menu: [],
      isDestroyed: false,
    };
    const entry = { tray: tray as Electron.Tray, menu: null, record };
    trays.push(entry);
    return entry;
  }
  patch(Tray.prototype, 'setToolTip', (tray, [text]) => {
    trayOf(tray).record.toolTip = String(text);
  });
  patch(Tray.prototype, 'setTitle', (tray, [text]) => {
    trayOf(tray).record.title = String(text);
  });
  patch(Tray.prototype, 'setImage', (tray, [image]) => {
    const { record } = trayOf(tray);
    record.image = typeof image === 'string' ? image : (image as Electron.NativeImage).toDataURL();
    record.isTemplate =
      typeof image !== 'string' && (image as Electron.NativeImage).isTemplateImage();
  });
  patch(Tray.prototype, 'setContextMenu', (tray, [menu]) => {
    const entry = trayOf(tray);
    entry.menu = menu as Electron.Menu | null;
    entry.record.menu = menuRecord(entry.menu);
  });
  patch(Tray.prototype, 'destroy', (tray) => {
    trayOf(tray).record.isDestroyed = true;
  });

  replace(Notification, 'isSupported', () => pretence.notifications !== 'none');
  replace(Notification.prototype, 'show', function show(this: Electron.Notification) {
    const { title, body, urgency, silent } = this;
    const actions = this.actions.map(({ text }) => text ?? '');
    const record: NotificationRecord = { title, body, urgency, silent, actions, state: 'shown' };
    const found = shown.find((each) => each.notification === this);
    if (found === undefined) shown.push({ notification: this, record });
    else found.record = record;
    setImmediate(() => this.emit('show', {}));
  } as never);
  replace(Notification.prototype, 'close', function close(this: Electron.Notification) {
    const found = shown.find((each) => each.notification === this);
    if (found === undefined || found.record.state === 'closed') return;
    found.record.state = 'closed';
    this.emit('close', { reason: 'applicationHidden' });
  } as never);

  function record(kind: DialogRecord['kind'], options: Electron.MessageBoxOptions): DialogRecord {
    return {
      id: dialogs.length,
      kind,
      message: options.message ?? '',
      detail: options.detail ?? '',
      title: options.title ?? '',
      buttons: options.buttons ?? [],
      defaultId: options.defaultId ?? null,
      cancelId: options.cancelId ?? null,
      answered: false,
    };
  }
  function ask(kind: DialogRecord['kind'], usual: object) {
    return (first: object, second?: object) =>
      new Promise<object>((resolve) => {
        const entry = record(kind, (second ?? first) as Electron.MessageBoxOptions);
        const answer = (value: object) => {
          entry.answered = true;
          resolve({ ...usual, ...value });
        };
        dialogs.push({ record: entry, answer });
        const waiting = answers.shift();
        if (waiting !== undefined) answer(waiting);
      });
  }
  /** Nobody can answer while main stands still, so these take an answer given before, or cancel. */
  function askNow(kind: DialogRecord['kind'], usual: (answer: object | undefined) => unknown) {
    return (first: object, second?: object) => {
      const entry = record(kind, (second ?? first) as Electron.MessageBoxOptions);
      entry.answered = true;
      dialogs.push({ record: entry, answer: () => undefined });
      return usual(answers.shift());
    };
  }
  type Answer = { readonly response?: number; readonly filePaths?: string[]; filePath?: string };
  replace(dialog, 'showMessageBox', ask('message', { response: 0, checkboxChecked: false }));
  replace(dialog, 'showOpenDialog', ask('open', { canceled: false, filePaths: [] }));
  replace(dialog, 'showSaveDialog', ask('save', { canceled: false, filePath: '' }));
  replace(
    dialog,
    'showMessageBoxSync',
    askNow('message', (answer) => (answer as Answer | undefined)?.response ?? 0),
  );
  replace(
    dialog,
    'showOpenDialogSync',
    askNow('open', (answer) => (answer as Answer | undefined)?.filePaths),
  );
  replace(
    dialog,
    'showSaveDialogSync',
    askNow('save', (answer) => (answer as Answer | undefined)?.filePath ?? ''),
  );
  replace(dialog, 'showErrorBox', (title: string, message: string) => {
    const entry = record('error', { title, message });
    entry.answered = true;
    dialogs.push({ record: entry, answer: () => undefined });
  });

  for (const name of ['openExternal', 'showItemInFolder', 'trashItem'])
    replace(shell, name, async (what: string) => void opened.push(what));
  replace(shell, 'openPath', async (what: string) => {
    opened.push(what);
    return '';
  });
  patch(BrowserWindow.prototype, 'setProgressBar', (window, [value]) => {
    progress[(window as Electron.BrowserWindow).id] = Number(value);
  });
  replace(app, 'setLoginItemSettings', (settings: Electron.Settings) => {
    loginItem = { ...settings };
  });
  replace(app, 'getLoginItemSettings', () => ({
    openAtLogin: loginItem.openAtLogin ?? false,
    wasOpenedAtLogin: false,
    status: loginItem.openAtLogin === true ? 'enabled' : 'not-registered',
    executableWillLaunchAtLogin: loginItem.openAtLogin ?? false,
    launchItems: [],
  }));
  const startBlocker = powerSaveBlocker.start.bind(powerSaveBlocker);
  replace(powerSaveBlocker, 'start', (type: Parameters<typeof startBlocker>[0]) => {
    const id = startBlocker(type);
    blockers.set(id, type);
    return id;
  });
  patch(powerSaveBlocker, 'stop', (_, [id]) => blockers.delete(id as number));

  function battery(isOn: boolean): void {
    replace(powerMonitor, 'isOnBatteryPower', () => isOn);
    Object.defineProperty(powerMonitor, 'onBatteryPower', { configurable: true, get: () => isOn });
  }
  if (pretence.onBattery !== undefined) battery(pretence.onBattery);
  if (pretence.keyring === 'basic_text')
    replace(safeStorage, 'getSelectedStorageBackend', () => 'basic_text');
  if (pretence.keyring === 'none') {
    replace(safeStorage, 'isAsyncEncryptionAvailable', async () => false);
    replace(safeStorage, 'isEncryptionAvailable', () => false);
    replace(safeStorage, 'getSelectedStorageBackend', () => 'unknown');
  }
  if (pretence.keyring === 'none' || pretence.keyring === 'refuses')
    for (const name of ['encryptStringAsync', 'decryptStringAsync'])
      replace(safeStorage, name, async () => {
        throw new Error('Error: no key ring is available');
      });

  function findItem(items: readonly Electron.MenuItem[], which: string): Electron.MenuItem[] {
    return items.flatMap((item) => [
      ...(item.id === which || item.label === which ? [item] : []),
      ...findItem(item.submenu?.items ?? [], which),
    ]);
  }

  globalThis.__recorder = {
    recorded: () => ({
      trays: trays.map((each) => each.record),
      notifications: shown.map((each) => each.record),
      dialogs: dialogs.map((each) => each.record),
      opened: [...opened],
      progress: { ...progress },
      blockers: [...blockers.values()],
      loginItem,
    }),
    clickMenu: (menu, which) => {
      const tray = trays.findLast((each) => !each.record.isDestroyed);
      const items = (menu === 'tray' ? tray?.menu : Menu.getApplicationMenu())?.items ?? [];
      const [item] = findItem(items, which);
      if (item === undefined) throw new Error(`the ${menu} menu has no "${which}"`);
      if (!item.enabled || !item.visible) throw new Error(`"${which}" can't be chosen now`);
      (item.click as (...args: unknown[]) => void)({}, BrowserWindow.getFocusedWindow());
    },
    tell: (surface, index, event, details = {}) => {
      if (surface === 'tray') {
        const tray = trays.findLast((each) => !each.record.isDestroyed)?.tray;
        if (tray === undefined) throw new Error('there is no tray');
        tray.emit(event as 'click', {});
        return;
      }
      const entry = shown.at(index);
      if (entry === undefined) throw new Error(`there is no notification ${index}`);
      entry.notification.emit(event as 'click', details);
    },
    answer: (value) => {
      const standing = dialogs.find((each) => !each.record.answered);
      if (standing === undefined) answers.push(value as object);
      else standing.answer(value as object);
    },
    battery,
  };
}
