import { EventEmitter } from 'node:events';
import type { CdpSession } from '../cdp.ts';

/** `nativeTheme`: what the system likes (STANDIN_DARK=1: dark) unless main has decided. */
type ThemeSource = 'system' | 'light' | 'dark';

let source: ThemeSource = 'system';
const pages = new Set<CdpSession>();

function isDark(): boolean {
  return source === 'system' ? process.env['STANDIN_DARK'] === '1' : source === 'dark';
}

async function emulate(page: CdpSession): Promise<void> {
  const value = isDark() ? 'dark' : 'light';
  await page.send('Emulation.setEmulatedMedia', {
    features: [{ name: 'prefers-color-scheme', value }],
  });
}

/** From now on this page sees what main has chosen. */
export async function emulateTheme(page: CdpSession): Promise<void> {
  pages.add(page);
  await emulate(page);
}

class NativeTheme extends EventEmitter {
  readonly inForcedColorsMode = false;
  readonly prefersReducedTransparency = false;
  readonly shouldDifferentiateWithoutColor = false;
  readonly shouldUseHighContrastColors = false;
  readonly shouldUseInvertedColorScheme = false;

  get shouldUseDarkColors(): boolean {
    return isDark();
  }
  /** The system's panel keeps the system's theme, whatever the app has chosen for itself. */
  get shouldUseDarkColorsForSystemIntegratedUI(): boolean {
    return process.env['STANDIN_DARK'] === '1';
  }
  get themeSource(): ThemeSource {
    return source;
  }
  set themeSource(next: ThemeSource) {
    if (next === source) return;
    source = next;
    // A page that was closed has no theme any more.
    for (const page of pages) emulate(page).catch(() => pages.delete(page));
    this.emit('updated');
  }
}

export const nativeTheme = new NativeTheme();
