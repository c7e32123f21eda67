import { mkdir, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { BRIDGE, type Bridge } from '../../shared/contract/bridge.ts';
import type { ChannelName } from '../../shared/contract/channels.ts';
import type { InputOf, ResultOf } from '../../shared/contract/contract.ts';
import type { Fault } from '../../shared/fault.ts';
import type { Result } from '../../shared/result.ts';
import { type Settings, SETTINGS_AT_FIRST } from '../../shared/model/settings.ts';
import { scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { keysOf } from '../fakes/raw-friend.ts';
import { addressOf, launchApp, type LaunchedApp } from '../standin/launch-app.ts';
import { menuLines, tray } from '../standin/surfaces.ts';

/**
 * Ben's computer in a temporary folder, with the real app running on it, and friends on others. What the
 * tests ask of the app's core they ask through its window, as Ben would.
 */
export type Desk = {
  readonly folder: string;
  /** The app's home. */
  readonly home: string;
  readonly launch: (more?: Launch) => Promise<LaunchedApp>;
  readonly app: () => LaunchedApp;
  /** The window that is open, once it answers. */
  readonly window: () => Promise<Page>;
  readonly call: <C extends ChannelName>(channel: C, args: InputOf<C>) => Promise<ResultOf<C>>;
  readonly address: () => Promise<string>;
  /** A friend's own core, paired with Ben's. */
  readonly friend: (name: string) => Promise<TestHome>;
  /** Ben lends 20 GB, in even shares. */
  readonly offer: () => Promise<string>;
  readonly clear: () => Promise<void>;
};

/** An app, a browser and friends start in each test; on a busy machine that takes a while. */
export const TIME = { timeout: 300_000 } as const;

type Launch = Partial<Omit<Parameters<typeof launchApp>[0], 'home'>> & {
  readonly settings?: Partial<Settings>;
};

declare global {
  // What the preload puts there (`BRIDGE`).
  var allotment: Bridge;
}

export async function setUpDesk(): Promise<Desk> {
  const place = await scratch();
  const home = join(place.folder, 'allotment');
  const friends: TestHome[] = [];
  let app: LaunchedApp | undefined;

  async function launch({ settings, ...more }: Launch = {}): Promise<LaunchedApp> {
    await mkdir(home, { recursive: true, mode: 0o700 });
    const config = {
      name: 'Ben',
      port: 0,
      settings: { ...SETTINGS_AT_FIRST, welcomed: true, trayHintShown: true, ...settings },
    };
    // What the app has kept since is not overwritten by a second launch.
    await writeFile(join(home, 'config.json'), JSON.stringify(config), { flag: 'wx' }).catch(
      () => undefined,
    );
    app = await launchApp({ home: place.folder, ...more });
    return app;
  }

  function running(): LaunchedApp {
    if (app === undefined) throw new Error('the app was not launched');
    return app;
  }

  /** Fails at once if the app ended instead, with what it said. */
  async function window(): Promise<Page> {
    const ended = running().ended.then((end): never => {
      throw new Error(`the app ended: ${JSON.stringify(end)} ${running().output()}`);
    });
    ended.catch(() => undefined);
    return Promise.race([until(openPage), ended]);
  }

  /** Ben's; one that was closed a moment ago may still be listed. */
  async function openPage(): Promise<Page | undefined> {
    const page = running()
      .windows()
      .findLast((each) => !each.isClosed() && addressOf(each).startsWith('app:'));
    const isThere = await page?.evaluate((name) => name in globalThis, BRIDGE).catch(() => false);
    return isThere === true ? page : undefined;
  }

  async function call<C extends ChannelName>(channel: C, args: InputOf<C>): Promise<ResultOf<C>> {
    const page = await window();
    const result = (await page.evaluate(([name, given]) => globalThis.allotment.call(name, given), [
      channel,
      args,
    ] as const)) as Result<ResultOf<C>, Fault>;
    if (!result.ok) throw new Error(`${channel}: ${JSON.stringify(result.fault)}`);
    return result.value;
  }

  async function address(): Promise<string> {
    // Whoever asks for it wants to call here; before that the app has no reason to listen.
    const { port } = await call('listening.begin', {});
    return `127.0.0.1:${port}`;
  }

  return {
    folder: place.folder,
    home,
    launch,
    app: running,
    window,
    call,
    address,
    friend: async (name) => {
      const friend = await startHome(name, place.folder);
      friends.push(friend);
      await pairWith({ call, address }, friend);
      return friend;
    },
    offer: async () => {
      const folder = join(place.folder, 'spare');
      await mkdir(folder, { recursive: true });
      await call('offer.set', { folder, offerBytes: '20000000000', keepFreeBytes: '0' });
      const grounds = [{ kind: 'fair-share', weight: 1 }] as const;
      await call('policy.set', { policy: { guards: {}, grounds: [...grounds] } });
      return folder;
    },
    clear: async () => {
      await app?.close();
      await Promise.all(friends.map((friend) => friend.close()));
      await place.remove();
    },
  };
}

/** Both type what the other's screen shows. */
async function pairWith(desk: Pick<Desk, 'call' | 'address'>, friend: TestHome): Promise<void> {
  const knock = await friend.call('pairings.start', { address: await desk.address() });
  await until(async () =>
    (await desk.call('pairings.list', {})).find(({ id, digits }) => id === knock.id && digits),
  );
  await desk.call('pairings.confirm', { code: knock.digits ?? '', id: knock.id });
  await friend.call('pairings.confirm', { code: knock.digits });
  const { device } = friend.core.info();
  const knows = ({ devices }: { readonly devices: readonly { readonly device: string }[] }) =>
    devices.some((each) => each.device === device);
  await until(async () => (await desk.call('friends.list', {})).find(knows));
  await until(async () => (await friend.call('friends.list')).find(({ name }) => name === 'Ben'));
}

/** An upload that has begun and stands still until it is finished or broken off. */
export type HeldUpload = {
  readonly finish: () => Promise<number>;
  readonly breakOff: () => void;
};

const UPLOADED_BYTES = 4_000_000;
/** More than the buffers between two sockets hold. */
const RESTORED_BYTES = 60_000_000;

export async function holdUpload(desk: Desk, friend: TestHome, name: string): Promise<HeldUpload> {
  const body = Buffer.alloc(UPLOADED_BYTES, 7);
  const upload = await sendObject(desk, friend, { name, plot: await ask(friend), body });
  const status = answerTo(upload);
  status.catch(() => undefined);
  upload.write(body.subarray(0, 1000));
  return {
    finish: async () => {
      upload.end(body.subarray(1000));
      return (await status).statusCode ?? 0;
    },
    breakOff: () => void upload.destroy(),
  };
}

/** A restore that has begun and takes nothing any more; call what it returns to break it off. */
export async function holdRestore(desk: Desk, friend: TestHome, name: string): Promise<() => void> {
  const body = Buffer.alloc(RESTORED_BYTES, 7);
  const plot = await ask(friend);
  const upload = await sendObject(desk, friend, { name, plot, body });
  const kept = answerTo(upload);
  upload.end(body);
  (await kept).resume();
  const restore = await sendObject(desk, friend, { name, plot, body, method: 'GET' });
  const reading = answerTo(restore);
  restore.end();
  (await reading).pause();
  return () => void restore.destroy();
}

async function ask(friend: TestHome): Promise<string> {
  const size = '1000000000';
  const answer = await friend.call('allocations.ask', {
    friend: 'Ben',
    size,
    durationS: 2_592_000,
  });
  if (answer.type !== 'granted') throw new Error(JSON.stringify(answer));
  return answer.plot;
}

/** A request for one object in a plot, with the friend's own key. */
async function sendObject(
  desk: Desk,
  friend: TestHome,
  {
    name,
    plot,
    body,
    method = 'POST',
  }: {
    readonly name: string;
    readonly plot: string;
    readonly body: Buffer;
    readonly method?: string;
  },
): Promise<ClientRequest> {
  const hash = createHash('sha256').update(body).digest('hex');
  return request({
    ...(await keysOf(friend, name)),
    host: '127.0.0.1',
    port: Number((await desk.address()).split(':')[1]),
    method,
    path: `/v1/plots/${plot}/repository/data/${hash}`,
    headers: method === 'POST' ? { 'content-length': body.length } : {},
    rejectUnauthorized: false,
    agent: false,
  });
}

function answerTo(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', (response) => {
      // Broken off is how some of these are meant to end.
      response.on('error', () => undefined);
      response.resume();
      resolve(response);
    });
    sent.on('error', reject);
  });
}

/** The tray's menu as a person reads it, once it fits. */
export function untilMenu(
  app: LaunchedApp,
  fits: (lines: readonly string[]) => boolean,
): Promise<readonly string[]> {
  return until(async () => {
    const lines = menuLines((await tray(app))?.menu ?? []);
    return fits(lines) ? lines : undefined;
  });
}

export function untilToolTip(app: LaunchedApp, words: string): Promise<string> {
  return until(async () => {
    const toolTip = (await tray(app))?.toolTip ?? '';
    return toolTip.includes(words) ? toolTip : undefined;
  });
}
