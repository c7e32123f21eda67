import type { CdpSession, CdpValue } from '../cdp.ts';
import { PRELOAD_WORLD } from '../page/worlds.ts';
import { toAppAddress } from './protocol.ts';

/**
 * The frames of a window and the worlds of the preload in them. A message carries the number of the
 * world it was sent from; that, and not anything the message says, tells main who sent it.
 */
export type WebFrame = {
  readonly url: string;
  readonly origin: string;
  readonly name: string;
  readonly parent: WebFrame | null;
  readonly top: WebFrame | null;
  readonly frames: readonly WebFrame[];
  readonly framesInSubtree: readonly WebFrame[];
  readonly frameToken: string;
  readonly frameTreeNodeId: number;
  readonly routingId: number;
  readonly processId: number;
  readonly osProcessId: number;
  readonly detached: boolean;
  readonly isDestroyed: () => boolean;
};

type Known = { url: string; name: string; detached: boolean; readonly frame: WebFrame };

export type Frames = {
  readonly main: WebFrame;
  readonly isMain: (frameId: string) => boolean;
  /** Whether a document other than the first, empty one was ever shown there. */
  readonly urlOf: (frameId: string) => string | undefined;
  readonly frameOf: (frameId: string) => WebFrame | undefined;
  readonly frameOfWorld: (world: number) => WebFrame | undefined;
  /** The worlds of the preload that live now. */
  readonly worlds: () => readonly number[];
};

export type FrameEvents = {
  readonly navigated: (frame: WebFrame, isMain: boolean) => void;
  readonly navigatedInPage: (frame: WebFrame, isMain: boolean) => void;
};

export function followFrames(session: CdpSession, mainId: string, events: FrameEvents): Frames {
  const known = new Map<string, Known>();
  const worlds = new Map<number, string>();
  let lastNumber = 0;

  function add(frameId: string, parent: WebFrame | null): Known {
    lastNumber += 1;
    const number = lastNumber;
    const children = () => [...known.values()].map(({ frame }) => frame);
    const frame: WebFrame = {
      get url() {
        return entry.url;
      },
      get origin() {
        return /^[a-z][a-z0-9-]*:\/\/[^/?#]*/.exec(entry.url)?.[0] ?? 'null';
      },
      get name() {
        return entry.name;
      },
      parent,
      get top() {
        return parent === null ? frame : parent.top;
      },
      get frames() {
        return children().filter((each) => each.parent === frame);
      },
      get framesInSubtree() {
        return parent === null ? children() : [frame, ...frame.frames];
      },
      frameToken: frameId,
      frameTreeNodeId: number,
      routingId: number,
      processId: 1,
      osProcessId: 0,
      get detached() {
        return entry.detached;
      },
      isDestroyed: () => entry.detached,
    };
    const entry: Known = { url: '', name: '', detached: false, frame };
    known.set(frameId, entry);
    return entry;
  }

  const mainEntry = add(mainId, null);
  session.on('Page.frameAttached', ({ frameId, parentFrameId }: CdpValue) => {
    if (!known.has(frameId)) add(frameId, known.get(parentFrameId)?.frame ?? mainEntry.frame);
  });
  session.on('Page.frameDetached', ({ frameId }: CdpValue) => {
    const gone = known.get(frameId);
    if (gone !== undefined) gone.detached = true;
    known.delete(frameId);
  });
  session.on(
    'Page.frameNavigated',
    ({ frame: { id, parentId, url, urlFragment = '', name } }: CdpValue) => {
      const entry = known.get(id) ?? add(id, known.get(parentId)?.frame ?? mainEntry.frame);
      entry.url = toAppAddress(`${url}${urlFragment}`);
      entry.name = name ?? '';
      events.navigated(entry.frame, id === mainId);
    },
  );
  session.on('Page.navigatedWithinDocument', ({ frameId, url }: CdpValue) => {
    const entry = known.get(frameId);
    if (entry === undefined) return;
    entry.url = toAppAddress(url);
    events.navigatedInPage(entry.frame, frameId === mainId);
  });
  session.on('Runtime.executionContextCreated', ({ context }: CdpValue) => {
    if (context.name === PRELOAD_WORLD) worlds.set(context.id, context.auxData.frameId);
  });
  session.on('Runtime.executionContextDestroyed', ({ executionContextId }: CdpValue) =>
    worlds.delete(executionContextId),
  );
  session.on('Runtime.executionContextsCleared', () => worlds.clear());

  return {
    main: mainEntry.frame,
    isMain: (frameId) => frameId === mainId,
    urlOf: (frameId) => known.get(frameId)?.url,
    frameOf: (frameId) => known.get(frameId)?.frame,
    frameOfWorld: (world) => known.get(worlds.get(world) ?? '')?.frame,
    worlds: () => [...worlds].filter(([, frameId]) => frameId === mainId).map(([world]) => world),
  };
}
