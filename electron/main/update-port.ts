import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'electron';
import type { AppUpdater } from 'electron-updater';
import { type UpdateMode, updateModeOf, type UpdatePort } from './updates.ts';

/** For whoever checks what was packed: it is in there, and begins. */
export async function loadUpdater(): Promise<void> {
  const { autoUpdater } = await import('electron-updater');
  if (typeof autoUpdater.checkForUpdates !== 'function') throw new Error('it can’t look');
}

/**
 * electron-updater behind the few words that we need of it. It is loaded when it is first asked: it checks
 * what it fetches against the signature (Windows, macOS) and the hash that the place of the releases names.
 */
export function createUpdatePort(): UpdatePort {
  let loaded: Promise<AppUpdater> | undefined;
  let ready: AppUpdater | undefined;

  async function load(): Promise<AppUpdater> {
    const { autoUpdater } = await import('electron-updater');
    // When anything happens is ours to say (`updates.ts`).
    autoUpdater.autoDownload = false;
    autoUpdater.autoInstallOnAppQuit = false;
    autoUpdater.allowDowngrade = false;
    autoUpdater.allowPrerelease = false;
    autoUpdater.disableWebInstaller = true;
    autoUpdater.logger = null;
    // It would send a number of this installation's own with every question, to bring a version to some first.
    autoUpdater.requestHeaders = { 'x-user-staging-id': NOBODY };
    // What fails is told by the promise of whoever asked; without a listener it would end the program.
    autoUpdater.on('error', () => undefined);
    return autoUpdater;
  }

  function updater(): Promise<AppUpdater> {
    loaded ??= load();
    return loaded;
  }

  return {
    newest: async () => {
      const found = await (await updater()).checkForUpdates();
      return found?.isUpdateAvailable === true ? found.updateInfo.version.slice(0, 40) : null;
    },
    fetch: async () => {
      const own = await updater();
      await own.downloadUpdate();
      ready = own;
    },
    install: () => ready?.quitAndInstall(true, true),
  };
}

/** The same for everybody. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** How this build keeps up to date, by what whoever packed it put into it (`build/pack-options.mjs`). */
export function readUpdateMode(
  app: Pick<App, 'isPackaged' | 'getAppPath'>,
  resources: string | undefined = process.resourcesPath,
): UpdateMode {
  const hasFeed = resources !== undefined && existsSync(join(resources, 'app-update.yml'));
  const { isPackaged } = app;
  const isSigned = isPackaged && isSignedBuild(app.getAppPath());
  return updateModeOf({ isPackaged, isSigned, hasFeed, platform: process.platform });
}

function isSignedBuild(folder: string): boolean {
  try {
    const own: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof own === 'object' && own !== null && 'isSigned' in own && own.isSigned === true;
  } catch {
    return false;
  }
}
