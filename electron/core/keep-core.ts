import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../../shared/contract/api.ts';
import { type ChannelName, channels } from '../../shared/contract/channels.ts';
import type { AppEvent } from '../../shared/contract/views.ts';
import { carriedFault, type Fault, fault } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { type CoreOptions, portsOf } from './core-options.ts';
import { type Core, startCore } from './start-core.ts';

/**
 * A core that outlives its failures. When its books are gone it is closed and started again, later and
 * later if it goes on failing; meanwhile calls are answered `not-running`, and whoever listens for
 * events is told that the core is gone and goes on hearing those of the next. Where the program was replaced
 * meanwhile, they are answered so; it goes on trying, for what is being built anew may be the same.
 */
export type KeptCore = Omit<Core, 'failed' | 'again'> & {
  /** Resolves when a lost core can't come back, because the program's files are not those any more that it was started from. */
  readonly replaced: Promise<Fault>;
};

type Subscription = {
  readonly listener: (event: AppEvent) => void;
  readonly onLost: (() => void) | undefined;
  stop: () => void;
};

const WAIT_FIRST_MS = 1000;
const WAIT_MOST_MS = 30_000;
/** After this long without trouble, the next failure counts as a first one. */
const STEADY_MS = 60_000;

/** How long to wait before the next start. */
export function nextWaitMs(lastMs: number | undefined, ranMs: number): number {
  if (lastMs === undefined || ranMs >= STEADY_MS) return WAIT_FIRST_MS;
  return Math.min(lastMs * 2, WAIT_MOST_MS);
}

/** The first start is the caller's business like any other; only what follows is looked after here. */
export async function keepCore(
  options: CoreOptions,
  start: typeof startCore = startCore,
): Promise<Result<KeptCore, Fault>> {
  const { clock, logger: root } = portsOf(options);
  const logger = root.named('keeper');
  const first = await start(options);
  if (!first.ok) return first;

  const subscriptions = new Set<Subscription>();
  const ending = new AbortController();
  let info = first.value.info();
  let current: Core | undefined;
  /** What a core that has begun again says before its whole state was told; undefined: it was. */
  let early: { readonly to: Subscription; readonly event: AppEvent }[] | undefined;
  let startedMs = 0;
  let waitMs: number | undefined;
  let comingBack: Promise<void> = Promise.resolve();
  const replaced = Promise.withResolvers<Fault>();
  /** What is answered while there is no core. */
  let absent = fault('not-running', { home: options.home });
  let closing: Promise<void> | undefined;

  function take(core: Core): void {
    current = core;
    absent = fault('not-running', { home: options.home });
    info = core.info();
    startedMs = clock.monotonicMs();
    for (const subscription of subscriptions) listen(subscription, core);
    // Whoever asked for it still gets the answer to that very call.
    void core.again.then(() => setImmediate(() => comeBack(core, true)));
    void core.failed.then(() => comeBack(core, false));
  }

  function comeBack(core: Core, isWanted: boolean): void {
    if (closing !== undefined || current !== core) return;
    comingBack = replace(core, isWanted).catch((error: unknown) =>
      logger.error('the core does not come back', { error: String(error) }),
    );
  }

  function listen(subscription: Subscription, core: Core): void {
    subscription.stop = core.events.subscribe((event) => {
      if (current === core && early !== undefined) early.push({ to: subscription, event });
      else subscription.listener(event);
    });
  }

  async function replace(gone: Core, isWanted: boolean): Promise<void> {
    current = undefined;
    for (const { stop, onLost } of subscriptions) {
      stop();
      onLost?.();
    }
    await close(gone);
    if (isWanted && (await comesBack())) return;
    for (;;) {
      waitMs = nextWaitMs(waitMs, clock.monotonicMs() - startedMs);
      // Nothing has run since; so the next wait is the longer one.
      startedMs = clock.monotonicMs();
      logger.warn('the core is started again', { waitMs });
      await sleep(waitMs, undefined, { signal: ending.signal }).catch(() => undefined);
      if (ending.signal.aborted) return;
      if (await comesBack()) return;
    }
  }

  /** True: there is nothing left to do. */
  async function comesBack(): Promise<boolean> {
    if (ending.signal.aborted) return true;
    const next = await startAgain();
    if (next === undefined) return false;
    if (ending.signal.aborted) await close(next);
    else {
      early = [];
      take(next);
      await greet(next);
    }
    return true;
  }

  /** Half dead as it may be, it must let go of its port and of the home. */
  async function close(core: Core): Promise<void> {
    await core
      .close()
      .catch((error: unknown) => logger.error('not closed in order', { error: String(error) }));
  }

  async function startAgain(): Promise<Core | undefined> {
    try {
      // What was wished at the first start was kept then, and may have been changed since.
      const first = { name: undefined, phrase: undefined, replaces: undefined };
      const again = { ...options, ...first, port: info.port };
      const started = await start(again);
      if (started.ok) return started.value;
      logger.error('the core does not start', { fault: started.fault });
      if (started.fault.code === 'program-replaced') {
        absent = started.fault;
        replaced.resolve(absent);
      }
    } catch (error) {
      logger.error('the core does not start', { error: String(error) });
    }
    return undefined;
  }

  /** Nobody asks a core that they don't know to be back; its whole state is its first event. */
  async function greet(core: Core): Promise<void> {
    const read = await core.api['state.snapshot']({}).catch(() => undefined);
    // The next core has an `early` of its own.
    if (current !== core) return;
    const waiting = early ?? [];
    early = undefined;
    let told = 0;
    if (read?.ok === true) {
      const { epoch, revision, asOfMs, ...changed } = read.value;
      told = revision;
      for (const { listener } of subscriptions) listener({ epoch, revision, asOfMs, changed });
    }
    for (const { to, event } of waiting)
      if (event.revision > told && subscriptions.has(to)) to.listener(event);
  }

  /** Runs on the core there is; if that is lost meanwhile, or there is none, `otherwise` is the answer. */
  async function onCurrent<T>(run: (core: Core) => Promise<T>, otherwise: () => T): Promise<T> {
    const core = current;
    if (core === undefined) return otherwise();
    try {
      return await run(core);
    } catch (error) {
      // That the core is lost is told by another promise; it goes first.
      await new Promise((resolve) => setImmediate(resolve));
      if (current === core) throw error;
      return otherwise();
    }
  }

  const notRunning = () => failed(absent);
  const call = (channel: ChannelName) => async (args: never) => {
    try {
      return await onCurrent<Result<unknown, Fault>>((core) => core.api[channel](args), notRunning);
    } catch (error) {
      // Whoever asked is told that the log says what.
      if (carriedFault(error) === undefined)
        logger.error('a call broke', { channel, error: stackOf(error) });
      throw error;
    }
  };
  // The table pairs each channel with its own arguments and result; that can't be carried through a loop.
  const api = Object.fromEntries(
    (Object.keys(channels) as ChannelName[]).map((channel) => [channel, call(channel)]),
  ) as unknown as Api;

  take(first.value);
  return ok({
    api,
    events: {
      subscribe: (listener, onLost) => {
        const subscription: Subscription = { listener, onLost, stop: () => undefined };
        subscriptions.add(subscription);
        if (current !== undefined) listen(subscription, current);
        return () => {
          subscriptions.delete(subscription);
          subscription.stop();
        };
      },
    },
    info: () => info,
    chores: () =>
      onCurrent(
        (core) => core.chores(),
        () => undefined,
      ),
    renewDue: () =>
      onCurrent(
        (core) => core.renewDue(),
        () => undefined,
      ),
    woke: () => current?.woke(),
    isInUse: () => current?.isInUse() ?? false,
    replaced: replaced.promise,
    close: () => {
      closing ??= end();
      return closing;
    },
  });

  async function end(): Promise<void> {
    ending.abort();
    await comingBack;
    // From here on nothing is asked of it any more: what would be begun is waited for by nobody.
    const last = current;
    current = undefined;
    await last?.close();
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
