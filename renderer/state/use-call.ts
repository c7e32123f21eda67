import { useCallback, useState } from 'react';
import type { ChannelName } from '../../shared/contract/channels.ts';
import type { InputOf, ResultOf } from '../../shared/contract/contract.ts';
import { type Fault, type FaultCode, fault } from '../../shared/fault.ts';
import { failed, type Result } from '../../shared/result.ts';
import { say } from '../../shared/words/say.ts';
import { useWindow } from './store.ts';
import { t } from './words.ts';

export type Caller = <C extends ChannelName>(
  channel: C,
  args: InputOf<C>,
) => Promise<Result<ResultOf<C>, Fault>>;

/** A call of the core as a value, whatever happens on the way. */
export function useDoor(): Caller {
  const door = useWindow((state) => state.door);
  return useCallback<Caller>(
    async (channel, args) => {
      try {
        return door === undefined ? failed(fault('not-running')) : await door.call(channel, args);
      } catch {
        return failed(fault('not-running'));
      }
    },
    [door],
  );
}

/** The catalogue's own sentence about a core that is not there names a command; who looks at a window needs none. */
export function faultWords({ code, params }: Fault): string {
  return code === NO_ANSWER ? t('ui.no-answer') : say(t, { key: `fault.${code}`, params });
}

/** The same about something that was to be done: it may have been, and only its answer was lost. */
function actWords(what: Fault): string {
  return what.code === NO_ANSWER ? t('ui.maybe-done') : faultWords(what);
}

const NO_ANSWER: FaultCode = 'not-running';

/** A command for whoever only wants to know what went wrong, in words; `undefined`: it is done. */
export function useAct(): <C extends ChannelName>(
  channel: C,
  args: InputOf<C>,
) => Promise<string | undefined> {
  const door = useDoor();
  return async (channel, args) => {
    const result = await door(channel, args);
    return result.ok ? undefined : actWords(result.fault);
  };
}

/** A command with what a form needs beside it: is it under way, and what went wrong, in words. */
export function useCall(): {
  readonly busy: boolean;
  readonly problem: string | undefined;
  /** The fault behind `problem`, for saying it at the right field. */
  readonly fault: Fault | undefined;
  readonly call: <C extends ChannelName>(
    channel: C,
    args: InputOf<C>,
  ) => Promise<ResultOf<C> | undefined>;
} {
  const door = useDoor();
  const [busy, setBusy] = useState(false);
  const [last, setLast] = useState<Fault>();
  return {
    busy,
    fault: last,
    problem: last === undefined ? undefined : actWords(last),
    call: async (channel, args) => {
      setBusy(true);
      setLast(undefined);
      const result = await door(channel, args);
      setBusy(false);
      if (result.ok) return result.value;
      setLast(result.fault);
      return undefined;
    },
  };
}
