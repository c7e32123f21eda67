/**
 * What closing the window means is said once. With a tray the app stays there; without one nobody would
 * see that it still runs, so the person is asked, until they choose that it should.
 */
export type FirstClose = {
  /** Whether the window may close now. */
  readonly mayClose: () => boolean;
  readonly closed: () => void;
};

export type CloseAnswer = 'background' | 'quit' | 'cancel';

export function createFirstClose({
  hasTray,
  wasTold,
  remember,
  tell,
  ask,
  close,
  quit,
}: {
  readonly hasTray: () => boolean;
  /** Kept in the settings. */
  readonly wasTold: () => boolean;
  readonly remember: () => void;
  readonly tell: () => void;
  readonly ask: () => Promise<CloseAnswer>;
  /** Closes the window after the answer. */
  readonly close: () => void;
  readonly quit: () => void;
}): FirstClose {
  let isAsking = false;
  // The settings come back from the core a moment later; twice is once too often.
  let isSaid = false;

  function answered(answer: CloseAnswer): void {
    isAsking = false;
    if (answer === 'cancel') return;
    if (answer === 'quit') return quit();
    isSaid = true;
    remember();
    close();
  }

  return {
    mayClose: () => {
      if (hasTray() || isSaid || wasTold()) return true;
      if (!isAsking) {
        isAsking = true;
        ask().then(answered, () => answered('cancel'));
      }
      return false;
    },
    closed: () => {
      if (isSaid || wasTold() || !hasTray()) return;
      isSaid = true;
      remember();
      tell();
    },
  };
}
