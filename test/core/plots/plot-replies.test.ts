import { once } from 'node:events';
import { open, writeFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sendBody } from '../../../electron/core/plots/plot-replies.ts';
import { scratch, until } from '../../fakes/homes.ts';

test('a file is closed also where its reader went away before the first byte', async () => {
  const place = await scratch();
  const path = join(place.folder, 'object');
  await writeFile(path, Buffer.alloc(1_000_000));
  const file = await open(path, 'r');
  const sent = Promise.withResolvers<void>();
  const server = createServer((_request, response) => {
    // As late as a slow disk would make it.
    void once(response, 'close').then(async () => {
      await sendBody(file.createReadStream(), response);
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
