import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLoginItem } from '../../electron/main/login-item.ts';
import { scratch } from '../fakes/homes.ts';
import { expectRights } from '../fakes/rights.ts';
import { quietLogger } from './quiet-logger.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let file: string;
beforeEach(async () => {
  place = await scratch();
  file = join(place.folder, 'autostart', 'allotment.desktop');
});
afterEach(() => place.remove());

function item(env: NodeJS.ProcessEnv = {}, platform: NodeJS.Platform = 'linux') {
  const told: unknown[] = [];
  const app = {
    isPackaged: true,
    getAppPath: () => '/opt/allotment/app',
    setLoginItemSettings: (settings: unknown) => void told.push(settings),
  };
  const loginItem = createLoginItem({
    app,
    name: 'Allotment',
    comment: () => 'Shares storage',
    log: quietLogger,
    platform,
    env: { XDG_CONFIG_HOME: place.folder, ...env },
  });
  return { set: loginItem.set, told };
}
const text = () => readFile(file, 'utf8').catch(() => undefined);

describe('starting at login', () => {
  // A path of Windows reads otherwise in such a file.
  it.skipIf(process.platform === 'win32')(
    'is a file in the autostart folder on Linux, hidden in the tray',
    async () => {
      const { set } = item();
      await set(false);
      await set(true);
      expect(await text()).toContain(`Exec=${process.execPath} --hidden\n`);
      await expectRights(file, 0o644);
      await set(false);
      expect(await text()).toBeUndefined();
    },
  );

  it('starts the AppImage itself, and the home that this one is for', async () => {
    const { set } = item({ APPIMAGE: '/home/ben/My Apps/a.AppImage', ALLOTMENT_HOME: '/srv/a$b' });
    await set(false);
    await set(true);
    expect(await text()).toContain(
      'Exec=env "ALLOTMENT_HOME=/srv/a\\\\$b" "/home/ben/My Apps/a.AppImage" --hidden\n',
    );
  });

  it('is mended at a start when the program has moved', async () => {
    const before = item({ APPIMAGE: '/old.AppImage' });
    await before.set(false);
    await before.set(true);
    await item({ APPIMAGE: '/new.AppImage' }).set(true);
    expect(await text()).toContain('Exec=/new.AppImage --hidden');
  });

  it('stays off at a start when the person took it away in the desktop’s own settings', async () => {
    await item().set(true);
    expect(await text()).toBeUndefined();
    await mkdir(join(place.folder, 'autostart'));
    const off = '[Desktop Entry]\nExec=/old\nHidden=true\n';
    await writeFile(file, off);
    await item().set(true);
    expect(await text()).toBe(off);
  });

  it('leaves a file alone at a start that does not want it: it may be another home’s', async () => {
    await mkdir(join(place.folder, 'autostart'));
    await writeFile(file, 'of another home');
    await item().set(false);
    expect(await text()).toBe('of another home');
  });

  it('that can’t be switched on says so, and can be when the person tries again', async () => {
    await writeFile(join(place.folder, 'autostart'), 'a file in the way');
    const { set } = item();
    expect(await set(false)).toBe(true);
    expect(await set(true)).toBe(false);
    // The setting goes back: that is how it is.
    expect(await set(false)).toBe(true);
    await rm(join(place.folder, 'autostart'));
    expect(await set(true)).toBe(true);
    expect(await text()).toContain('--hidden');
  });

  it('that is tried again after a failure is not taken for a start', async () => {
    await mkdir(file, { recursive: true });
    const { set } = item();
    await writeFile(join(file, 'in-the-way'), '');
    expect(await set(false)).toBe(true);
    expect(await set(true)).toBe(false);
    await rm(file, { recursive: true });
    expect(await set(true)).toBe(true);
    expect(await text()).toContain('--hidden');
  });

  it('that can’t be switched off says so', async () => {
    const { set } = item();
    await set(false);
    await set(true);
    await rm(file);
    await mkdir(join(file, 'in-the-way'), { recursive: true });
    expect(await set(false)).toBe(false);
  });

  it('is the system’s own list on Windows and macOS, told only when it changes', async () => {
    const { set, told } = item({}, 'win32');
    await set(true);
    expect(told).toEqual([]);
    await set(false);
    await set(false);
    await set(true);
    expect(told).toMatchObject([
      { openAtLogin: false },
      { openAtLogin: true, args: ['--hidden'], path: process.execPath },
    ]);
  });
});
