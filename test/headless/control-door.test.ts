import { mkdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { socketFor } from '../../electron/headless/control-protocol.ts';
import { startControlServer } from '../../electron/headless/control-server.ts';
import type { Api } from '../../shared/contract/api.ts';
import { scratch } from '../fakes/homes.ts';

/** The command line's door where the home takes no file any more, as on a full disk. */
let place: Awaited<ReturnType<typeof scratch>>;

beforeEach(async () => {
  place = await scratch();
});
afterEach(() => place.remove());

test.skipIf(process.platform === 'win32')(
  'a door that can’t be written down is shut again, so that it keeps no program from ending',
  async () => {
    const home = place.folder;
    await mkdir(join(home, 'control.json'));
    const api = {} as Api;
    await expect(startControlServer({ home, api, webLink: () => null })).rejects.toThrow('EISDIR');
    expect(await whoListens(home)).toBe('nobody');
  },
);

test.skipIf(process.platform === 'win32')(
  'a file of the door’s that can’t be taken off the disk keeps it no longer open',
  async () => {
    const home = place.folder;
    const door = await startControlServer({ home, api: {} as Api, webLink: () => null });
    await rm(join(home, 'control.json'));
    await mkdir(join(home, 'control.json'));
    await door.close();
    expect(await whoListens(home)).toBe('nobody');
  },
);

async function whoListens(home: string): Promise<unknown> {
  const socket = connect(await socketFor(home));
  const answer = await new Promise((resolve) => {
    socket.once('connect', () => resolve('somebody listens'));
    socket.once('error', () => resolve('nobody'));
  });
  socket.destroy();
  return answer;
}
