import type { ChannelName } from '../../shared/contract/channels.ts';
import type { InputOf, ResultOf } from '../../shared/contract/contract.ts';
import type { AppEvent } from '../../shared/contract/views.ts';
import type { Fault } from '../../shared/fault.ts';
import type { Result } from '../../shared/result.ts';

/** How the window reaches the core: over loopback in a browser, through the preload under Electron. */
export type Door = {
  readonly call: <C extends ChannelName>(
    channel: C,
    args: InputOf<C>,
  ) => Promise<Result<ResultOf<C>, Fault>>;
  /** Every event until the signal; rejects when the core can't be heard any more. */
  readonly events: (listener: (event: AppEvent) => void, signal: AbortSignal) => Promise<undefined>;
  /** The system's own dialog, where there is one; resolves to null if the person thought better of it. */
  readonly pickFolder?: (startAt: string) => Promise<string | null>;
  /** True once the core has answered that it does not know this window (any more). */
  readonly isShut?: () => boolean;
  /** Where the last state may be kept, so that the next start shows something at once. */
  readonly keep: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
};
