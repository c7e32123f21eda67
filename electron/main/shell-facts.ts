import type { ShellView } from '../../shared/contract/views.ts';
import type { ShellFacts } from '../core/core-options.ts';
import { platformOf } from '../core/headless-shell.ts';

/**
 * What this desktop can do, as the wizard and the settings tell it: always as it is now. Where a secret
 * lies is known only after it was kept, and whether there is a tray only after one was made.
 */
export type DesktopFacts = ShellFacts & {
  readonly setTray: (isThere: boolean) => void;
};

export function createDesktopFacts({
  platform,
  secrets,
  hasTray,
}: {
  readonly platform: NodeJS.Platform;
  readonly secrets: () => Promise<ShellView['secrets']>;
  /** What is expected, until it was tried. */
  readonly hasTray: boolean;
}): DesktopFacts {
  const listeners = new Set<() => void>();
  const system = platformOf(platform);
  let isTrayThere = hasTray;
  return {
    read: async () => ({
      kind: 'desktop',
      platform: system,
      secrets: await secrets(),
      hasTray: isTrayThere,
      canStartAtLogin: system !== 'other',
    }),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    setTray: (isThere) => {
      if (isThere === isTrayThere) return;
      isTrayThere = isThere;
      for (const tell of listeners) tell();
    },
  };
}
