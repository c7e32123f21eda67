import type { ShellView } from '../../shared/contract/views.ts';
import type { ShellFacts } from '../core/core-options.ts';
import { platformOf } from '../core/headless-shell.ts';

/**
 * What this desktop can do, as the wizard and the settings tell it: always as it is now. Where a secret
 * lies is known only after it was kept, and whether there is a tray only after one was made.
 */
export type DesktopFacts = ShellFacts & {
  readonly setTray: (isThere: boolean) => void;
  readonly setUpdates: (updates: ShellView['updates']) => void;
};

export function createDesktopFacts({
  platform,
  secrets,
  hasTray,
  updates: mode,
}: {
  readonly platform: NodeJS.Platform;
  readonly secrets: () => Promise<ShellView['secrets']>;
  /** What is expected, until it was tried. */
  readonly hasTray: boolean;
  /** How this build keeps up to date. */
  readonly updates: ShellView['updates']['mode'];
}): DesktopFacts {
  const listeners = new Set<() => void>();
  const system = platformOf(platform);
  let isTrayThere = hasTray;
  let updates: ShellView['updates'] = { mode, version: null, isReady: false };

  function tell(): void {
    for (const listener of listeners) listener();
  }

  return {
    read: async () => ({
      kind: 'desktop',
      platform: system,
      secrets: await secrets(),
      hasTray: isTrayThere,
      canStartAtLogin: system !== 'other',
      updates,
    }),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    setTray: (isThere) => {
      if (isThere === isTrayThere) return;
      isTrayThere = isThere;
      tell();
    },
    setUpdates: (next) => {
      const isSame = next.version === updates.version && next.isReady === updates.isReady;
      updates = next;
      if (!isSame) tell();
    },
  };
}
