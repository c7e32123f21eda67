import type { ShellView } from '../../shared/contract/views.ts';
import type { ShellFacts } from './core-options.ts';

/** What a core can say of its surroundings when no desktop started it. */
export function headlessShell(platform: NodeJS.Platform): ShellFacts {
  const view: ShellView = {
    kind: 'headless',
    platform: platformOf(platform),
    secrets: 'file',
    hasTray: false,
    canStartAtLogin: false,
    updates: { mode: 'none', version: null, isReady: false },
  };
  // None of it ever changes.
  return { read: async () => view, subscribe: () => () => undefined };
}

export function platformOf(platform: NodeJS.Platform): ShellView['platform'] {
  return PLATFORMS[platform] ?? 'other';
}

const PLATFORMS: Readonly<Partial<Record<NodeJS.Platform, ShellView['platform']>>> = {
  linux: 'linux',
  darwin: 'macos',
  win32: 'windows',
};
