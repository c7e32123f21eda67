import type { ShellView } from '../../shared/contract/views.ts';

/** What a core can say of its surroundings when no desktop started it. */
export function headlessShell(platform: NodeJS.Platform): ShellView {
  return {
    kind: 'headless',
    platform: platformOf(platform),
    secrets: 'file',
    hasTray: false,
    canStartAtLogin: false,
  };
}

export function platformOf(platform: NodeJS.Platform): ShellView['platform'] {
  return PLATFORMS[platform] ?? 'other';
}

const PLATFORMS: Readonly<Partial<Record<NodeJS.Platform, ShellView['platform']>>> = {
  linux: 'linux',
  darwin: 'macos',
  win32: 'windows',
};
