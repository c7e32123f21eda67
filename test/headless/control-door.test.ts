import { chmod, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectControl } from '../../electron/headless/control-client.ts';
import {
  CONTROL_FILE,
  CONTROL_LINE_BYTES_MAX,
  controlFile,
  socketFor,
} from '../../electron/headless/control-protocol.ts';
import { startControlServer } from '../../electron/headless/control-server.ts';
import type { Api } from '../../shared/contract/api.ts';
import type { SettingsView } from '../../shared/contract/views.ts';
import { ok } from '../../shared/result.ts';
import { scratch, until } from '../fakes/homes.ts';

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

describe('what is asked', () => {
  const settings = (name: string) => ({ name }) as unknown as SettingsView;
  const api = {
    'settings.set': async ({ name = '' }) => ok(settings(name)),
  } satisfies Partial<Api> as unknown as Api;

  test.each(['a\u2028b', 'two\u2029 and \u2028 one'])(
    'is one line, also with %j in it',
    async (name) => {
      const door = await startControlServer({ home: place.folder, api, webLink: () => null });
      const client = await connectControl(place.folder);
      if (!client.ok) throw new Error(client.fault.code);
      const [one, other] = await Promise.all([
        client.value.call('settings.set', { name: `x${name}` }),
        client.value.call('settings.set', { name: 'plain' }),
      ]);
      client.value.close();
      await door.close();
      expect([one, other]).toEqual([ok({ name: `x${name}` }), ok({ name: 'plain' })]);
    },
  );

  test('and no longer than a call may be: the door shuts before it is kept', async () => {
    const door = await startControlServer({ home: place.folder, api, webLink: () => null });
    const socket = connect(await socketOf(place.folder));
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
    // With an end of a line in front, which begins a new count and not a new allowance for all that follows.
    socket.write(`\n${'x'.repeat(CONTROL_LINE_BYTES_MAX + 2)}`);
    await closed;
    await door.close();
  });
});

describe.skipIf(process.platform === 'win32')('a socket that the system has tidied away', () => {
  const api = {
    'settings.get': async () => ok({ name: 'Ben' }),
  } as unknown as Api;
  const ben = ok({ name: 'Ben' });

  test('lies there again soon, and who was in stays', async () => {
    const home = place.folder;
    const door = await startControlServer({ home, api, webLink: () => null, lookMs: 10 });
    const before = await connectControl(home);
    if (!before.ok) throw new Error(before.fault.code);
    await rm(await socketOf(home));
    const after = await until(async () => {
      const connected = await connectControl(home);
      return connected.ok ? connected.value : undefined;
    });
    expect(await after.call('settings.get', {})).toEqual(ben);
    expect(await before.value.call('settings.get', {})).toEqual(ben);
    await door.close();
    expect(await before.value.call('settings.get', {})).toMatchObject({ ok: false });
    expect(await connectControl(home)).toMatchObject({ fault: { code: 'not-running' } });
  });
});

async function socketOf(home: string): Promise<string> {
  return controlFile.parse(JSON.parse(await readFile(join(home, CONTROL_FILE), 'utf8'))).socket;
}

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

  test('is the system’s where that is ours, and else the one of before', async () => {
    const runtime = join(place.folder, 'run');
    await mkdir(runtime, { mode: 0o700 });
    process.env['XDG_RUNTIME_DIR'] = runtime;
    expect(dirname(await socketFor('/home'))).toBe(join(runtime, 'allotment'));
    // Somebody with more rights has run the program there.
    await chmod(join(runtime, 'allotment'), 0o755);
    const temporary = join(place.folder, `allotment-${process.getuid?.()}`, 'allotment');
    expect(dirname(await socketFor('/home'))).toBe(temporary);
    // After a logout.
    await rm(runtime, { recursive: true });
    expect(dirname(await socketFor('/home'))).toBe(temporary);
    await expect(stat(runtime)).rejects.toThrow('ENOENT');
  });
});
