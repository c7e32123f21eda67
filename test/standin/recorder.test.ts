import { EventEmitter } from 'node:events';
import { createContext, runInContext } from 'node:vm';
import { expect, test } from 'vitest';
import { installRecorder } from './recorder.ts';

test('the recorder goes to Electron as text, so it uses nothing from outside itself', async () => {
  class Surface extends EventEmitter {}
  const electron = {
    app: {},
    BrowserWindow: class extends Surface {},
    dialog: {},
    Menu: class {},
    Notification: class extends Surface {},
    powerMonitor: new Surface(),
    powerSaveBlocker: { start: () => 1 },
    safeStorage: {},
    shell: {},
    Tray: class extends Surface {},
  };
  const world = createContext({ electron, setImmediate });
  runInContext(`(${installRecorder})(electron, { notifications: 'none' })`, world);
  const seen: unknown = runInContext(
    `electron.shell.openExternal('https://example.org');
     new electron.Tray().setToolTip('idle');
     ({ ...__recorder.recorded(), supported: electron.Notification.isSupported() })`,
    world,
  );
  expect(JSON.parse(JSON.stringify(seen))).toMatchObject({
    supported: false,
    opened: ['https://example.org'],
    trays: [{ toolTip: 'idle' }],
  });
});
