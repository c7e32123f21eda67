import { once } from 'node:events';
import { open, writeFile } from 'node:fs/promises';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { sendBody } from '../../../electron/core/plots/plot-replies.ts';
import type { PlotStore } from '../../../electron/core/plots/plot-store.ts';
import { createReaders } from '../../../electron/core/plots/readers.ts';
import { createRepositoryHandler } from '../../../electron/core/plots/repository-handler.ts';
import { carrying, fault } from '../../../shared/fault.ts';
import { ok } from '../../../shared/result.ts';
import { scratch, until } from '../../fakes/homes.ts';
import { testOwnerId, testPlotId } from '../../fakes/test-ledger.ts';

const WHOLE = { status: 200, headers: { 'content-length': '1000000' } };

test('a file is closed also where its reader went away before the first byte', async () => {
  const place = await scratch();
  const path = join(place.folder, 'object');
  await writeFile(path, Buffer.alloc(1_000_000));
  const file = await open(path, 'r');
  const sent = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    // As late as a slow disk would make it.
    void once(response, 'close').then(async () => {
      await sendBody(file.createReadStream(), { request, response }, WHOLE);
      sent.resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  request.on('error', () => undefined);
  await once(server, 'request');
  request.destroy();
  await sent.promise;
  expect(await until(() => (file.fd === -1 ? true : undefined))).toBe(true);
  server.close();
  await place.remove();
});

describe('a disk that fails', () => {
  const eio = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });

  /** What comes of a million bytes of which these can be read. */
  async function answer(body: Readable): Promise<{ status: number; said: string | undefined }> {
    const server = createServer((request, response) => {
      void sendBody(body, { request, response }, WHOLE);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
    try {
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      const said = await text(response).catch(() => undefined);
      return { status: response.statusCode ?? 0, said };
    } finally {
      request.destroy();
      server.close();
    }
  }

  test('before the first byte says so, as where the file could not be opened', async () => {
    const failing = new Readable({ read: (): void => void failing.destroy(eio) });
    const { status, said } = await answer(failing);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(JSON.parse(said ?? '')).toEqual({ code: 'disk-failed', params: { error: 'EIO' } });
  });

  test('after some bytes cuts the line', async () => {
    async function* some() {
      yield Buffer.alloc(70_000);
      throw eio;
    }
    expect(await answer(Readable.from(some(), { objectMode: false }))).toEqual({
      status: 200,
      said: undefined,
    });
  });

  test('and has lost the end of a file lets nobody wait for it', async () => {
    const shorter = Readable.from([Buffer.alloc(70_000)], { objectMode: false });
    expect(await answer(shorter)).toEqual({ status: 200, said: undefined });
    const empty = await answer(Readable.from([], { objectMode: false }));
    expect(JSON.parse(empty.said ?? '')).toMatchObject({ code: 'disk-failed' });
  });
});

test('a list that the books break off in the middle is cut, and nobody waits for its end', async () => {
  const heard = Promise.withResolvers<void>();
  const store = {
    list: async () => {
      async function* pages() {
        yield [{ name: 'ab'.repeat(32), sizeBytes: 1n }];
        await heard.promise;
        throw carrying(new Error('SQLITE_IOERR'), fault('disk-full', { folder: '/' }));
      }
      return ok(pages());
    },
  } as unknown as PlotStore;
  const serve = createRepositoryHandler(
    store,
    createReaders(() => undefined),
  );
  const target = { owner: testOwnerId(1), plot: testPlotId(1), readOnly: false };
  const server = createServer((request, response) => {
    const call = { ...target, part: 'repository', path: '/data/' } as const;
    serve({ request, response }, call).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  heard.resolve();
  await expect(text(response)).rejects.toThrow('aborted');
  server.close();
});
