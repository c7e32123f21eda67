import { useEffect, useState } from 'react';

/**
 * The core says once how much time is left; the screen counts on by itself. By the monotonic clock, so that
 * a computer whose time is set meanwhile does not jump.
 */
export function useSecondsLeft(leftS: number, isRunning: boolean): number {
  const [left, setLeft] = useState(leftS);
  useEffect(() => {
    setLeft(leftS);
    if (!isRunning) return;
    const fromMs = performance.now();
    const timer = setInterval(
      () => setLeft(Math.max(0, leftS - Math.floor((performance.now() - fromMs) / 1000))),
      1000,
    );
    return () => clearInterval(timer);
  }, [leftS, isRunning]);
  return left;
}
