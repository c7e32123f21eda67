import { writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ControlClient, connectControl } from '../../electron/headless/control-client.ts';
import { socketFor } from '../../electron/headless/control-protocol.ts';
import { scratch, until } from '../fakes/homes.ts';

/** A program that is killed while the command line waits for a job of it. */
let place: Awaited<ReturnType<typeof scratch>>;
let server: Server;
let theirs: Socket | undefined;
let client: ControlClient;

beforeEach(async () => {
  place = await scratch();
  const socket = await socketFor(place.folder);
  server = createServer((came) => {
    theirs = came;
    came.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve);
  });
  const paper = JSON.stringify({ secret: 's'.repeat(20), socket });
  await writeFile(join(place.folder, 'control.json'), paper);
  const connected = await connectControl(place.folder);
  if (!connected.ok) throw new Error(connected.fault.code);
  client = connected.value;
  await until(async () => theirs);
});
afterEach(async () => {
  client.close();
  server.close();
  await place.remove();
});

const notRunning = { ok: false, fault: { code: 'not-running' } };

test('a question that waits when it ends is answered', async () => {
  const asked = client.call('status.get', {});
  theirs?.destroy();
  expect(await asked).toMatchObject(notRunning);
});

test('so is one that is asked after its end', async () => {
  const first = client.call('status.get', {});
  theirs?.destroy();
  await first;
  expect(await client.call('status.get', {})).toMatchObject(notRunning);
  expect(await client.webLink()).toMatchObject(notRunning);
});

/** As JSON leaves it: a line feed is written as two letters there, and these two are not. */
const SEPARATORS = 'before \u2028 after \u2029 end';

test('what others wrote ends no line of the answer', async () => {
  const asked = client.call('settings.get', {});
  const name = SEPARATORS;
  const line = Buffer.from(`${JSON.stringify({ id: 1, result: { ok: true, value: { name } } })}\n`);
  // In two pieces, of which the first ends within a letter.
  const within = line.indexOf('\u2028') + 1;
  theirs?.write(line.subarray(0, within));
  await until(async () => theirs?.writableLength === 0);
  theirs?.write(line.subarray(within));
  expect(await asked).toEqual({ ok: true, value: { name } });
});

test('an answer that is cut off in its middle is none', async () => {
  const asked = client.call('status.get', {});
  theirs?.end('{"id":1,"result":{"ok":tr');
  expect(await asked).toMatchObject(notRunning);
});
