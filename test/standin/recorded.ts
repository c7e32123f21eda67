/** What the recorder writes down, and what can be done through it; specs and both drivers share it. */
export type MenuRecord = {
  readonly id: string;
  readonly label: string;
  readonly sublabel: string;
  readonly type: string;
  readonly role: string;
  readonly enabled: boolean;
  readonly visible: boolean;
  readonly checked: boolean;
  readonly submenu: readonly MenuRecord[];
};

export type TrayRecord = {
  toolTip: string;
  title: string;
  /** The picture, to compare with another state's; a path stays a path. */
  image: string;
  isTemplate: boolean;
  /** As the panel got it with the last `setContextMenu`; on Linux later changes don't show. */
  menu: readonly MenuRecord[];
  isDestroyed: boolean;
};

export type NotificationRecord = {
  title: string;
  body: string;
  urgency: string;
  silent: boolean;
  /** The words of its buttons. */
  actions: readonly string[];
  state: 'shown' | 'closed';
};

export type DialogRecord = {
  readonly id: number;
  readonly kind: 'message' | 'open' | 'save' | 'error';
  readonly message: string;
  readonly detail: string;
  readonly title: string;
  readonly buttons: readonly string[];
  readonly defaultId: number | null;
  readonly cancelId: number | null;
  /** A dialog stands there until it is answered. */
  answered: boolean;
};

export type Recorded = {
  readonly trays: TrayRecord[];
  readonly notifications: NotificationRecord[];
  readonly dialogs: DialogRecord[];
  /** What was handed to other programs: addresses, files. */
  readonly opened: string[];
  /** Bars in the taskbar by window; −1 is none, 2 an unknown total. */
  readonly progress: Record<number, number>;
  /** Kinds of `powerSaveBlocker` that are on. */
  readonly blockers: string[];
  readonly loginItem: { openAtLogin?: boolean; args?: string[]; path?: string };
};

export type Recorder = {
  readonly recorded: () => Recorded;
  readonly clickMenu: (menu: 'tray' | 'application', which: string) => void;
  readonly tell: (
    surface: 'tray' | 'notification',
    index: number,
    event: string,
    details?: object,
  ) => void;
  /** Answers the oldest dialog that stands there, or else the next one. */
  readonly answer: (answer: unknown) => void;
  readonly battery: (isOn: boolean) => void;
};

/** What the machine is said to lack; for both drivers. */
export type Pretence = {
  /** `refuses`: it is there, and the person dismisses its question. */
  readonly keyring?: 'none' | 'basic_text' | 'refuses';
  readonly notifications?: 'none';
  readonly onBattery?: boolean;
};

declare global {
  var __recorder: Recorder;
}
