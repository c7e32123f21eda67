import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startCore } from '../../electron/core/start-core.ts';
import { createTranslator } from '../../electron/headless/translator.ts';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';
import { silentAir } from '../fakes/air.ts';

/** The disk with a host's books is full (a real one, of a few megabytes in memory); the one with his friends' data is not. */
const MIB = 1024 * 1024;
let place: Awaited<ReturnType<typeof scratch>>;
let small: string;
let ben: TestHome;
let ana: TestHome;
let keys: Awaited<ReturnType<typeof keysOf>>;
let plot: string;

const canMount =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore' })
    .status === 0;

beforeEach(async () => {
  if (!canMount) return;
  place = await scratch();
  small = join(place.folder, 'small');
  mkdirSync(join(small), { recursive: true });
  mkdirSync(join(place.folder, 'spare'));
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'none', small]);
  ben = await startHome('Ben', small);
  ana = await startHome('Ana', place.folder);
  await pair(ana, ben);
  await offer(ben, join(place.folder, 'spare'));
  keys = await keysOf(ana, 'Ana');
  const ask = { friend: 'Ben', size: '1000000000', durationS: 86_400 };
  const granted = await ana.call('allocations.ask', ask);
  plot = granted.type === 'granted' ? granted.plot : '';
});
afterEach(async () => {
  if (!canMount) return;
  await Promise.all([ben.close(), ana.close()]);
  spawnSync('umount', ['-l', small]);
  await place.remove();
});

/** Until not a byte goes in any more, and the log of the database has no page to spare either. */
function fill(): void {
  for (const size of [MIB, 4096, 1])
    for (let number = 0; number < 100_000; number += 1)
      try {
        writeFileSync(join(small, `filler ${size} ${number}`), Buffer.alloc(size));
      } catch {
        break;
      }
}

function makeRoom(): void {
  for (const name of readdirSync(small)) if (name.startsWith('filler')) rmSync(join(small, name));
}

function upload(bytes: Buffer) {
  const name = createHash('sha256').update(bytes).digest('hex');
  return send(ben, keys, { path: `/v1/plots/${plot}/repository/data/${name}`, body: bytes });
}

function ask() {
  const requestId = randomBytes(16).toString('base64url');
  const body = { v: 1, requestId, size: '1000', duration: { want: 3600 }, why: [] };
  return send(ben, keys, { path: '/v1/allocations', body: JSON.stringify(body) });
}

describe.skipIf(!canMount)('a host whose books have no room', () => {
  test('says so, promises nothing, loses nothing, and goes on by himself when there is room', async () => {
    const t = await createTranslator();
    const kept: Buffer[] = [];
    const granted: string[] = [];
    fill();
    // The log has pages that it uses again; then there is none.
    const refused = await until(async () => {
      const bytes = randomBytes(1000);
      const answer = await upload(bytes);
      if (answer.status !== 200) return answer;
      kept.push(bytes);
      fill();
      return undefined;
    });
    expect(refused).toMatchObject({ status: 507, code: 'disk-full' });
    const denied = await until(async () => {
      const answer = await ask();
      const { plot: given } = JSON.parse(answer.body.toString()) as { plot?: string };
      if (answer.status !== 200) return answer;
      granted.push(given ?? '');
      fill();
      return undefined;
    });
    expect(denied.status).toBe(503);
    expect(denied.body.toString()).toContain('books-unwritable');
    expect(t('denial.books-unwritable')).toContain('disk is full');
    // Its owner hears it too, and which folder it is.
    const wish = {
      folder: join(place.folder, 'spare'),
      offerBytes: '30000000000',
      keepFreeBytes: '0',
    };
    expect(
      await until(async () => {
        const code = await ben.fault('offer.set', wish);
        fill();
        return code === 'none' ? undefined : code;
      }),
    ).toBe('disk-full');
    fill();
    expect(await ben.fault('settings.set', { name: 'Benjamin' })).toBe('disk-full');
    // What was acknowledged is there and is read.
    for (const bytes of kept) {
      const name = createHash('sha256').update(bytes).digest('hex');
      const read = await send(ben, keys, { path: `/v1/plots/${plot}/repository/data/${name}` });
      expect(read.body).toEqual(bytes);
    }
    makeRoom();
    const late = randomBytes(1000);
    expect((await upload(late)).status).toBe(200);
    kept.push(late);
    expect((await ask()).status).toBe(200);
    expect(await ben.fault('offer.set', wish)).toBe('none');
    await ben.core.chores();
    await ben.core.chores();
    const [row] = (await ben.call('plots.hosted')).filter((each) => each.plot === plot);
    const folder = join(place.folder, 'spare', 'allotment', 'plots', plot);
    const incoming = join(folder, 'incoming');
    expect(existsSync(incoming) ? readdirSync(incoming) : []).toEqual([]);
    const data = join(folder, 'repository', 'data');
    const files = readdirSync(data).flatMap((part) => readdirSync(join(data, part)));
    expect(Number(row?.writtenBytes)).toBe(1000 * files.length);
    const hosted = (await ben.call('plots.hosted')).map((each) => each.plot);
    for (const each of granted) expect(hosted).toContain(each);
  }, 240_000);

  test('begins also then, gives back what lies there, and says why not where it can’t', async () => {
    const bytes = randomBytes(1000);
    expect((await upload(bytes)).status).toBe(200);
    const name = createHash('sha256').update(bytes).digest('hex');
    const { port } = ben.core.info();
    await ben.close();
    const home = join(small, 'home of Ben');
    const ballast = join(home, 'ballast');
    const logLevel = 'silent';
    const host = '127.0.0.1';
    const start = () =>
      startCore({ home, version: 'test', port, host, logLevel, ports: silentAir() });
    // What it has let go of is there again for the next time.
    for (const round of ['first', 'second']) {
      fill();
      expect(existsSync(ballast), round).toBe(true);
      const started = await start();
      expect(started, round).toMatchObject({ ok: true });
      const read = await send(ben, keys, { path: `/v1/plots/${plot}/repository/data/${name}` });
      expect(read.body, round).toEqual(bytes);
      if (started.ok) await started.value.close();
    }
    rmSync(ballast);
    fill();
    expect(await start()).toMatchObject({ ok: false, fault: { code: 'disk-full' } });
    makeRoom();
    ben = await startHome('Ben', small, { port });
    const read = await send(ben, keys, { path: `/v1/plots/${plot}/repository/data/${name}` });
    expect(read.body).toEqual(bytes);
    expect(existsSync(ballast)).toBe(true);
  }, 120_000);
});

describe.runIf(!canMount)('without the right to mount', () => {
  test('SKIPPED: a disk that is really full needs Linux and root', () => {
    process.stderr.write(
      'SKIPPED: books on a full disk. It needs Linux and root, for a small disk.\n',
    );
    expect(canMount).toBe(false);
  });
});
