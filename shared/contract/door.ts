import { carriedFault, type Fault, fault } from '../fault.ts';
import { failed, ok, type Result } from '../result.ts';
import type { Api } from './api.ts';
import { type ChannelName, channels } from './channels.ts';
import { contract, type ResultOf } from './contract.ts';

/**
 * The one place where a call from outside becomes a call of the core: known channel, parsed
 * arguments, a fault where they are off. Every door uses it.
 */
export async function callThroughDoor(
  api: Api,
  call: { readonly channel: string; readonly args: unknown },
): Promise<Result<ResultOf<ChannelName>, Fault>> {
  if (!isChannel(call.channel))
    return failed(
      fault('bad-arguments', { problem: `no such call: ${call.channel.slice(0, 60)}` }),
    );
  const parsed = contract[call.channel].args.safeParse(call.args ?? {});
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') ?? '';
    const code = /size|bytes/i.test(field)
      ? 'bad-size'
      : field.startsWith('duration')
        ? 'bad-duration'
        : 'bad-arguments';
    return failed(fault(code, { field, problem: issue?.message ?? '' }));
  }
  // The table pairs each channel with its own arguments; the compiler can't carry that through an index.
  const run = api[call.channel] as (args: unknown) => Promise<Result<ResultOf<ChannelName>, Fault>>;
  try {
    const result = await run(parsed.data);
    return result.ok ? ok(result.value) : result;
  } catch (error) {
    // The disk with the books is full, or fails: nothing was done, and the person can do something about it.
    const carried = carriedFault(error);
    if (carried === undefined) throw error;
    return failed(carried);
  }
}

export function isChannel(name: string): name is ChannelName {
  return Object.hasOwn(channels, name);
}
