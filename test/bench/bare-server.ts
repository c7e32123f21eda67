import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';

/** The yardstick: the least a Node server can do for a verified, durable upload. `KEYS FOLDER` */
const [keyFile = '', folder = ''] = process.argv.slice(2);
const { keyPem, certificatePem } = JSON.parse(await readFile(keyFile, 'utf8')) as Record<
  string,
  string
>;
const server = createServer(
  { key: keyPem ?? '', cert: certificatePem ?? '' },
  (request, response) => {
    const file = join(folder, (request.url ?? '').slice(-64));
    if (request.method === 'GET') {
      createReadStream(file, { highWaterMark: 512 * 1024 }).pipe(response);
      return;
    }
    void (async () => {
      const hash = createHash('sha256');
      const temporary = join(folder, randomBytes(8).toString('hex'));
      const handle = await open(temporary, 'w');
      for await (const chunk of request as AsyncIterable<Buffer>) {
        hash.update(chunk);
        await handle.write(chunk);
      }
      await handle.datasync();
      await handle.close();
      await rename(temporary, file);
      response.end(hash.digest('hex'));
    })();
  },
);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
