import { readFileSync } from 'node:fs';
import type { CdpSession, CdpValue } from '../cdp.ts';
import { pageWorld, POST, PRELOAD_WORLD, preloadWorld } from '../page/worlds.ts';
import { browser, listenToTarget } from './browser.ts';
import { type ConsoleMessage, consoleMessage, exceptionMessage } from './console.ts';
import { type FrameEvents, type Frames, followFrames } from './frames.ts';
import { emulateTheme } from './native-theme.ts';

/** A page of Chromium: opened, with both scripts in it, and its events as main's side wants them. */
export type PageEvents = FrameEvents & {
  readonly startedLoading: () => void;
  readonly domReady: () => void;
  readonly loaded: () => void;
  readonly crashed: () => void;
  readonly recovered: () => void;
  readonly printed: (message: ConsoleMessage) => void;
  /** What the preload posts, and the world it posts from. */
  readonly posted: (text: string, world: number) => void;
  readonly opened: (url: string) => void;
  readonly titled: (title: string) => void;
  readonly gone: () => void;
};

export type Page = {
  readonly session: CdpSession;
  readonly targetId: string;
  readonly frames: Frames;
};

export async function openPage(
  preload: string | undefined,
  size: { readonly width: number; readonly height: number },
  events: PageEvents,
): Promise<Page> {
  const cdp = browser();
  const where = { url: 'about:blank', newWindow: true, width: size.width, height: size.height };
  const { targetId } = await cdp.send('Target.createTarget', where);
  const { sessionId } = await cdp.send('Target.attachToTarget', { targetId, flatten: true });
  const session = cdp.session(sessionId);
  const frames = followFrames(session, targetId, events);
  listenToTarget(targetId, events);
  listen(session, targetId, events);
  await Promise.all([
    session.send('Page.enable'),
    session.send('Runtime.enable'),
    session.send('Inspector.enable'),
    session.send('Runtime.addBinding', { name: POST, executionContextName: PRELOAD_WORLD }),
    session.send('Page.addScriptToEvaluateOnNewDocument', { source: pageWorld }),
    emulateTheme(session),
  ]);
  if (preload !== undefined) {
    const source = preloadWorld(readFileSync(preload, 'utf8'), process.platform);
    const script = { worldName: PRELOAD_WORLD, source };
    await session.send('Page.addScriptToEvaluateOnNewDocument', script);
  }
  return { session, targetId, frames };
}

function listen(session: CdpSession, targetId: string, events: PageEvents): void {
  session.on('Page.frameStartedLoading', ({ frameId }: CdpValue) => {
    if (frameId === targetId) events.startedLoading();
  });
  session.on('Page.domContentEventFired', events.domReady);
  session.on('Page.loadEventFired', events.loaded);
  session.on('Inspector.targetCrashed', events.crashed);
  session.on('Inspector.targetReloadedAfterCrash', events.recovered);
  session.on('Runtime.consoleAPICalled', (said: CdpValue) => events.printed(consoleMessage(said)));
  session.on('Runtime.exceptionThrown', (said: CdpValue) => events.printed(exceptionMessage(said)));
  session.on('Runtime.bindingCalled', ({ name, payload, executionContextId }: CdpValue) => {
    if (name === POST) events.posted(payload, executionContextId);
  });
}
