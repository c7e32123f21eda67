import { type Cdp, type CdpValue, connectCdp } from '../cdp.ts';

/**
 * The one Chromium whose pages are main's windows. It is started by whoever starts main, and connected
 * to before main is evaluated, so that the module `electron` itself needs no top-level await.
 */
type TargetListener = {
  /** A page that this one opened; it is closed again, whatever main says. */
  readonly opened: (url: string) => void;
  readonly titled: (title: string) => void;
  readonly gone: () => void;
};

let connection: Cdp | undefined;
const listeners = new Map<string, TargetListener>();

type TargetInfo = {
  readonly targetId: string;
  readonly openerId?: string;
  readonly url: string;
  readonly title: string;
};

export async function openBrowser(url: string): Promise<void> {
  const cdp = await connectCdp(url);
  connection = cdp;
  const closing = new Set<string>();
  /** A page opened by a page first has no address; what it was opened for comes a moment later. */
  function popup({ targetId, openerId, url: address }: TargetInfo): void {
    const opener = openerId === undefined ? undefined : listeners.get(openerId);
    if (opener === undefined || closing.has(targetId) || address === '') return;
    closing.add(targetId);
    opener.opened(address);
    cdp.send('Target.closeTarget', { targetId }).catch(() => undefined);
  }
  cdp.on('Target.targetCreated', ({ targetInfo }: CdpValue) => popup(targetInfo));
  cdp.on('Target.targetInfoChanged', ({ targetInfo }: CdpValue) => {
    popup(targetInfo);
    listeners.get(targetInfo.targetId)?.titled(targetInfo.title);
  });
  cdp.on('Target.targetDestroyed', ({ targetId }: CdpValue) => {
    listeners.get(targetId)?.gone();
    listeners.delete(targetId);
  });
  await cdp.send('Target.setDiscoverTargets', { discover: true });
}

export function browser(): Cdp {
  if (connection === undefined) throw new Error('the stand-in was not connected to its Chromium');
  return connection;
}

export function listenToTarget(targetId: string, listener: TargetListener): void {
  listeners.set(targetId, listener);
}
