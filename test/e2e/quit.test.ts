import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../fakes/homes.ts';
import { canLaunch, type LaunchedApp, onElectron } from '../standin/launch-app.ts';
import { answerDialog, clickTrayMenu, power, recorded } from '../standin/surfaces.ts';
import {
  type Desk,
  holdRestore,
  holdUpload,
  setUpDesk,
  TIME,
  untilMenu,
  untilToolTip,
} from './desk.ts';

const [STAY, WHEN_DONE, NOW] = [0, 1, 2];

describe.skipIf(!canLaunch)('quitting (skipped where there is nothing to quit)', TIME, () => {
  let desk: Desk;
  let app: LaunchedApp;
  beforeEach(async () => {
    desk = await setUpDesk();
    app = await desk.launch();
    await desk.window();
  }, TIME.timeout);
  afterEach(() => desk.clear());

  const untilDialog = (count = 1) =>
    until(async () => {
      const { dialogs } = await recorded(app);
      return dialogs.length >= count ? dialogs.at(-1) : undefined;
    });
  async function annaUploads() {
    await desk.offer();
    const anna = await desk.friend('Anna');
    const upload = await holdUpload(desk, anna, 'Anna');
    await untilToolTip(app, 'Anna is uploading');
    return upload;
  }

  test('asks nobody when nobody is in the middle of anything', async () => {
    await untilToolTip(app, 'Nothing is shared yet');
    await clickTrayMenu(app, 'Quit Allotment');
    expect(await app.ended).toEqual({ code: 0, signal: null });
  });

  test('names the friend who uploads, and stays if that is wanted', async () => {
    const upload = await annaUploads();
    await clickTrayMenu(app, 'Quit Allotment');
    const question = await untilDialog();
    expect(question).toMatchObject({
      message: 'Quit Allotment?',
      buttons: ['Keep running', 'Quit when done', 'Quit and pause Anna'],
      defaultId: STAY,
      cancelId: STAY,
    });
    expect(question?.detail).toContain('Anna is uploading (4 MB under way)');
    await answerDialog(app, { response: STAY });
    expect(await upload.finish()).toBe(200);
  });

  test('names the friend who reads a backup back', async () => {
    await desk.offer();
    const anna = await desk.friend('Anna');
    const breakOff = await holdRestore(desk, anna, 'Anna');
    await untilToolTip(app, 'Anna is reading a backup');
    await clickTrayMenu(app, 'Quit Allotment');
    expect((await untilDialog())?.detail).toContain('Anna is reading a backup');
    await answerDialog(app, { response: NOW });
    expect(await app.ended).toEqual({ code: 0, signal: null });
    breakOff();
  });

  test('at once if that is wanted; the upload breaks off and the friend can come back', async () => {
    const upload = await annaUploads();
    await clickTrayMenu(app, 'Quit Allotment');
    await untilDialog();
    await answerDialog(app, { response: NOW });
    expect(await app.ended).toEqual({ code: 0, signal: null });
    await expect(upload.finish()).rejects.toThrow();
  });

  test('when done: waits for the friend, says so in the tray, and can be taken back', async () => {
    const upload = await annaUploads();
    await clickTrayMenu(app, 'Quit Allotment');
    await untilDialog();
    await answerDialog(app, { response: WHEN_DONE });
    const toolTip = await untilToolTip(app, 'Quits when this is done');
    expect(toolTip).toContain('Anna is uploading');
    const lines = await untilMenu(app, (all) => all.includes('Quit now'));
    expect(lines).toContain('Keep running');
    await clickTrayMenu(app, 'Keep running');
    await untilMenu(app, (all) => all.includes('Quit Allotment'));
    await clickTrayMenu(app, 'Quit Allotment');
    await untilDialog(2);
    await answerDialog(app, { response: WHEN_DONE });
    await untilToolTip(app, 'Quits when this is done');
    expect(await upload.finish()).toBe(200);
    // Some seconds later: a backup is many uploads, and this might not have been the last.
    expect(await app.ended).toEqual({ code: 0, signal: null });
  });

  test.skipIf(onElectron)(
    'is started anew for whoever launches it while it still ends',
    async () => {
      const upload = await annaUploads();
      await clickTrayMenu(app, 'Quit Allotment');
      await untilDialog();
      await answerDialog(app, { response: NOW });
      // The upload holds up the end for a moment.
      await app.evaluate(({ app: running }) => {
        running.emit('second-instance', {}, ['--page=friends'], '', undefined);
      });
      expect(await app.ended).toEqual({ code: 0, signal: null });
      expect(app.output()).toMatch(/^relaunched with \[.*\]$/m);
      expect(app.output()).not.toContain('--hidden');
      await expect(upload.finish()).rejects.toThrow();
    },
  );

  test.skipIf(onElectron)(
    'comes to its end also where the desktop takes nothing back',
    async () => {
      await untilToolTip(app, 'Nothing is shared yet');
      await app.evaluate(({ Tray }) => {
        Tray.prototype.destroy = () => {
          throw new Error('there is no panel any more');
        };
      });
      await clickTrayMenu(app, 'Quit Allotment');
      expect(await app.ended).toEqual({ code: 0, signal: null });
      expect(app.output()).toContain('there is no panel any more');
    },
  );

  test('asks nobody when the system shuts down', async () => {
    const upload = await annaUploads();
    await power(app, 'shutdown');
    expect(await app.ended).toEqual({ code: 0, signal: null });
    upload.breakOff();
  });

  test('asks nobody when a signal ends it', async () => {
    const upload = await annaUploads();
    app.process().kill('SIGTERM');
    expect(await app.ended).toEqual({ code: 0, signal: null });
    upload.breakOff();
  });
});
