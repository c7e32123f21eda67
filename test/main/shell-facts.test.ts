import { describe, expect, it } from 'vitest';
import { createDesktopFacts } from '../../electron/main/shell-facts.ts';

describe('what the desktop can do', () => {
  it('is told as it is when somebody asks, not as it was at the start', async () => {
    let secrets: 'keyring' | 'file' = 'keyring';
    const facts = createDesktopFacts({
      platform: 'linux',
      secrets: async () => secrets,
      hasTray: false,
      updates: 'none',
    });
    expect(await facts.read()).toEqual({
      kind: 'desktop',
      platform: 'linux',
      secrets: 'keyring',
      hasTray: false,
      canStartAtLogin: true,
      updates: { mode: 'none', version: null, isReady: false },
    });
    secrets = 'file';
    facts.setTray(true);
    expect(await facts.read()).toMatchObject({ secrets: 'file', hasTray: true });
  });

  it('is news only when the tray comes or goes, or a newer version is there', () => {
    let times = 0;
    const facts = createDesktopFacts({
      platform: 'freebsd',
      secrets: async () => 'file',
      hasTray: true,
      updates: 'tells',
    });
    const stop = facts.subscribe(() => {
      times += 1;
    });
    facts.setTray(true);
    expect(times).toBe(0);
    facts.setTray(false);
    expect(times).toBe(1);
    facts.setUpdates({ mode: 'tells', version: null, isReady: false });
    expect(times).toBe(1);
    facts.setUpdates({ mode: 'tells', version: '2.0.0', isReady: false });
    expect(times).toBe(2);
    stop();
    facts.setTray(true);
    expect(times).toBe(2);
  });
});
