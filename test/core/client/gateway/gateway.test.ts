import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { IncomingMessage } from 'node:http';
import { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createGateway, type Gateway } from '../../../../electron/core/client/gateway/gateway.ts';
import { gatewayCommands } from '../../../../electron/core/client/gateway/gateway-commands.ts';
import { ok } from '../../../../shared/result.ts';
import { scratch, until } from '../../../fakes/homes.ts';
import { silent } from '../../../fakes/silent-logger.ts';
import { testPlotId } from '../../../fakes/test-ledger.ts';

const HOUR_MS = 3_600_000;
let place: Awaited<ReturnType<typeof scratch>>;
let gateway: Gateway;
const time = { nowMs: 0 };
const clock = { monotonicMs: () => time.nowMs };
const plot = testPlotId(1);

beforeEach(async () => {
  place = await scratch();
  gateway = createGateway({ folder: place.folder, clock, logger: silent });
});
afterEach(async () => {
  await gateway.close();
  await place.remove();
});

/** A friend's device that says 200, or nothing for as long as it is asked. */
function remote(more: { password?: string; readOnly?: boolean; hangs?: boolean } = {}) {
  const asked: string[] = [];
  return {
    asked,
    plot,
    readOnly: more.readOnly ?? false,
    password: more.password,
    stream: async ({ method, path }: { method: string; path: string }) => {
      asked.push(`${method} ${path}`);
      const said = new IncomingMessage(new Socket());
      said.statusCode = 200;
      if (more.hangs !== true) said.push(null);
      else said.push('the beginning');
      return ok(said);
    },
    grow: async () => false,
  };
}

const statusOf = (url: string, init?: RequestInit) =>
  fetch(url, init).then(
    ({ status }) => status,
    () => 'nobody',
  );

describe('a use of the gateway', () => {
  test('is one of its own each time it is opened, and all of a plot’s end together', async () => {
    const there = remote();
    const [one, two] = [await gateway.open(there), await gateway.open(there)];
    expect(one.url).not.toBe(two.url);
    expect(await statusOf(`${one.url}config`)).toBe(200);
    expect(await statusOf(`${two.url}config`)).toBe(200);
    expect(there.asked).toEqual(Array(2).fill(`GET /v1/plots/${plot}/repository/config`));
    expect(await gateway.end(plot)).toBe(true);
    expect(await gateway.end(plot)).toBe(false);
    expect(await statusOf(`${one.url}config`)).toBe(403);
    expect(await statusOf(`${two.url}config`)).toBe(403);
  });

  test('is there again when the system would not listen once, or no longer', async () => {
    const servers: Server[] = [];
    const listen = vi.spyOn(Server.prototype, 'listen').mockImplementationOnce(function (
      this: Server,
    ) {
      servers.push(this);
      process.nextTick(() => this.emit('error', new Error('EMFILE')));
      return this;
    });
    await expect(gateway.open(remote())).rejects.toThrow('EMFILE');
    listen.mockRestore();
    const { url } = await gateway.open(remote());
    expect(await statusOf(`${url}config`)).toBe(200);
    for (const again of [1, 2]) servers[0]?.emit('error', new Error(`ENETDOWN ${again}`));
    expect(await statusOf(`${(await gateway.open(remote())).url}config`)).toBe(200);
  });

  test('is over when nobody used it for twelve hours', async () => {
    const { url } = await gateway.open(remote());
    time.nowMs += 11 * HOUR_MS;
    expect(await statusOf(`${url}config`)).toBe(200);
    time.nowMs += 11 * HOUR_MS;
    expect(await statusOf(`${url}config`)).toBe(200);
    time.nowMs += 12 * HOUR_MS;
    expect(await statusOf(`${url}config`)).toBe(403);
  });

  test('that is ended breaks off what is under way', async () => {
    const { url } = await gateway.open(remote({ hangs: true }));
    const answer = await fetch(`${url}config`);
    const body = answer.text().then(
      () => 'whole',
      () => 'broken off',
    );
    await gateway.end(plot);
    expect(await body).toBe('broken off');
  });

  test('has its password in a file of its own, as long as it is open', async () => {
    const folder = join(place.folder, 'gateway');
    const { passwordFile = '', url } = await gateway.open(remote({ password: 'secret' }));
    expect(readFileSync(passwordFile, 'utf8')).toBe('secret');
    expect(passwordFile).not.toContain(new URL(url).pathname.replaceAll('/', ''));
    if (process.platform !== 'win32') {
      expect(statSync(passwordFile).mode & 0o777).toBe(0o600);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    }
    await gateway.end(plot);
    expect(existsSync(passwordFile)).toBe(false);
    await gateway.open(remote({ password: 'secret' }));
    await gateway.close();
    expect(readdirSync(folder)).toEqual([]);
    expect((await gateway.open(remote())).passwordFile).toBeUndefined();
  });

  test('is seen while something is asked of it and for a minute after, so that nothing ends in the middle of it', async () => {
    expect(gateway.isInUse()).toBe(false);
    const hanging = remote({ hangs: true });
    const { url } = await gateway.open(hanging);
    time.nowMs += 2 * HOUR_MS;
    expect(gateway.isInUse()).toBe(false);
    const leaving = new AbortController();
    const call = fetch(`${url}config`, { signal: leaving.signal });
    await until(() => (hanging.asked.length > 0 ? true : undefined));
    time.nowMs += HOUR_MS;
    expect(gateway.isInUse()).toBe(true);
    leaving.abort();
    await call
      .then(
        ({ body }) => body?.cancel(),
        () => undefined,
      )
      .catch(() => undefined);
    time.nowMs += 59_000;
    expect(gateway.isInUse()).toBe(true);
    await until(() => {
      time.nowMs += 60_001;
      return gateway.isInUse() ? undefined : true;
    });
  });

  test('finds no password of a run that was killed', async () => {
    const left = join(place.folder, 'gateway', 'left');
    mkdirSync(join(left, '..'), { recursive: true });
    writeFileSync(left, 'secret');
    const next = createGateway({ folder: place.folder, clock, logger: silent });
    await until(() => (existsSync(left) ? undefined : true));
    await next.close();
  });

  test('of a backup set’s plot can only look, with the locks that takes', async () => {
    const there = remote({ readOnly: true });
    const { url } = await gateway.open(there);
    const name = 'a'.repeat(64);
    expect(await statusOf(`${url}snapshots/${name}`, { method: 'DELETE' })).toBe(403);
    expect(await statusOf(`${url}data/${name}`, { method: 'POST', body: 'x' })).toBe(403);
    expect(await statusOf(`${url}locks/${name}`, { method: 'POST', body: 'x' })).toBe(200);
    expect(await statusOf(`${url}locks/${name}`, { method: 'DELETE' })).toBe(200);
    expect(there.asked).toHaveLength(2);
  });
});

describe('what is ready to copy', () => {
  const common = { url: 'http://127.0.0.1:1/token/', readOnly: false, isEmpty: false } as const;

  test('sets what restic needs and asks for nothing that a set’s plot refuses', () => {
    const own = gatewayCommands({ ...common, passwordFile: undefined, platform: 'linux' });
    expect(own.map(({ what }) => what)).toEqual([
      'environment',
      'snapshots',
      'backup',
      'restore',
      'check',
    ]);
    expect(own[0]?.command).toBe("export RESTIC_REPOSITORY='rest:http://127.0.0.1:1/token/'");
    const empty = gatewayCommands({
      ...common,
      isEmpty: true,
      passwordFile: undefined,
      platform: 'linux',
    });
    expect(empty[2]?.command).toMatch(/^restic init\nrestic backup /);
    const set = gatewayCommands({
      ...common,
      readOnly: true,
      passwordFile: '/home/ana/x',
      platform: 'darwin',
    });
    expect(set.map(({ what }) => what)).not.toContain('backup');
    expect(set[0]?.command).toContain("export RESTIC_PASSWORD_FILE='/home/ana/x'");
  });

  test.skipIf(process.platform === 'win32')(
    'means in a shell what it says, whatever the home is called',
    () => {
      const passwordFile = `/home/an'a $(touch /tmp/never) "\`&;\n/x`;
      const [environment] = gatewayCommands({ ...common, passwordFile, platform: 'linux' });
      const script = `${environment?.command}\nprintf %s "$RESTIC_PASSWORD_FILE"`;
      expect(execFileSync('sh', ['-c', script]).toString()).toBe(passwordFile);
    },
  );

  test('is quoted for PowerShell where that is the shell', () => {
    const [environment] = gatewayCommands({
      ...common,
      passwordFile: 'C:\\Users\\O\u2019Neil\\x',
      platform: 'win32',
    });
    expect(environment?.command).toContain(
      "$env:RESTIC_PASSWORD_FILE = 'C:\\Users\\O\u2019\u2019Neil\\x'",
    );
  });
});

test('a password that can’t be taken off the disk keeps no use open, nor the gateway', async () => {
  const { url, passwordFile = '' } = await gateway.open(remote({ password: 'secret' }));
  rmSync(passwordFile);
  mkdirSync(passwordFile);
  await gateway.close();
  expect(await statusOf(url)).toBe('nobody');
});
