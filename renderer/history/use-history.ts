import { useCallback, useEffect, useRef, useState } from 'react';
import type { UsageSample } from '../../shared/contract/views.ts';
import { useWindow } from '../state/store.ts';
import { faultWords, useDoor } from '../state/use-call.ts';
import { createReadAgain, type ReadAgain } from './read-again.ts';
import { type Range, rangeStartMs } from './samples.ts';

/** Samples are taken every ten minutes; the present state at their end changes with every write. */
const EVERY_MS = 60_000;

export type HistoryReading = {
  /** `undefined` until they were read. What was read stays when a later reading fails. */
  readonly samples: readonly UsageSample[] | undefined;
  readonly problem: string | undefined;
  readonly retry: () => void;
};

export function useHistory(owner: string | undefined, range: Range): HistoryReading {
  const door = useDoor();
  const hosted = useWindow((state) => state.snapshot?.hosted);
  const [samples, setSamples] = useState<readonly UsageSample[]>();
  const [problem, setProblem] = useState<string>();
  const again = useRef<ReadAgain>(undefined);
  const latest = useRef(0);

  const read = useCallback(async () => {
    latest.current += 1;
    const mine = latest.current;
    const result = await door('usage.history', {
      ...(owner === undefined ? {} : { friend: owner }),
      sinceMs: rangeStartMs(range, Date.now()),
    });
    // Another range was chosen meanwhile.
    if (mine !== latest.current) return;
    if (result.ok) setSamples(result.value);
    setProblem(result.ok ? undefined : faultWords(result.fault));
  }, [door, owner, range]);

  useEffect(() => {
    setSamples(undefined);
    void read();
    const pace = createReadAgain({
      everyMs: EVERY_MS,
      nowMs: () => performance.now(),
      later: (run, afterMs) => {
        const timer = setTimeout(run, afterMs);
        return () => clearTimeout(timer);
      },
      read: () => void read(),
    });
    again.current = pace;
    const look = () => pace.seen(!document.hidden);
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      pace.stop();
      latest.current += 1;
    };
  }, [read]);

  const seen = useRef(hosted);
  useEffect(() => {
    if (seen.current === hosted) return;
    seen.current = hosted;
    again.current?.changed();
  }, [hosted]);

  return { samples, problem, retry: () => void read() };
}
