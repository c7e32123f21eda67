import { DAY_MS } from '../../shared/units.ts';
import type { ShellView } from '../../shared/contract/views.ts';
import type { Logger } from '../core/ports.ts';

/**
 * Newer versions: looks once a day, fetches where the build is signed, and restarts when it costs nobody
 * anything. Where it is not signed nothing could tell ours from a stranger's; there it only tells.
 */
export type UpdatePort = {
  /** The newest version if it is newer than this one; null: this is the newest. */
  readonly newest: () => Promise<string | null>;
  /** Fetches the one that was found, and rejects if its signature or its hash is wrong. */
  readonly fetch: () => Promise<void>;
  /** Ends the program and starts the one that was fetched. */
  readonly install: () => void;
};

export type UpdateMode = ShellView['updates']['mode'];

export function updateModeOf({
  isPackaged,
  isSigned,
  hasFeed,
  platform,
}: {
  readonly isPackaged: boolean;
  /** As whoever packed it says; it stands in the archive. */
  readonly isSigned: boolean;
  /** It was packed with a place where newer ones are. */
  readonly hasFeed: boolean;
  readonly platform: NodeJS.Platform;
}): UpdateMode {
  if (!isPackaged || !hasFeed) return 'none';
  // An AppImage's signature is checked by nobody, and a deb is the package manager's.
  return isSigned && platform !== 'linux' ? 'installs' : 'tells';
}

export type UpdateState =
  | { readonly is: 'none' }
  | { readonly is: 'found'; readonly version: string }
  | { readonly is: 'ready'; readonly version: string };

export type UpdateFacts = {
  readonly mode: UpdateMode;
  /** The owner's switch. */
  readonly isWanted: boolean;
  readonly state: UpdateState;
  /** A look or a fetch is under way. */
  readonly isWorking: boolean;
  readonly nextTryMs: number;
  readonly nowMs: number;
  /** Somebody is in the middle of something: a friend, or a job of the owner's. */
  readonly isBusy: boolean;
  /** Since when nobody has been, and no window was open; null: it is not so. */
  readonly quietSinceMs: number | null;
  /** The owner asked for the restart. */
  readonly isWished: boolean;
  /** The version that the owner has been told of, or that a restart was to bring. */
  readonly told: string;
};

const FIRST_MS = 120_000;
const AFTER_FAILURE_MS = 6 * 3_600_000;
/** A backup's next upload, or a person who comes back, would have come by then. */
export const QUIET_MS = 600_000;

export function nextUpdateStep(
  facts: UpdateFacts,
): 'look' | 'fetch' | 'tell' | 'restart' | undefined {
  const { mode, state, nowMs, quietSinceMs } = facts;
  if (mode === 'none' || !facts.isWanted || facts.isWorking) return undefined;
  if (state.is === 'ready' && !facts.isBusy) {
    // One that did not come with a restart would not come with the next one either.
    const isNew = facts.told !== state.version;
    const isQuiet = isNew && quietSinceMs !== null && nowMs - quietSinceMs >= QUIET_MS;
    if (facts.isWished || isQuiet) return 'restart';
  }
  if (state.is === 'found' && mode === 'tells' && facts.told !== state.version) return 'tell';
  if (nowMs < facts.nextTryMs) return undefined;
  return state.is === 'found' && mode === 'installs' ? 'fetch' : 'look';
}

export type Updates = {
  /** Something it goes by may have changed. */
  readonly look: () => void;
  /** The owner wants the restart, as soon as nobody is busy. */
  readonly wish: () => void;
  readonly state: () => UpdateState;
  readonly isWished: () => boolean;
  /** The program ends for it now. */
  readonly isRestarting: () => boolean;
};

export function createUpdates({
  mode,
  port,
  read,
  tell,
  restart,
  onChange,
  nowMs,
  log,
}: {
  readonly mode: UpdateMode;
  readonly port: UpdatePort;
  /** Undefined while the settings are not known yet. */
  readonly read: () =>
    | (Pick<UpdateFacts, 'isWanted' | 'isBusy' | 'told'> & { readonly hasWindow: boolean })
    | undefined;
  /** Says it once, and remembers that it did. */
  readonly tell: (version: string) => void;
  /** Remembers for which version, and ends the program. */
  readonly restart: (version: string) => void;
  readonly onChange: () => void;
  /** Of a clock that nobody sets. */
  readonly nowMs: () => number;
  readonly log: Logger;
}): Updates {
  let state: UpdateState = { is: 'none' };
  let told: string | undefined;
  let isWorking = false;
  let isWished = false;
  let isRestarting = false;
  let nextTryMs = nowMs() + FIRST_MS;
  let quietSinceMs: number | null = null;

  function look(): void {
    const facts = read();
    if (facts === undefined || isRestarting) return;
    const now = nowMs();
    quietSinceMs = facts.isBusy || facts.hasWindow ? null : (quietSinceMs ?? now);
    const step = nextUpdateStep({
      ...facts,
      told: told ?? facts.told,
      mode,
      state,
      isWorking,
      isWished,
      nextTryMs,
      nowMs: now,
      quietSinceMs,
    });
    if (step === 'look') void work(lookForNewest);
    else if (step === 'fetch') void work(fetchFound);
    else if (step === 'tell' && state.is === 'found') {
      told = state.version;
      tell(state.version);
    } else if (step === 'restart' && state.is === 'ready') {
      isRestarting = true;
      restart(state.version);
    }
  }

  async function lookForNewest(): Promise<void> {
    const version = await port.newest();
    nextTryMs = nowMs() + DAY_MS;
    // The one that is here already, or none any more; another takes its place, as it may mend what kept that one from coming.
    if (version === null || (state.is === 'ready' && state.version === version)) return;
    state = { is: 'found', version };
    // What was found is fetched at once.
    if (mode === 'installs') nextTryMs = nowMs();
  }

  async function fetchFound(): Promise<void> {
    if (state.is !== 'found') return;
    const { version } = state;
    // Should it fail, what is newest may be another one by the next time.
    state = { is: 'none' };
    await port.fetch();
    state = { is: 'ready', version };
    nextTryMs = nowMs() + DAY_MS;
  }

  /** Away from the network is no news; it is tried again. */
  async function work(run: () => Promise<void>): Promise<void> {
    isWorking = true;
    try {
      await run();
    } catch (error) {
      nextTryMs = nowMs() + AFTER_FAILURE_MS;
      log.warn('no newer version could be had', { error: String(error) });
    }
    isWorking = false;
    onChange();
    look();
  }

  return {
    look,
    wish: () => {
      isWished = true;
      look();
      onChange();
    },
    state: () => state,
    isWished: () => isWished,
    isRestarting: () => isRestarting,
  };
}
