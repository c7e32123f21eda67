import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { faults } from '../../shared/fault.ts';
import { canLaunch, launchApp } from '../standin/launch-app.ts';
import { type Desk, setUpDesk, TIME } from './desk.ts';

const CLI = fileURLToPath(new URL('../../electron/headless/cli.ts', import.meta.url));

describe.skipIf(!canLaunch)('the command line (skipped where the app can’t run)', TIME, () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await setUpDesk();
  });
  afterEach(() => desk.clear());

  /** The command line as it runs from source. */
  function cli(
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly out: string }> {
    return new Promise((resolve) => {
      execFile(process.execPath, [CLI, ...args, '--home', desk.home], (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), out: out + err }),
      );
    });
  }

  /** The app's own program called with a command; `code` is how it ended. */
  async function program(...args: readonly string[]) {
    const called = await launchApp({ home: desk.folder, args });
    const { code } = await called.ended;
    const out = called.output();
    await called.close();
    return { code, out };
  }

  test('reaches the app that runs, from source and by the app’s own program', async () => {
    await desk.launch();
    const { device } = await desk.call('status.get', {});
    const fromSource = await cli('status', '--json');
    expect(JSON.parse(fromSource.out)).toMatchObject({ device, web: null });
    const own = await program('status', '--json');
    expect(own.code).toBe(0);
    expect(JSON.parse(own.out)).toMatchObject({ device, web: null });
    const set = await program('settings', 'set', 'name=Benjamin');
    expect(set.code).toBe(0);
    expect(await desk.call('settings.get', {})).toMatchObject({ name: 'Benjamin' });
  });

  test('as the app’s own program opens nothing, and says so when no app runs', async () => {
    const said = await program('status');
    expect(said.code).toBe(faults['not-running'].exit);
    expect(said.out).toContain('Allotment is not running');
    expect(await readdir(desk.folder)).not.toContain('allotment');
  });

  test('as the app’s own program says what it can’t do, and what there is', async () => {
    const serve = await program('serve');
    expect(serve.code).toBe(faults['bad-arguments'].exit);
    expect(serve.out).toContain('allotment --hidden');
    const help = await program('--help');
    expect(help.code).toBe(0);
    expect(help.out).toMatch(/^allotment COMMAND/m);
    expect(help.out).not.toContain('runs Allotment; prints one JSON line');
  });

  test('is shut when the app has ended', async () => {
    const app = await desk.launch();
    await desk.window();
    expect(await readdir(desk.home)).toContain('control.json');
    await app.close();
    expect(await readdir(desk.home)).not.toContain('control.json');
    expect((await cli('status')).code).toBe(faults['not-running'].exit);
  });
});
