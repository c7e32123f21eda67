import type { Doing } from './busy.ts';

/**
 * Quitting. It asks only if somebody is in the middle of something, says who and what, and can wait until
 * that is done; the wait can be taken back.
 */
export type QuitAnswer = 'when-done' | 'now' | 'stay';

export type Quitter = {
  /** Somebody wants to quit. */
  readonly request: () => void;
  /** Without asking: the system shuts down, or the person has been asked. */
  readonly now: () => void;
  /** Takes "when done" back. */
  readonly stay: () => void;
  /** Who is busy may have changed. */
  readonly look: () => void;
  readonly isWaiting: () => boolean;
  readonly isOver: () => boolean;
};

export function createQuitter({
  doings,
  ask,
  finish,
  onChange,
}: {
  readonly doings: () => readonly Doing[];
  readonly ask: (doings: readonly Doing[]) => Promise<QuitAnswer>;
  readonly finish: () => void;
  /** Waiting began or ended. */
  readonly onChange: () => void;
}): Quitter {
  let state: 'running' | 'asking' | 'waiting' | 'over' = 'running';

  function become(next: typeof state): void {
    if (state === 'over' || state === next) return;
    state = next;
    if (state === 'over') finish();
    else onChange();
  }

  function look(): void {
    if (state === 'waiting' && doings().length === 0) become('over');
  }

  function answered(answer: QuitAnswer): void {
    // The system may have shut us down while the question stood there.
    if (state !== 'asking') return;
    become(answer === 'now' ? 'over' : answer === 'when-done' ? 'waiting' : 'running');
    look();
  }

  return {
    request: () => {
      if (state === 'asking' || state === 'over') return;
      const busy = doings();
      if (busy.length === 0) return become('over');
      become('asking');
      // A question that can't be asked must not keep anybody from quitting.
      ask(busy).then(answered, () => answered('now'));
    },
    now: () => become('over'),
    stay: () => {
      if (state === 'waiting') become('running');
    },
    look,
    isWaiting: () => state === 'waiting',
    isOver: () => state === 'over',
  };
}
