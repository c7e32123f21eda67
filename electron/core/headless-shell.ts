import type { ShellView } from '../../shared/contract/views.ts';

/** What a core can say of its surroundings when no desktop started it. */
export function headlessShell(platform: NodeJS.Platform): ShellView {
  return {
    kind: 'headless',
    platform: PLATFORMS[platform] ?? 'other',
    secrets: 'file',
    hasTray: false,
    canStartAtLogin: false,
  };
}

const PLATFORMS: Readonly<Partial<Record<NodeJS.Platform, ShellView['platform']>>> = {
  linux: 'linux',
  darwin: 'macos',
  win32: 'windows',
};
