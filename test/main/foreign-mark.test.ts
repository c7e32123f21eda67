import { lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockHome } from '../../electron/core/database/home-lock.ts';
import { dropForeignMark } from '../../electron/main/foreign-mark.ts';

describe.skipIf(process.platform === 'win32')('Chromium’s mark of a running app', () => {
  let home: string;
  let profile: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'allotment-mark-'));
    profile = join(home, 'window');
    mkdirSync(profile);
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const mark = (target: string) => symlinkSync(target, join(profile, 'SingletonLock'));
  const isThere = () =>
    lstatSync(join(profile, 'SingletonLock'), { throwIfNoEntry: false }) !== undefined;
  const look = () => dropForeignMark({ home, profile, host: 'anas-laptop.fritz.box' });

  it('goes where it bears a name that this computer has no more, and nobody works on the home', () => {
    mark('anas-laptop.local-4711');
    look();
    expect(isThere()).toBe(false);
    look();
  });

  it('stays while somebody does', () => {
    mark('anas-laptop.local-4711');
    const lock = lockHome(join(home, 'lock.sqlite'));
    if (!lock.ok) throw new Error(lock.fault);
    look();
    expect(isThere()).toBe(true);
    lock.value.release();
  });

  it.each(['anas-laptop.fritz.box-4711', 'nothing like that', 'anas-laptop.local'])(
    'stays where it says %s: that is for Chromium to judge',
    (target) => {
      mark(target);
      look();
      expect(isThere()).toBe(true);
    },
  );
});
