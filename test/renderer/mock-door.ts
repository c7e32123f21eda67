import type { Page } from 'playwright-core';
import { BRIDGE } from '../../shared/contract/bridge.ts';
import type { ChannelName } from '../../shared/contract/channels.ts';
import { contract, type InputOf, type ResultOf } from '../../shared/contract/contract.ts';
import { isChannel } from '../../shared/contract/door.ts';
import type { AppEvent, AppSnapshot } from '../../shared/contract/views.ts';
import { type Fault, fault } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { standingAnswers } from './worlds/standing-answers.ts';
import type { World } from './worlds/world-parts.ts';

/**
 * The third side of the contract: what a core would say, out of a world of the test's choosing. It stands
 * where the preload puts its bridge. Arguments are parsed by the contract's own schemas, so a window
 * that asks for something no core would understand fails its test, as does one that asks for something
 * nobody has given an answer for.
 */
export type Mock = {
  /** The answer from now on: a value, or what is worked out of the arguments. */
  readonly answer: <C extends ChannelName>(
    channel: C,
    value: ResultOf<C> | ((args: InputOf<C>) => ResultOf<C> | Promise<ResultOf<C>>),
  ) => void;
  readonly fail: (channel: ChannelName, why: Fault) => void;
  /** An event with the next revision. */
  readonly push: (changed: Partial<AppSnapshot>) => Promise<void>;
  /** An event as it is: of another epoch, with a gap. */
  readonly pushEvent: (event: AppEvent) => Promise<void>;
  /** What was asked so far, oldest first. */
  readonly calls: <C extends ChannelName>(channel: C) => readonly InputOf<C>[];
  /** The core goes away: events end and nothing is answered until `back`. */
  readonly lost: () => Promise<void>;
  /** It is there again, with another run's epoch, and says this from now on. */
  readonly back: (changed?: Partial<AppSnapshot>) => void;
  /** What the system's own dialog will give. */
  readonly pick: (folder: string | null) => void;
  /** A click on a notice, or in the tray. */
  readonly open: (path: string) => Promise<void>;
  /** Goes to a page, and waits as `settled` does. */
  readonly go: (path: string) => Promise<void>;
  /** Everything that was asked has been answered, and the answers are on the screen. */
  readonly settled: () => Promise<void>;
  readonly current: () => World['snapshot'];
  /** Whatever went wrong behind the window's back; a test ends by looking that there is nothing. */
  readonly complaints: readonly string[];
};

type Answer = (args: unknown) => Promise<Result<unknown, Fault>>;

const LOST = failed(fault('not-running'));

/** A page with a bridge laid into it; one world after the other can stand behind it. */
export type Doorway = {
  readonly open: (world: World) => Mock;
  /** Nobody is behind the bridge any more, and what still happens in the page is nobody's concern. */
  readonly shut: () => void;
};

type Behind = {
  readonly mock: Mock;
  readonly call: (channel: string, args: unknown) => Promise<Result<unknown, Fault>>;
  readonly picked: () => string | null;
  readonly complain: (sentence: string) => void;
};

export async function layDoorway(page: Page): Promise<Doorway> {
  let behind: Behind | undefined;
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      behind?.complain(message.text());
  });
  page.on('pageerror', (error) => behind?.complain(String(error)));
  page.on('requestfailed', (request) => {
    // What the page before was still loading is given up by itself.
    const isGivenUp = request.failure()?.errorText === 'net::ERR_ABORTED';
    if (!isGivenUp) behind?.complain(`could not load ${request.url()}`);
  });
  await page.exposeFunction('mockCall', (channel: string, args: unknown) =>
    behind === undefined ? LOST : behind.call(channel, args),
  );
  await page.exposeFunction('mockPick', () => behind?.picked() ?? null);
  await page.addInitScript(putBridge, { name: BRIDGE, withoutPicker: WITHOUT_PICKER });
  return {
    open: (world) => {
      behind = mockDoor(page, world);
      return behind.mock;
    },
    shut: () => {
      behind = undefined;
    },
  };
}

/** In the address, before the page: a browser has no dialog of the system. */
export const WITHOUT_PICKER = 'without-picker';

function mockDoor(page: Page, world: World): Behind {
  let { snapshot } = world;
  let isLost = false;
  let runs = 1;
  let picked: string | null = null;
  const asked: { readonly channel: ChannelName; readonly args: unknown }[] = [];
  const complaints: string[] = [];
  const answers = new Map<ChannelName, Answer>();

  async function call(channel: string, args: unknown): Promise<Result<unknown, Fault>> {
    if (isLost) return LOST;
    if (!isChannel(channel)) {
      complaints.push(`no such channel: ${channel}`);
      return failed(fault('bad-arguments'));
    }
    const parsed = contract[channel].args.safeParse(args);
    if (!parsed.success)
      complaints.push(`${channel} with ${JSON.stringify(args)}: ${parsed.error.message}`);
    asked.push({ channel, args });
    const answer = answers.get(channel);
    if (answer !== undefined) return answer(args);
    complaints.push(`nobody has an answer for ${channel} ${JSON.stringify(args)}`);
    return failed(fault('internal'));
  }

  const mock: Mock = {
    answer: (channel, value) => {
      // A result is plain data; only a way to work one out is a function.
      const work = (typeof value === 'function' ? value : () => value) as (
        args: unknown,
      ) => unknown;
      answers.set(channel, async (args) => ok(await work(args)));
    },
    fail: (channel, why) => void answers.set(channel, async () => failed(why)),
    push: async (changed) => {
      snapshot = { ...snapshot, ...changed, revision: snapshot.revision + 1 };
      const { epoch, revision, asOfMs } = snapshot;
      await mock.pushEvent({ epoch, revision, asOfMs, changed });
    },
    pushEvent: (event) => page.evaluate((heard) => window.mockEvent(heard), event),
    calls: (channel) =>
      asked.filter((each) => each.channel === channel).map(({ args }) => args) as never,
    lost: async () => {
      isLost = true;
      await page.evaluate(() => window.mockEvent(null));
    },
    back: (changed = {}) => {
      runs += 1;
      snapshot = { ...snapshot, ...changed, epoch: `run ${runs} of the core`, revision: 1 };
      isLost = false;
    },
    pick: (folder) => {
      picked = folder;
    },
    open: (path) => page.evaluate((where) => window.mockPage(where), path),
    go: async (path) => {
      await mock.open(path);
      await mock.settled();
    },
    settled: async () => {
      await page.waitForFunction(() => window.mockPending === 0);
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
      // A page or a dialog whose script is on its way will ask for more.
      await page.waitForFunction(
        () => document.querySelector('[data-later]') === null && window.mockPending === 0,
      );
    },
    current: () => snapshot,
    complaints,
  };

  for (const [channel, answer] of standingAnswers(world, () => snapshot))
    answers.set(channel, async (args) => ok(answer(args)));
  return {
    mock,
    call,
    picked: () => picked,
    complain: (sentence) => void complaints.push(sentence),
  };
}

declare global {
  interface Window {
    mockCall: (channel: string, args: unknown) => Promise<unknown>;
    mockPick: () => Promise<string | null>;
    /** Calls that have no answer yet. */
    mockPending: number;
    mockEvent: (event: AppEvent | null) => void;
    mockPage: (path: string) => void;
  }
}

/** Runs in the page before anything else; it can use nothing from out here. */
function putBridge({ name, withoutPicker }: { name: string; withoutPicker: string }): void {
  const hasPicker = !location.search.includes(withoutPicker);
  window.mockPending = 0;
  const events = new Set<(event: AppEvent | null) => void>();
  const pages = new Set<(path: string) => void>();
  window.mockEvent = (event) => {
    for (const listener of events) listener(event);
  };
  window.mockPage = (path) => {
    for (const listener of pages) listener(path);
  };
  Object.defineProperty(window, name, {
    value: {
      call: async (channel: string, args: unknown) => {
        window.mockPending += 1;
        try {
          return await window.mockCall(channel, args);
        } finally {
          window.mockPending -= 1;
        }
      },
      ...(hasPicker ? { pickFolder: () => window.mockPick() } : {}),
      onEvent: (listener: (event: AppEvent | null) => void) => {
        events.add(listener);
        return () => void events.delete(listener);
      },
      onPage: (listener: (path: string) => void) => {
        pages.add(listener);
        return () => void pages.delete(listener);
      },
    },
  });
}
