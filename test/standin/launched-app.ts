import type { ChildProcess } from 'node:child_process';
import type * as Electron from 'electron';
import type { Page } from 'playwright-core';
import type { Pretence } from './recorded.ts';

/**
 * What a spec holds in its hand: the verbs of Playwright's ElectronApplication, whichever driver is
 * behind them, and a second launch.
 */
export type LaunchedApp = {
  readonly driver: 'standin' | 'electron';
  readonly process: () => ChildProcess;
  readonly windows: () => readonly Page[];
  readonly firstWindow: () => Promise<Page>;
  readonly waitForEvent: (event: 'window') => Promise<Page>;
  /** Runs in main; the function sees its arguments and globals, nothing of the spec. */
  readonly evaluate: <R, A = undefined>(
    run: (electron: typeof Electron, arg: A) => R | Promise<R>,
    arg?: A,
  ) => Promise<R>;
  /** Starts the program once more for the same home, as a second click on its icon would. */
  readonly launchAgain: (args?: readonly string[]) => Promise<Ended>;
  /** Settles when the program has ended, however. */
  readonly ended: Promise<Ended>;
  /** What main has written to its outputs so far. */
  readonly output: () => string;
  /** Quits it, or ends it if it doesn't want to. */
  readonly close: () => Promise<void>;
};

export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type LaunchOptions = {
  /** A folder of this launch's own: the app's home, and everything a system would keep for it. */
  readonly home: string;
  readonly main: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pretence: Pretence;
};

export function endOf(child: ChildProcess): Promise<Ended> {
  if (child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve({ code: child.exitCode, signal: child.signalCode });
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
}

const KEPT_CHARACTERS = 64 * 1024;

/** Listens to a child's outputs, so that a failed launch can say what it said. */
export function outputOf(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      text = `${text}${chunk.toString()}`.slice(-KEPT_CHARACTERS);
      if (process.env['STANDIN_VERBOSE'] !== undefined) process.stderr.write(chunk);
    });
  return () => text;
}
