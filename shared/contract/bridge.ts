import type { AppEvent } from './views.ts';

/**
 * What the preload gives the window under Electron: the same calls and events as every other door,
 * and the two things that only a desktop has. Names of the messages between the processes stand here
 * and nowhere else; no schemas, because the preload carries none.
 */
export const bridgeMessages = {
  /** Window → main, answered: `{channel, args}` of the contract; a `Result`. */
  call: 'allotment:call',
  /** Window → main, answered: the system's own dialog; a path, or null if the person thought better of it. */
  pickFolder: 'allotment:pick-folder',
  /** Window → main: the window listens for events from now on. */
  listen: 'allotment:listen',
  /** Main → window: an `AppEvent`; null when the core is gone and everything must be read again. */
  event: 'allotment:event',
  /** Main → window: go to this page (`pages.ts`). */
  page: 'allotment:page',
} as const;

export type Bridge = {
  readonly call: (channel: string, args: unknown) => Promise<unknown>;
  readonly pickFolder: (startAt: string) => Promise<string | null>;
  /** Every event until the returned function is called; null: the core is gone, begin again. */
  readonly onEvent: (listener: (event: AppEvent | null) => void) => () => void;
  readonly onPage: (listener: (path: string) => void) => () => void;
};

/** The property of `window` under which the preload puts it. */
export const BRIDGE = 'allotment';
