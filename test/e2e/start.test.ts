import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockHome } from '../../electron/core/database/home-lock.ts';
import { startCore } from '../../electron/core/start-core.ts';
import { faults } from '../../shared/fault.ts';
import { until } from '../fakes/homes.ts';
import { canLaunch } from '../standin/launch-app.ts';
import { answerDialog, power, recorded, tray } from '../standin/surfaces.ts';
import { type Desk, setUpDesk, TIME, untilToolTip } from './desk.ts';

const ROOT = resolve(import.meta.dirname, '../..');

describe.skipIf(!canLaunch)('starting (skipped where the app can’t run)', TIME, () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await setUpDesk();
  });
  afterEach(() => desk.clear());

  const secrets = () => readdir(join(desk.home, 'secrets'));
  const headless = () =>
    startCore({ home: desk.home, version: 'test', host: '127.0.0.1', port: 0, logLevel: 'silent' });

  test('at login is a choice that is kept where the system looks for it', async () => {
    const app = await desk.launch();
    await desk.window();
    const file = join(desk.folder, 'system', 'config', 'autostart', 'allotment.desktop');
    const entry = () => readFile(file, 'utf8').catch(() => undefined);
    const isOn = async () =>
      process.platform === 'linux'
        ? (await entry()) !== undefined
        : (await recorded(app)).loginItem.openAtLogin === true;
    await untilToolTip(app, 'Nothing is shared yet');
    expect(await isOn()).toBe(false);
    await desk.call('settings.set', { startAtLogin: true });
    await until(async () => ((await isOn()) ? true : undefined));
    if (process.platform === 'linux') expect(await entry()).toMatch(/^Exec=.* --hidden$/m);
    await desk.call('settings.set', { startAtLogin: false });
    await until(async () => ((await isOn()) ? undefined : true));
  });

  test('seals the device’s key where there is a key ring, and a headless start never makes another', async () => {
    const app = await desk.launch();
    const { shell, device } = await desk.call('status.get', {});
    expect(shell).toMatchObject({ kind: 'desktop', secrets: 'keyring', hasTray: true });
    expect(await secrets()).toEqual(['identity.sealed']);
    const sealed = await readFile(join(desk.home, 'secrets', 'identity.sealed'), 'utf8');
    expect(sealed).not.toContain('PRIVATE KEY');
    await app.close();
    expect(await headless()).toMatchObject({ ok: false, fault: { code: 'secret-locked' } });
    await desk.launch();
    expect(await desk.call('status.get', {})).toMatchObject({ device });
  });

  test.each(['none', 'basic_text'] as const)(
    'keeps it in a plain file where the key ring is %s, and says so',
    async (keyring) => {
      await desk.launch({ pretence: { keyring } });
      const { shell } = await desk.call('status.get', {});
      expect(shell.secrets).toBe('file');
      expect(await secrets()).toEqual(['identity']);
    },
  );

  test('a plain home goes on as the same device, and its key is sealed', async () => {
    const before = await headless();
    if (!before.ok) throw new Error(before.fault.code);
    const { device } = before.value.info();
    await before.value.close();
    await desk.launch();
    const status = await desk.call('status.get', {});
    expect(status).toMatchObject({ device, shell: { secrets: 'keyring' } });
    expect(await secrets()).toEqual(['identity.sealed']);
  });

  test('whose key the key ring did not take says where it lies from the first moment', async () => {
    await desk.launch({ pretence: { keyring: 'refuses' } });
    expect((await desk.call('status.get', {})).shell.secrets).toBe('file');
    expect(await secrets()).toEqual(['identity']);
  });

  test('while a headless one runs for the same home says so, and ends', async () => {
    const running = await headless();
    if (!running.ok) throw new Error(running.fault.code);
    const app = await desk.launch();
    const [problem] = await until(async () => {
      const { dialogs } = await recorded(app);
      return dialogs.length > 0 ? dialogs : undefined;
    });
    expect(problem?.message).toBe('Allotment can’t start');
    expect(problem?.detail).toContain('is running for');
    expect(problem?.detail).toContain('End that one first');
    await answerDialog(app, { response: 0 });
    expect(await app.ended).toEqual({ code: 7, signal: null });
    await running.value.close();
  });

  test('without a screen says it where services say things, and waits for nobody', async () => {
    const running = await headless();
    if (!running.ok) throw new Error(running.fault.code);
    const app = await desk.launch({ args: ['--ozone-platform=headless', '--hidden'] });
    expect(await app.ended).toEqual({ code: 7, signal: null });
    expect(app.output()).toContain('Allotment can’t start');
    await running.value.close();
  });

  test('makes nothing in a folder of somebody’s other things, and says why it can’t start', async () => {
    const documents = join(desk.folder, 'Documents');
    await mkdir(documents);
    await writeFile(join(documents, 'letter.txt'), 'a');
    const app = await desk.launch({
      args: ['--ozone-platform=headless', '--hidden'],
      env: { ALLOTMENT_HOME: documents },
    });
    expect(await app.ended).toEqual({ code: 6, signal: null });
    expect(app.output()).toContain('is not empty');
    expect(await readdir(documents)).toEqual(['letter.txt']);
  });

  test('anew, where the program was replaced while it ran: that is said once there is no core any more', async () => {
    // As it is installed, in a place of its own.
    const program = join(desk.folder, 'program');
    for (const part of ['package.json', 'out/main', 'out/preload', 'out/renderer'])
      await cp(join(ROOT, part), join(program, part), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(program, 'node_modules'), 'junction');
    const app = await desk.launch({ main: join(program, 'out/main/main.js') });
    await desk.call('status.get', {});
    const [books = ''] = (await readdir(join(program, 'out/main'))).filter((name) =>
      name.startsWith('books-worker-'),
    );
    await rm(join(program, 'out/main', books));
    // Also before anything goes wrong, once it is looked at what a minute brings.
    await power(app, 'resume');
    await until(async () => {
      const { notices, status } = await desk.call('state.snapshot', {});
      const kinds = [...notices.map(({ kind }) => kind), ...status.warnings.map(({ key }) => key)];
      return ['program-replaced', 'warning.program-replaced'].every((each) => kinds.includes(each))
        ? kinds
        : undefined;
    });
    // With other words it is another device: the core begins anew.
    await desk.call('recovery.begin', { words: `${'abandon '.repeat(23)}art` });
    const [box] = await until(async () => {
      const { dialogs } = await recorded(app);
      return dialogs.length > 0 ? dialogs : undefined;
    });
    expect(box?.detail).toContain('replaced by another version');
    await answerDialog(app, { response: 0 });
    expect((await app.ended).code).toBe(faults['program-replaced'].exit);
    expect(app.output()).toMatch(/^relaunched with /m);
  });

  test('and ending with a bug: the home is let go of before anybody is told', async () => {
    const app = await desk.launch();
    await desk.window();
    await app.evaluate(() => {
      setTimeout(() => {
        throw new Error('a bug of ours');
      });
    });
    const [box] = await until(async () => {
      const { dialogs } = await recorded(app);
      return dialogs.length > 0 ? dialogs : undefined;
    });
    expect(box).toMatchObject({ kind: 'message', message: 'Allotment' });
    // The box stands there still; the home is free.
    const lock = lockHome(join(desk.home, 'lock.sqlite'));
    if (!lock.ok) throw new Error(lock.fault);
    lock.value.release();
    await answerDialog(app, { response: 0 });
    expect((await app.ended).code).toBe(faults.internal.exit);
    expect(app.output()).toContain('a bug of ours');
  });

  test('at login on a system that does not take it puts the setting back and says so', async () => {
    const config = join(desk.folder, 'system', 'config');
    await mkdir(config, { recursive: true });
    await writeFile(join(config, 'autostart'), 'a file in the way');
    const app = await desk.launch();
    await desk.window();
    await untilToolTip(app, 'Nothing is shared yet');
    await desk.call('settings.set', { startAtLogin: true });
    const [note] = await until(async () => {
      const { dialogs } = await recorded(app);
      return dialogs.length > 0 ? dialogs : undefined;
    });
    expect(note?.message).toBe('Starting at login could not be switched on');
    expect(await desk.call('settings.get', {})).toMatchObject({ startAtLogin: false });
    await answerDialog(app, { response: 0 });
  });

  test('of the core happens again when it dies under the window', async () => {
    const app = await desk.launch();
    const page = await desk.window();
    await desk.offer();
    await untilToolTip(app, 'All is well');
    const { epoch } = await desk.call('state.snapshot', {});
    const lost = page.evaluate(
      () =>
        new Promise<boolean>((resolve) => {
          globalThis.allotment.onEvent((event) => {
            if (event === null) resolve(true);
          });
        }),
    );
    await app.evaluate(() => {
      type Port = {
        readonly constructor: { readonly name: string };
        readonly postMessage: (value: unknown) => void;
      };
      const handles = (
        process as unknown as { _getActiveHandles: () => Port[] }
      )._getActiveHandles();
      // No message of ours: it breaks the loop of the books' thread.
      for (const port of handles)
        if (port.constructor.name === 'MessagePort') port.postMessage(null);
    });
    expect(await lost).toBe(true);
    await untilToolTip(app, 'starting again');
    await until(async () => {
      const again = await page.evaluate(() => globalThis.allotment.call('state.snapshot', {}));
      const { ok, value } = again as { ok: boolean; value?: { epoch: string } };
      return ok && value?.epoch !== epoch ? true : undefined;
    });
    await untilToolTip(app, 'All is well');
    expect((await tray(app))?.toolTip).toContain('20 GB');
  });
});
