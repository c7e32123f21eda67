import { Notification, type NotificationConstructorOptions } from 'electron';
import type { AppSnapshot, NoticeView } from '../../shared/contract/views.ts';
import type { NoticeKind, NoticeLevel } from '../../shared/notices/notice.ts';
import type { Logger } from '../core/ports.ts';
import { sayNotice, type Translate } from '../../shared/words/say.ts';
import { askedIn, planNotifications, type Told, toldAtFirst } from './notification-plan.ts';
import { shorten } from './system-text.ts';

/** Shows the core's notices as the system's own notifications; which ones, `notification-plan.ts` says. */
export type Notifier = {
  readonly look: (snapshot: AppSnapshot) => void;
  /** Something of the shell's own, once. False where the system shows no notifications. */
  readonly tell: (title: string, body: string) => boolean;
  readonly close: () => void;
};

/** A disk that fills up brings several notices at once; only the last of each kind is worth a sound. */
const COALESCE_MS = 500;
/** macOS cuts everything beyond 256 bytes, of which a letter can take four. */
const TITLE_MAX = 60;
const BODY_MAX = 180;

export function createNotifier({
  t,
  icon,
  isFocused,
  startedAtMs,
  onClick,
  onAnswer,
  log,
}: {
  readonly t: Translate;
  readonly icon: string;
  readonly isFocused: () => boolean;
  /** When the program started. */
  readonly startedAtMs: number;
  readonly onClick: (path: string | undefined) => void;
  /** The owner's word, said in the notification itself. */
  readonly onAnswer: (ticket: string, yes: boolean) => void;
  readonly log: Logger;
}): Notifier {
  // Kept here: what nothing refers to is collected, and a click on it is then heard by nobody.
  const shown = new Map<NoticeKind | 'own', Notification>();
  let told: Told | undefined;
  let latest: AppSnapshot | undefined;
  let timer: NodeJS.Timeout | undefined;

  function catchUp(): void {
    clearTimeout(timer);
    timer = undefined;
    if (latest === undefined || told === undefined) return;
    const { notices, settings } = latest;
    const plan = planNotifications(told, {
      notices,
      level: settings.notifications,
      isFocused: isFocused(),
    });
    told = plan.told;
    for (const kind of plan.close) remove(kind);
    for (const notice of plan.show) attempt(notice.kind, () => present(notice));
  }

  /** One that can't be said or shown must not take the others with it, nor the program. */
  function attempt(kind: NoticeKind | 'own', work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      log.error('a notice was not shown', { kind, error: String(error) });
      return false;
    }
  }

  function present(notice: NoticeView): void {
    const asked = askedIn(notice, latest?.requests ?? []);
    const options = { ...sayNotice(t, notice), ...LOUDNESS[notice.level] };
    // Only macOS has buttons that come back to us; elsewhere the tray's menu has the two words.
    if (asked === undefined || process.platform !== 'darwin')
      return show(notice.kind, options, { path: notice.path });
    const answers = [true, false] as const;
    show(
      notice.kind,
      {
        ...options,
        actions: answers.map((yes) => ({
          type: 'button' as const,
          text: t(yes ? 'asks.yes' : 'asks.no'),
        })),
      },
      {
        path: notice.path,
        onAction: (index) => {
          const yes = answers[index];
          if (yes !== undefined) onAnswer(asked.ticket, yes);
        },
      },
    );
  }

  function show(
    slot: NoticeKind | 'own',
    options: NotificationConstructorOptions & { readonly title: string; readonly body: string },
    { path, onAction }: Pressed,
  ): void {
    if (!Notification.isSupported()) return;
    remove(slot);
    const notification = new Notification({
      ...options,
      title: shorten(inert(options.title), TITLE_MAX),
      body: shorten(inert(options.body), BODY_MAX),
      // The other systems show the program's own.
      ...(process.platform === 'linux' ? { icon } : {}),
    });
    const forget = () => {
      if (shown.get(slot) === notification) shown.delete(slot);
    };
    notification.on('click', () => {
      forget();
      onClick(path);
    });
    notification.on('action', ({ actionIndex }) => {
      forget();
      onAction?.(actionIndex);
    });
    notification.on('failed', forget);
    shown.set(slot, notification);
    notification.show();
  }

  function remove(slot: NoticeKind | 'own'): void {
    shown.get(slot)?.close();
    shown.delete(slot);
  }

  return {
    look: (snapshot) => {
      latest = snapshot;
      told ??= toldAtFirst(snapshot.notices, { startedAtMs, nowMs: Date.now() });
      // What is not to be shown is settled at once: it happened before the person looked away, or
      // before they wanted notifications.
      if (isFocused() || snapshot.settings.notifications === 'off') catchUp();
      else timer ??= setTimeout(catchUp, COALESCE_MS);
    },
    tell: (title, body) => {
      if (!Notification.isSupported()) return false;
      return attempt('own', () => show('own', { title, body, ...LOUDNESS.info }, {}));
    },
    close: () => {
      clearTimeout(timer);
      for (const slot of shown.keys()) remove(slot);
    },
  };
}

type Pressed = {
  /** Where a click on it leads; none: the window. */
  readonly path?: string;
  readonly onAction?: (index: number) => void;
};

const LOUDNESS: Readonly<Record<NoticeLevel, NotificationConstructorOptions>> = {
  info: { urgency: 'low', silent: true },
  warning: { urgency: 'normal' },
  alarm: { urgency: 'critical', timeoutType: 'never' },
};

/** Many desktops of Linux read a few of HTML's tags in a body; a friend's name must not be one. */
function inert(text: string): string {
  return process.platform === 'linux' ? text.replaceAll('<', '‹').replaceAll('>', '›') : text;
}
