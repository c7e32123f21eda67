import { useEffect, useState } from 'react';
import type { ChannelName } from '../../shared/contract/channels.ts';
import type { InputOf, ResultOf } from '../../shared/contract/contract.ts';
import { useIsLive } from './use-answer.ts';
import { faultWords, useDoor } from './use-call.ts';

export type Latest<T> = {
  /** The answer to what is asked now, or until there is one the last there was. */
  readonly value: T | undefined;
  /** It is of what was asked before. */
  readonly isOld: boolean;
  /** Why what is asked now could not be had, in words. */
  readonly problem: string | undefined;
  readonly retry: () => void;
};

/**
 * As `useAnswer`, for what is gone through step by step: it says whether what it has is still of the step before.
 * `undefined`: nothing is asked. `afterMs`: asked when the question has stood for so long.
 */
export function useLatest<C extends ChannelName>(
  channel: C,
  args: InputOf<C> | undefined,
  afterMs = 0,
): Latest<ResultOf<C>> {
  const door = useDoor();
  const isLive = useIsLive();
  const [attempt, setAttempt] = useState(0);
  const [last, setLast] = useState<{ readonly of: string; readonly value: ResultOf<C> }>();
  const [failed, setFailed] = useState<{ readonly of: string; readonly problem: string }>();
  const text = args === undefined ? '' : JSON.stringify(args);
  useEffect(() => {
    if (text === '') return undefined;
    let isCurrent = true;
    const ask = () => {
      void door(channel, JSON.parse(text) as InputOf<C>).then((result) => {
        if (!isCurrent) return;
        if (result.ok) setLast({ of: text, value: result.value });
        setFailed(result.ok ? undefined : { of: text, problem: faultWords(result.fault) });
      });
    };
    const timer = afterMs === 0 ? undefined : setTimeout(ask, afterMs);
    if (afterMs === 0) ask();
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [door, channel, text, isLive, attempt, afterMs]);
  return {
    value: last?.value,
    isOld: last?.of !== text,
    problem: failed?.of === text ? failed.problem : undefined,
    retry: () => setAttempt(attempt + 1),
  };
}
