import { EventEmitter } from 'node:events';
import { randomUUID } from 'node:crypto';
import type * as Electron from 'electron';

/** `Notification`. Whether it is shown is the recorder's business, which patches this prototype. */
export class Notification extends EventEmitter {
  static isSupported(): boolean {
    return true;
  }

  title: string;
  subtitle: string;
  body: string;
  silent: boolean;
  urgency: 'normal' | 'critical' | 'low';
  timeoutType: 'default' | 'never';
  actions: Electron.NotificationAction[];
  readonly id: string;
  readonly groupId: string;

  constructor(options: Electron.NotificationConstructorOptions = {}) {
    super();
    this.title = options.title ?? '';
    this.subtitle = options.subtitle ?? '';
    this.body = options.body ?? '';
    this.silent = options.silent ?? false;
    this.urgency = options.urgency ?? 'normal';
    this.timeoutType = options.timeoutType ?? 'default';
    this.actions = options.actions ?? [];
    this.id = options.id ?? randomUUID();
    this.groupId = options.groupId ?? '';
  }
  show(): void {}
  close(): void {}
}
