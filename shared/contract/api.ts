import type { Fault } from '../fault.ts';
import type { Result } from '../result.ts';
import type { ChannelName } from './channels.ts';
import type { ArgsOf, ResultOf } from './contract.ts';
import type { AppEvent } from './views.ts';

/** What the core offers to every door: one function per channel, and one stream of events. */
export type Api = {
  readonly [C in ChannelName]: (args: ArgsOf<C>) => Promise<Result<ResultOf<C>, Fault>>;
};

export type EventSource = {
  /**
   * Calls `listener` for every event from now on; returns how to stop. `onLost`: the core is gone, and
   * whatever comes after this belongs to another run of it; only a core that is started again says so.
   */
  readonly subscribe: (listener: (event: AppEvent) => void, onLost?: () => void) => () => void;
};
