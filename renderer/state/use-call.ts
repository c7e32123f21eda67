import { useState } from 'react';
import type { ChannelName } from '../../shared/contract/channels.ts';
import type { InputOf, ResultOf } from '../../shared/contract/contract.ts';
import { say } from '../../shared/words/say.ts';
import { useWindow } from './store.ts';
import { t } from './words.ts';

/** A command with what a form needs beside it: is it under way, and what went wrong, in words. */
export function useCall(): {
  readonly busy: boolean;
  readonly problem: string | undefined;
  readonly call: <C extends ChannelName>(
    channel: C,
    args: InputOf<C>,
  ) => Promise<ResultOf<C> | undefined>;
} {
  const door = useWindow((state) => state.door);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  return {
    busy,
    problem,
    call: async (channel, args) => {
      if (door === undefined) return undefined;
      setBusy(true);
      setProblem(undefined);
      try {
        const result = await door.call(channel, args);
        if (result.ok) return result.value;
        setProblem(say(t, { key: `fault.${result.fault.code}`, params: result.fault.params }));
      } catch {
        setProblem(t('fault.not-running'));
      } finally {
        setBusy(false);
      }
      return undefined;
    },
  };
}
