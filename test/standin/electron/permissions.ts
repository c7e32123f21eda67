import { browser } from './browser.ts';
import { handlerFor, toBrowserAddress } from './protocol.ts';
import { mayHave, type Session } from './session.ts';

/** Chromium's names of what pages may ask for, and Electron's for the same. */
const PERMISSIONS = {
  geolocation: 'geolocation',
  notifications: 'notifications',
  midi: 'midi',
  camera: 'media',
  microphone: 'media',
  'clipboard-read': 'clipboard-read',
} as const;

/** Main's answers are put into Chromium before a document of ours loads, so that a page finds them there. */
export async function applyPermissions(
  session: Session,
  contents: unknown,
  url: string,
): Promise<void> {
  if (handlerFor(url) === undefined) return;
  const { origin } = new URL(toBrowserAddress(url));
  for (const [name, permission] of Object.entries(PERMISSIONS)) {
    const granted = await mayHave(session, contents, permission, url);
    const setting = granted ? 'granted' : 'denied';
    await browser().send('Browser.setPermission', { permission: { name }, setting, origin });
  }
}
