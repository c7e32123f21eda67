import { create } from 'zustand';
import type { AppEvent, AppSnapshot, Revisioned } from '../../shared/contract/views.ts';
import type { Door } from './web-door.ts';

/** A projection of what the core says; it holds no truth of its own. */
export type WindowState = {
  readonly connection: 'loading' | 'no-token' | 'live' | 'offline';
  readonly door: Door | undefined;
  readonly snapshot: (Revisioned & AppSnapshot) | undefined;
};

export const useWindow = create<WindowState>(() => ({
  connection: 'loading',
  door: undefined,
  snapshot: undefined,
}));

const RETRY_MS = 2000;

/** Follows the core for as long as the window is open. Cached state stays on the screen while it is away. */
export async function follow(door: Door | undefined): Promise<void> {
  if (door === undefined) {
    useWindow.setState({ connection: 'no-token' });
    return;
  }
  useWindow.setState({ door });
  for (;;) {
    try {
      await followOnce(door);
    } catch {
      useWindow.setState({ connection: 'offline' });
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

async function followOnce(door: Door): Promise<void> {
  const abort = new AbortController();
  const early: AppEvent[] = [];
  const stream = door.events((event) => {
    const { snapshot } = useWindow.getState();
    if (useWindow.getState().connection !== 'live' || snapshot === undefined) early.push(event);
    else if (event.revision > snapshot.revision) apply(event, () => abort.abort());
  }, abort.signal);
  // Listening first, so that nothing falls between the snapshot and the events.
  // Awaited below; it may fail before.
  stream.catch(() => undefined);
  const first = await Promise.race([door.call('state.snapshot', {}), stream]);
  if (first?.ok !== true) throw new Error('no snapshot');
  useWindow.setState({ snapshot: first.value, connection: 'live' });
  for (const event of early)
    if (event.revision > first.value.revision) apply(event, () => abort.abort());
  await stream;
}

/** A gap in the revisions means that something was missed: begin again from a snapshot. */
function apply(event: AppEvent, restart: () => void): void {
  const { snapshot } = useWindow.getState();
  if (snapshot === undefined || event.revision !== snapshot.revision + 1) return restart();
  const { revision, asOfMs, changed } = event;
  useWindow.setState({ snapshot: { ...snapshot, ...changed, revision, asOfMs } });
}
