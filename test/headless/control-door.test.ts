import { chmod, mkdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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

describe.skipIf(process.platform === 'win32')('the folder of its socket', () => {
  const before = { ...process.env };
  beforeEach(() => {
    process.env['TMPDIR'] = place.folder;
  });
  afterEach(() => {
    for (const name of ['TMPDIR', 'XDG_RUNTIME_DIR'])
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
  });

  test.each([undefined, '', 'run'])(
    'is this user’s alone where the system names none (%s), and so is the one above it',
    async (given) => {
      delete process.env['XDG_RUNTIME_DIR'];
      if (given !== undefined) process.env['XDG_RUNTIME_DIR'] = given;
      const above = join(place.folder, `allotment-${process.getuid?.()}`);
      expect(dirname(dirname(await socketFor('/home')))).toBe(above);
      // Somebody else has made it, and could put another socket in the place of ours.
      await chmod(above, 0o777);
      await expect(socketFor('/home')).rejects.toThrow('does not belong to this user alone');
    },
  );
});
