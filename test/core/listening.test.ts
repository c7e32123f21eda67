import { createServer } from 'node:net';
import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../electron/core/config-file.ts';
import type { ShellFacts } from '../../electron/core/core-options.ts';
import { headlessShell } from '../../electron/core/headless-shell.ts';
import { createListening } from '../../electron/core/listening.ts';
import { ok } from '../../shared/result.ts';
import { quietLogger } from '../main/quiet-logger.ts';
import { offer, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';

describe('listening only when there is a reason to', () => {
  let place: Awaited<ReturnType<typeof scratch>>;
  const open: TestHome[] = [];

  beforeEach(async () => {
    place = await scratch();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((home) => home.close()));
    await place.remove();
  });

  async function start(name: string, port = 0): Promise<TestHome> {
    const home = await startHome(name, place.folder, { listen: 'when-wanted', port });
    open.push(home);
    return home;
  }
  const portOf = async (home: TestHome) => (await home.call('status.get')).port;

  it('opens no port at the first start', async () => {
    expect(await portOf(await start('Ana'))).toBeNull();
  });

  it('begins when space is offered, and then at every start', async () => {
    let ana = await start('Ana');
    const folder = join(place.folder, 'spare');
    await mkdir(folder);
    await offer(ana, folder);
    const port = await portOf(ana);
    expect(port).toBe(ana.core.info().port);
    ana = await ana.restart();
    open.push(ana);
    expect(await portOf(ana)).toBe(port);
  });

  it('begins when somebody is to be added, once', async () => {
    const ana = await start('Ana');
    const begun = await ana.call('listening.begin');
    expect(await ana.call('listening.begin')).toEqual(begun);
    expect(await portOf(ana)).toBe(begun.port);
  });

  it('begins when this device calls somebody, who learns where it is reached', async () => {
    const [ana, ben] = [await start('Ana'), await startHome('Ben', place.folder)];
    open.push(ben);
    await ana.call('pairings.start', { address: ben.address });
    const [asked] = await until(async () => {
      const list = await ben.call('pairings.list');
      return list.length === 0 ? undefined : list;
    });
    expect(asked?.address).toBe(`127.0.0.1:${await portOf(ana)}`);
  });

  it('says when another program has the port, and tries again when it is asked again', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { readonly port: number };
    const ana = await start('Ana', port);
    expect(await ana.fault('listening.begin')).toBe('port-in-use');
    await new Promise((resolve) => other.close(resolve));
    expect(await ana.call('listening.begin')).toEqual({ port });
  });

  it('goes on where its port could not be written down at first', async () => {
    let port: number | undefined;
    let isFull = true;
    const begun: number[] = [];
    const asked: (number | undefined)[] = [];
    const listening = createListening({
      server: {
        listen: async () => {
          if (port !== undefined) throw new Error('listens already');
          port = 7;
          return ok({ port });
        },
        port: () => port,
        close: async () => undefined,
      },
      config: {
        get: () => ({ port: 0 }) as Config,
        set: async () => {
          if (isFull) throw new Error('no space left on device');
        },
        subscribe: () => () => undefined,
        putAside: async () => undefined,
      },
      host: '::',
      before: async () => void asked.push(port),
      onBegun: () => begun.push(7),
      logger: quietLogger,
    });
    await expect(listening.begin()).rejects.toThrow('no space left');
    isFull = false;
    expect(await listening.begin()).toEqual({ ok: true, value: { port: 7 } });
    expect(begun).toEqual([7]);
    // The system is asked before anybody could get in, and not when it listens already.
    expect(asked).toEqual([undefined]);
  });

  it('lets go of its port where the start fails after it', async () => {
    const port = await freePort();
    const broken: ShellFacts = {
      ...headlessShell(process.platform),
      subscribe: () => {
        throw new Error('the last step fails');
      },
    };
    await expect(startHome('Ben', place.folder, { port, shell: broken })).rejects.toThrow(
      'last step',
    );
    open.push(await startHome('Ben', place.folder, { port }));
  });

  it('begins nothing after it was closed, however late the answer comes', async () => {
    const answer = Promise.withResolvers<void>();
    let begun = 0;
    const listening = createListening({
      server: {
        listen: async () => {
          begun += 1;
          return ok({ port: 7 });
        },
        port: () => undefined,
        close: async () => undefined,
      },
      config: {
        get: () => ({ port: 7 }) as Config,
        set: async () => undefined,
        subscribe: () => () => undefined,
        putAside: async () => undefined,
      },
      host: '::',
      before: async () => ({ answered: answer.promise }),
      onBegun: () => undefined,
      logger: quietLogger,
    });
    expect(await listening.beginAtStart()).toBeUndefined();
    const asked = listening.begin();
    listening.close();
    answer.resolve();
    expect(await asked).toMatchObject({ ok: false, fault: { code: 'not-running' } });
    expect(begun).toBe(0);
  });

  it('does not hold the start while a person is asked, and listens after the answer', async () => {
    const answer = Promise.withResolvers<void>();
    const ben = await startHome('Ben', place.folder, {
      beforeListening: async () => ({ answered: answer.promise }),
    });
    open.push(ben);
    expect(await portOf(ben)).toBeNull();
    answer.resolve();
    const { port } = await ben.call('listening.begin');
    expect(await portOf(ben)).toBe(port);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
