import { useEffect, useState } from 'react';
import type { ChannelName } from '../../shared/contract/channels.ts';
import type { InputOf, ResultOf } from '../../shared/contract/contract.ts';
import { useWindow } from './store.ts';
import { faultWords, useDoor } from './use-call.ts';

export type Answered<T> = {
  /** The last answer there was; `undefined` before the first. */
  readonly value: T | undefined;
  /** Why the last reading failed, in words. */
  readonly problem: string | undefined;
  readonly retry: () => void;
};

/** True while the core can be heard; what was asked while it could not is asked again when this turns true. */
export function useIsLive(): boolean {
  return useWindow((state) => state.connection === 'live');
}

/** The answer to a query, read again when its arguments change and when the core is back. */
export function useAnswer<C extends ChannelName>(
  channel: C,
  args: InputOf<C>,
): Answered<ResultOf<C>> {
  const door = useDoor();
  const isLive = useIsLive();
  const [attempt, setAttempt] = useState(0);
  const [value, setValue] = useState<ResultOf<C>>();
  const [problem, setProblem] = useState<string>();
  const text = JSON.stringify(args);
  useEffect(() => {
    let isCurrent = true;
    void door(channel, JSON.parse(text) as InputOf<C>).then((result) => {
      if (!isCurrent) return;
      // What was known stays when a later reading fails.
      if (result.ok) setValue(() => result.value);
      setProblem(result.ok ? undefined : faultWords(result.fault));
    });
    return () => {
      isCurrent = false;
    };
  }, [door, channel, text, isLive, attempt]);
  return { value, problem, retry: () => setAttempt(attempt + 1) };
}
