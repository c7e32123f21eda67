import type { PairingTable } from './pairing-table.ts';

/** The seconds left are on both screens. */
const LOOK_EVERY_MS = 1000;

/**
 * In the table time passes only when somebody looks; while a pairing is open, this looks. So a screen
 * hears within a second that the other side fell silent or that the two minutes are over.
 */
export function watchPairings(pairings: PairingTable): () => void {
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    if (pairings.isAnyOpen()) {
      timer ??= setInterval(look, LOOK_EVERY_MS).unref();
    } else {
      clearInterval(timer);
      timer = undefined;
    }
  }

  const stop = pairings.subscribe(look);
  return () => {
    stop();
    clearInterval(timer);
  };
}
