import { create } from 'zustand';
import {
  FOLLOW_FROM_START,
  type Followed,
  type Following,
  heardEvent,
  readSnapshot,
} from '../../shared/contract/follow.ts';
import type { Door } from './door.ts';
import { keepSnapshot, keptSnapshot } from './kept-snapshot.ts';
import { applyWords } from './words.ts';

/** A projection of what the core says; it holds no truth of its own. */
export type WindowState = {
  readonly connection: 'loading' | 'no-token' | 'live' | 'offline';
  readonly door: Door | undefined;
  readonly snapshot: Followed | undefined;
};

export const useWindow = create<WindowState>(() => ({
  connection: 'loading',
  door: undefined,
  snapshot: undefined,
}));

const RETRY_MS = 1000;
/** In case the window goes without a word. */
const KEEP_EVERY_MS = 60_000;

/** Follows the core for as long as the window is open. Cached state stays on the screen while it is away. */
export async function follow(door: Door | undefined): Promise<void> {
  if (door === undefined) {
    useWindow.setState({ connection: 'no-token' });
    return;
  }
  const kept = keptSnapshot(door.keep);
  useWindow.setState({ door });
  if (kept !== undefined) show(kept);
  // What was seen last, not what was read last: a window can stay open for weeks.
  const keep = () => {
    const { snapshot, connection } = useWindow.getState();
    if (snapshot !== undefined && connection === 'live') keepSnapshot(door.keep, snapshot);
  };
  addEventListener('pagehide', keep);
  setInterval(keep, KEEP_EVERY_MS);
  for (;;) {
    try {
      await followOnce(door);
    } catch {
      if (door.isShut?.() === true) {
        useWindow.setState({ connection: 'no-token', snapshot: undefined });
        return;
      }
      useWindow.setState({ connection: 'offline' });
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

async function followOnce(door: Door): Promise<void> {
  const abort = new AbortController();
  let following: Following = FOLLOW_FROM_START;
  const step = (next: Following) => {
    const before = following;
    following = next;
    if (next.snapshot !== undefined && next.snapshot !== before.snapshot) show(next.snapshot);
    // A gap, or another run of the core: what was shown stays until the new snapshot is there.
    if (next.isReading && !before.isReading) read().catch(() => abort.abort());
  };
  async function read(): Promise<void> {
    const answer = await door.call('state.snapshot', {});
    if (!answer.ok) throw new Error('no snapshot');
    step(readSnapshot(following, answer.value));
    useWindow.setState({ connection: 'live' });
    keepSnapshot(door.keep, answer.value);
  }
  // Listening first, so that nothing falls between the snapshot and the events.
  const stream = door.events((event) => step(heardEvent(following, event)), abort.signal);
  // Awaited below; it may fail before.
  stream.catch(() => undefined);
  try {
    await Promise.race([read(), stream]);
    await stream;
  } finally {
    abort.abort();
  }
}

/** While words of another language are on their way, what would be drawn with them waits. */
let coming: Promise<void> | undefined;
let latest: Followed | undefined;
let spoken: Followed['settings'] | undefined;

function show(snapshot: Followed): void {
  const { settings } = snapshot;
  latest = snapshot;
  if (spoken !== settings) {
    spoken = settings;
    document.documentElement.dataset['theme'] = settings.theme;
    const words = applyWords(settings);
    coming = words;
    void words?.then(() => {
      if (coming !== words) return;
      coming = undefined;
      useWindow.setState({ snapshot: latest });
    });
  }
  if (coming === undefined) useWindow.setState({ snapshot });
}
