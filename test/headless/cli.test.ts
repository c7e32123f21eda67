import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { serve } from '../../electron/headless/serve.ts';
import { createAir, link, loopbackLink } from '../fakes/air.ts';
import { bundle } from '../fakes/bundle.ts';
import {
  asTestHome,
  pair,
  scratch,
  startHome,
  startNear,
  type TestHome,
  until,
} from '../fakes/homes.ts';

const CLI = fileURLToPath(new URL('../../electron/headless/cli.ts', import.meta.url));

type Ended = { readonly code: number; readonly out: string; readonly err: string };

let place: Awaited<ReturnType<typeof scratch>>;
let served: Extract<Awaited<ReturnType<typeof serve>>, { ok: true }>['value'];
let ana: TestHome;
let home: string;
let bundled: string;

function cli(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bundled, ...args], (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
    });
  });
}

/** Ben's networks: one at which others are, and one that nobody else is on. */
const air = createAir();
const bens = air.host({ source: '127.0.0.1' });

const at = (...args: readonly string[]) => cli(...args, '--home', home);

beforeAll(async () => {
  place = await scratch();
  bundled = await bundle(CLI);
  home = join(place.folder, 'ben');
  bens.plug('home', loopbackLink());
  bens.plug('office', link('tun0', ['10.8.0.3/24'], { kind: 'vpn', router: undefined }));
  const { networks, multicast } = bens;
  const ports = { networks, multicast };
  const started = await serve({ home, name: 'Ben', port: 0, host: '127.0.0.1', ports });
  if (!started.ok) throw new Error(JSON.stringify(started.fault));
  served = started.value;
  ana = await startHome('Ana', place.folder);
  await pair(ana, asTestHome(served.core, place.folder));
  await mkdir(join(place.folder, 'spare'));
});
afterAll(async () => {
  await ana.close();
  await served.close();
  await place.remove();
});

describe('the command line', () => {
  test('the control socket is for this user alone', async () => {
    const control = JSON.parse(await readFile(join(home, 'control.json'), 'utf8')) as {
      socket: string;
    };
    expect((await stat(join(home, 'control.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(control.socket)).mode & 0o777).toBe(0o600);
    expect((await stat(join(control.socket, '..'))).mode & 0o777).toBe(0o700);
  });

  test('a command line that is killed while it is answered does the program no harm', async () => {
    const control = JSON.parse(await readFile(join(home, 'control.json'), 'utf8')) as {
      secret: string;
      socket: string;
    };
    const socket = connect(control.socket);
    const call = { id: 1, secret: control.secret, channel: 'status.get', args: {} };
    // Many answers that nobody reads: the end of this side is then an error on the other.
    socket.write(`${JSON.stringify(call)}\n`.repeat(200));
    await once(socket, 'readable');
    socket.destroy();
    expect((await at('status')).code).toBe(0);
  });

  test('pauses, changes settings, and tells what needs the owner', async () => {
    expect((await at('pause', 'hour')).out).toContain('Sharing is paused until');
    expect(JSON.parse((await at('pause', 'off', '--json')).out)).toEqual({ untilMs: null });
    expect((await at('pause', 'for ever')).code).toBe(2);
    const set = await at('settings', 'set', 'units=binary', 'keepAwake=true', '--json');
    for (const word of ['on', 'off'])
      expect((await at('settings', 'set', `barter=${word}`)).out).toMatch(
        new RegExp(`barter\\s+${word}`),
      );
    expect((await at('settings', 'set', 'barter=maybe')).err).toContain('barter is on or off');
    expect((await at('settings', 'set', 'bartr=on')).err).toContain('no setting “bartr”');
    const limits = ['uploadBytesPerS=2MB', 'limitsOnly=22:00-06:00'];
    const limited = (await at('settings', 'set', ...limits)).out;
    // What was set, as it can be typed again, and nothing else.
    const [, , ...rows] = limited.trimEnd().split('\n');
    expect(rows.map((row) => row.split(/\s+/))).toEqual([
      ['uploadBytesPerS', '2000000B'],
      ['limitsOnly', '22:00-06:00'],
    ]);
    const free = await at('settings', 'set', 'uploadBytesPerS=none', 'limitsOnly=none');
    expect(free.out).toMatch(/limitsOnly\s+none/);
    expect((await at('settings', 'set', 'uploadBytesPerS=fast')).err).toContain('like 2MB');
    expect(JSON.parse(set.out)).toMatchObject({ units: 'binary', keepAwake: true, name: 'Ben' });
    const wrong = await at('settings', 'set', 'units=furlongs');
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('units')]);
    const all = (await at('settings')).out;
    expect(all).toMatch(/units\s+binary/);
    expect(all).not.toContain('trayHintShown');
    // The core looks at most every few seconds whether there is something to tell.
    const waits = await until(async () => {
      const notices = JSON.parse((await at('notices', '--json')).out) as { id: string }[];
      return notices.find(({ id }) => id.includes('friend-waits'));
    });
    expect((await at('notices')).out).toContain('How much space for Ana?');
    expect((await at('notices', 'dismiss', waits.id)).out).toContain('Put away.');
    expect((await at('notices')).out).not.toContain('How much space for Ana?');
    expect((await at('notices', 'dismiss', 'nobody')).out).toContain('no such notice');
  });

  test('tells the networks, and calls them home or away', async () => {
    // A network without a router is only taken for one when it has been there for a moment.
    const before = await until(async () => {
      const found = JSON.parse((await at('networks', '--json')).out) as { networks: unknown[] };
      return found.networks.length === 2 ? found : undefined;
    });
    expect(before).toEqual({
      announces: false,
      networks: [
        expect.objectContaining({ label: '127.0.0.0/8', interfaceName: 'eth0', home: null }),
        expect.objectContaining({ interfaceName: 'tun0', kind: 'vpn', home: null }),
      ],
    });
    expect((await at('networks', 'home', '127.0.0.0/8')).out).toMatch(/eth0 .* home\n/);
    expect((await at('networks', 'away', 'tun0')).out).toMatch(/VPN .*tun0 .* away\n/);
    expect((await at('networks')).out).toContain('announced on those that are home');
    expect((await at('invisible', 'on')).out).toContain('announced nowhere');
    expect(JSON.parse((await at('invisible', 'off', '--json')).out)).toMatchObject({
      visible: true,
    });
  });

  test('finds who is near by name, and says so if two are called alike', async () => {
    const ida = await startNear(air, 'Ida', place.folder);
    const near = (count: number) =>
      until(async () => {
        const found = JSON.parse((await at('nearby', '--json')).out) as { name: string }[];
        return found.length === count ? found : undefined;
      });
    expect(await near(1)).toMatchObject([{ name: 'Ida', network: '127.0.0.0/8' }]);
    expect((await at('nearby')).out).toMatch(/Ida +desktop/);
    const begun = JSON.parse((await at('pair', 'ida', '--json')).out) as { digits: string };
    expect(begun).toMatchObject({ name: 'Ida', state: 'comparing' });
    expect((await at('pair', 'reject', begun.digits)).code).toBe(0);
    expect((await at('pair')).out).toMatch(/Ida +you called .* ended by one of you/);
    // What is over stays in the list for a while, below what counts.
    expect((await at('pair', 'ida')).code).toBe(0);
    const again = (await at('pair')).out;
    expect(again).toMatch(/Ida .* compare the digits [^]*Ida .* ended by one of you/);
    const digits = /[0-9]{3} [0-9]{3}/.exec(again)?.[0].replace(' ', '') ?? '';
    expect((await at('pair', 'reject', digits)).code).toBe(0);
    const other = await startNear(air, 'Ida', join(place.folder, 'another'));
    await near(2);
    const ambiguous = await at('pair', 'Ida');
    expect(ambiguous.code).toBe(2);
    expect(ambiguous.err).toContain(other.address);
    await Promise.all([ida.close(), other.close()]);
    await near(0);
    expect((await at('nearby')).out).toContain('Nobody new is near');
  });

  test('says what is in the way, here and at an address', async () => {
    const { troubles } = JSON.parse((await at('troubles', '--json')).out) as {
      troubles: { id: string }[];
    };
    expect(troubles.map(({ id }) => id)).toContain('multicast');
    bens.refuse('eth0', 'EACCES');
    const words = (await at('troubles')).out;
    bens.refuse('eth0', undefined);
    expect(words).toMatch(/^in the way: The system does not let Allotment announce anything\.$/m);
    const [first] = (await at('troubles', ana.address)).out.split('\n');
    expect(first).toBe(`fine: Ana answers at ${ana.address}.`);
  });

  test('calls a friend at once, and keeps an address that was given', async () => {
    expect((await at('friends', 'try', 'Ana')).out).toBe(`Ana answers at ${ana.address}.\n`);
    expect((await at('friends')).out).toMatch(/Ana .* online/);
    const set = await at('friends', 'address', 'Ana', 'garden.example.org:24816', '--json');
    expect(JSON.parse(set.out)).toMatchObject({ givenAddress: 'garden.example.org:24816' });
    expect((await at('friends', 'address', 'Ana', 'none')).out).toContain('No address is kept');
  });

  test('offers space, shows it, sets a policy, tells decisions', async () => {
    const set = await at(
      'offer',
      'set',
      '--folder',
      join(place.folder, 'spare'),
      '--size',
      '20GB',
      '--keep-free',
      '1MB',
    );
    expect(set).toMatchObject({ code: 0 });
    expect(set.out).toContain('20 GB offered');
    expect((await at('policy', 'set', 'Ana', 'fair-share=2', '--max-size', '5GB')).code).toBe(0);
    const shown = JSON.parse((await at('policy', 'show', 'Ana', '--json')).out) as unknown;
    expect(shown).toMatchObject({
      own: true,
      policy: { guards: { maxSize: '5000000000' }, grounds: [{ kind: 'fair-share', weight: 2 }] },
    });
    const tried = await at('policy', 'try', 'Ana', '--size', '9GB', '--for', '1y', '--borrow');
    expect(tried.out).toMatch(/^No\.\n/);
    expect(tried.out).toContain('The reason: at most 5 GB are given at once.');
    expect(tried.out).toContain('  length of the lease: says no (leases run for at most 31 days.)');
    expect((await at('policy', 'try', 'Ana', '--size', 'much')).code).toBe(2);
    expect((await at('decisions')).out).not.toContain('9 GB');
    await ana.call('allocations.ask', { friend: 'Ben', size: '9000000000', durationS: 86_400 });
    const decisions = await at('decisions');
    expect(decisions.out).toContain('Ana asked for 9 GB for 24 hours');
    expect(JSON.parse((await at('friends', '--json')).out)).toMatchObject([
      { name: 'Ana', here: { weight: 2 } },
    ]);
    expect((await at('policy', 'set', 'Ana', 'fair-share=0.5')).code).toBe(0);
    expect((await at('friends')).out).toContain('× 0.5');
    expect((await at('status')).out).toContain('http://127.0.0.1:');
  });

  test.each([
    [['nonsense'], 2, 'bad-arguments'],
    [['ask', 'Ana', '--size', '0'], 2, 'bad-size'],
    [['ask', 'Ana', '--size', '-5GB'], 2, 'bad-arguments'],
    [['ask', 'Ana', '--size', '1.5'], 2, 'bad-size'],
    [['ask', 'Ana', '--size', '5'], 2, 'bad-size'],
    [['offer', 'set', '--folder', '/nowhere', '--size', '5'], 2, 'bad-size'],
    [['ask', 'Ana', '--size', '0x10'], 2, 'bad-size'],
    // A thousand to one and one to another.
    [['ask', 'Ana', '--size', '1.000GB'], 2, 'bad-size'],
    [['ask', 'Ana', '--size', ' '], 2, 'bad-size'],
    [['ask', 'Ana', '--size', '9223372036854775808'], 2, 'bad-size'],
    [['ask', 'Ana', '--size', '007'], 2, 'bad-size'],
    [['ask', 'Ana', '--size', '1GB', '--for', '0d'], 2, 'bad-duration'],
    [['ask', 'Ana', '--size', '1GB', '--for', '100y'], 2, 'bad-duration'],
    [['ask', 'Nobody', '--size', '1GB'], 3, 'friend-unknown'],
    [['offer', 'set', '--folder', '/nowhere', '--size', '1GB'], 6, 'folder-missing'],
    [['offer', 'set', '--size', '1GB'], 2, 'bad-arguments'],
    [['policy', 'set', 'Ana', 'whatever'], 2, 'bad-arguments'],
    [['policy', 'set', 'Ana', 'fair-share=0.3'], 2, 'bad-arguments'],
    [['pair', 'not an address'], 2, 'bad-arguments'],
    [['pair', '127.0.0.1:1'], 5, 'unreachable'],
    [['pair', 'confirm', '12'], 2, 'bad-code'],
    [['pair', 'confirm', '123456'], 3, 'pairing-unknown'],
    [['backup', 'run', 'none'], 3, 'set-unknown'],
    [['backup', 'create', 'a/b', '--folder', '/tmp', '--to', 'Ana'], 2, 'bad-arguments'],
    [['networks', 'home', 'nowhere'], 3, 'network-unknown'],
    [['invisible', 'perhaps'], 2, 'bad-arguments'],
    [['friends', 'try', 'Nobody'], 3, 'friend-unknown'],
    [['friends', 'address', 'Ana', 'two words'], 2, 'bad-address'],
    [['troubles', 'no address'], 2, 'bad-address'],
    [['settings', 'set', 'outsideAddress=nonsense'], 2, 'bad-address'],
    [['renew', 'aaaaaaaa'], 3, 'plot-unknown'],
    [['phrase', 'check', '1=a', '2=b', '3=c'], 2, 'bad-phrase'],
    [['status', '--unknown'], 2, 'bad-arguments'],
  ] as const)('%j ends with %d and %s', async (args, code, fault) => {
    const ended = await at(...args, '--json');
    const said = JSON.parse(ended.out) as { fault: { code: string; sentence: string } };
    expect({ code: ended.code, fault: said.fault.code }).toEqual({ code, fault });
    // A sentence, with every number in its place.
    expect(said.fault.sentence).toMatch(/[.!?]$/);
    expect(said.fault.sentence).not.toMatch(/\{\{|undefined/);
    const inWords = await at(...args);
    expect(inWords.err.trim()).toBe(said.fault.sentence);
  });

  test('a folder inside the store can not be backed up', async () => {
    const inside = join(place.folder, 'spare', 'allotment', 'plots');
    const ended = await at('backup', 'create', 'own', '--folder', inside, '--to', 'Ana', '--json');
    expect(JSON.parse(ended.out)).toMatchObject({ fault: { code: 'folder-inside-store' } });
  });

  test('without a running program it says how to start one', async () => {
    const ended = await cli('status', '--home', join(place.folder, 'nobody'));
    expect(ended).toMatchObject({ code: 7 });
    expect(ended.err).toContain('not running');
  });

  test('a refusal has its exit code', async () => {
    // Ana offers nothing.
    const ended = await at('ask', 'Ana', '--size', '1GB');
    expect(ended.code).toBe(4);
    expect(ended.out).toContain('nothing is shared there yet');
  });
});

test('one command, or those that begin alike, are helped with alone', async () => {
  const one = await cli('backup', 'show', '--help');
  expect(one.code).toBe(0);
  expect(one.out).toContain('backup show NAME');
  expect(one.out).not.toContain('backup run');
  const several = await cli('help', 'networks');
  expect(several.out).toContain('the networks this computer is on');
  expect((await cli('policy', '--help')).out).toContain('policy try');
  // Also where the word alone is a command.
  expect((await cli('accounts', '--help')).out).toContain('accounts set NAME');
  expect((await cli('serve', '--help')).out).not.toContain('self-check');
  expect((await cli('--help')).out).toContain('Exit codes');
});

test('a self-check that has nowhere to put its files says so, as one line like any other', async () => {
  vi.stubEnv('TMPDIR', join(place.folder, 'nowhere'));
  const { code, out, err } = await cli('self-check').finally(() => vi.unstubAllEnvs());
  expect([code, err]).toEqual([1, '']);
  expect(JSON.parse(out)).toMatchObject({
    ok: false,
    checks: [{ name: 'temporary folder', problem: expect.stringContaining('ENOENT') }],
  });
});

describe('starting', () => {
  test('on a home that is in use, with a port that is, with wrong words', async () => {
    expect(await cli('serve', '--home', home)).toMatchObject({ code: 7 });
    const other = join(place.folder, 'other');
    const port = String(served.ready.port);
    expect(await cli('serve', '--home', other, '--port', port)).toMatchObject({ code: 6 });
    expect(await cli('serve', '--home', other, '--port', '70000')).toMatchObject({ code: 2 });
    const words = join(place.folder, 'words');
    await writeFile(words, 'abandon '.repeat(24));
    const wrong = await cli('serve', '--home', join(place.folder, 'third'), '--phrase-file', words);
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.err).toContain('together they don’t fit');
  });

  test('on a folder of other things, with words that mean nothing, or a file that is not there', async () => {
    const folder = join(place.folder, 'letters');
    await mkdir(folder);
    await writeFile(join(folder, 'letter.txt'), 'a');
    const taken = await cli('serve', '--home', folder);
    expect(taken).toMatchObject({ code: 6 });
    expect(taken.err).toContain('is not empty');
    const fresh = join(place.folder, 'fresh');
    expect(await cli('serve', 'now', '--home', fresh)).toMatchObject({ code: 2 });
    const nowhere = await cli('serve', '--home', fresh, '--phrase-file', '/nowhere');
    expect(nowhere).toMatchObject({ code: 2 });
    expect(nowhere.err).toContain('/nowhere can’t be read (ENOENT)');
  });

  test('on a very long path, which the socket could not have', async () => {
    const long = join(place.folder, 'x'.repeat(120), 'y'.repeat(120));
    const started = await serve({ home: long, name: 'Long', port: 0, host: '127.0.0.1' });
    expect(started.ok).toBe(true);
    expect((await cli('status', '--home', long)).code).toBe(0);
    if (started.ok) await started.value.close();
    expect(await cli('serve', '--home', `/${'z'.repeat(4000)}`)).toMatchObject({ code: 6 });
  });

  test('on a database of a newer version, which is left alone', async () => {
    const folder = join(place.folder, 'newer');
    const first = await startHome('New', folder);
    await first.close();
    const { default: Database } = await import('better-sqlite3');
    const file = join(folder, 'home of New', 'allotment.sqlite');
    const sql = new Database(file);
    sql.pragma('user_version = 99');
    sql.close();
    const ended = await cli('serve', '--home', join(folder, 'home of New'), '--json');
    expect(ended.code).toBe(7);
    expect(JSON.parse(ended.out)).toMatchObject({
      fault: { code: 'database-newer', params: { found: '99' } },
    });
  });
});
