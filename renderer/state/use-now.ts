import { useEffect, useState } from 'react';
import { useIsLive } from './use-answer.ts';

const MINUTE_MS = 60_000;

/**
 * The moment that sentences such as "away for 5 minutes" are about: as of the snapshot, and on from there by
 * the minute while the core can be heard, for a core to which nothing happens says nothing. While it can't,
 * what is shown stays as of then.
 */
export function useNowMs(asOfMs: number): number {
  const isLive = useIsLive();
  const [, setMinutes] = useState(0);
  useEffect(() => {
    if (!isLive) return;
    const timer = setInterval(() => setMinutes((minutes) => minutes + 1), MINUTE_MS);
    return () => clearInterval(timer);
  }, [isLive]);
  return isLive ? Math.max(asOfMs, Date.now()) : asOfMs;
}
