import { describe, expect, it } from 'vitest';
import { createDesktopFacts } from '../../electron/main/shell-facts.ts';

describe('what the desktop can do', () => {
  it('is told as it is when somebody asks, not as it was at the start', async () => {
    let secrets: 'keyring' | 'file' = 'keyring';
    const facts = createDesktopFacts({
      platform: 'linux',
      secrets: async () => secrets,
      hasTray: false,
    });
    expect(await facts.read()).toEqual({
      kind: 'desktop',
      platform: 'linux',
      secrets: 'keyring',
      hasTray: false,
      canStartAtLogin: true,
    });
    secrets = 'file';
    facts.setTray(true);
    expect(await facts.read()).toMatchObject({ secrets: 'file', hasTray: true });
  });

  it('is news only when the tray comes or goes', () => {
    let times = 0;
    const facts = createDesktopFacts({
      platform: 'freebsd',
      secrets: async () => 'file',
      hasTray: true,
    });
    const stop = facts.subscribe(() => {
      times += 1;
    });
    facts.setTray(true);
    expect(times).toBe(0);
    facts.setTray(false);
    expect(times).toBe(1);
    stop();
    facts.setTray(true);
    expect(times).toBe(1);
  });
});
