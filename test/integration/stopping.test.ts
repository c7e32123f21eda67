import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChildHome, pairHomes, startChildHome } from '../../electron/headless/child-home.ts';
import type { ChannelName } from '../../shared/contract/channels.ts';
import type { InputOf } from '../../shared/contract/contract.ts';
import { bundle } from '../fakes/bundle.ts';
import { GB, pause, scratch } from '../fakes/homes.ts';

/**
 * Whole programs are told to stop while everything is under way: backups, checks, restores, asks, pairings with somebody who never
 * answers, a new machine that looks for what the words find. Whatever is cut off in them, each ends by itself and in order: a
 * promise that nobody waited for would end it with another code. `STOPS=40` makes it longer by hand.
 */
const CLI = fileURLToPath(new URL('../../electron/headless/cli.ts', import.meta.url));
const STOPS = Number(process.env['STOPS'] ?? (process.env['CI'] === undefined ? 2 : 4));
/** By then all of what a round begins is over. */
const ROUND_MS = 1500;
/** Uploads under way have three seconds, and whoever is spoken to then is let go of. */
const ENDS_MS = 30_000;

type Program = ChildHome & { readonly complaints: () => string };

let place: Awaited<ReturnType<typeof scratch>>;
let cli: string;
let silent: Server;
const sockets = new Set<Socket>();
const running = new Set<Program>();

beforeAll(async () => {
  place = await scratch();
  cli = await bundle(CLI);
  silent = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  for (const { process: child } of running) child.kill('SIGKILL');
  for (const socket of sockets) socket.destroy();
  silent.close();
  await place.remove();
});

async function start(name: string, more: readonly string[] = []): Promise<Program> {
  let complaints = '';
  const child = await startChildHome(
    join(place.folder, `home of ${name}`),
    name,
    (node, [, ...args]) => {
      const begun = spawn(node, [cli, ...args, '--no-discovery', ...more], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      begun.stderr.on('data', (text) => {
        complaints += text;
      });
      return begun;
    },
  );
  const program = { ...child, complaints: () => complaints };
  running.add(program);
  return program;
}

/** What it says at its end is for whoever mends it: how it ended, and lines that are no log's. */
async function stop(
  program: Program,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const { process: child } = program;
  const gone = new Promise<number | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal === null ? code : -1)),
  );
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), ENDS_MS);
  const code = await gone;
  clearTimeout(late);
  running.delete(program);
  const said = program
    .complaints()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{'));
  return { code, said: said.join('\n') };
}

/** Nobody waits for the answers: most of them never come. */
function begin<C extends ChannelName>(program: Program, channel: C, args: InputOf<C>): void {
  program.call(channel, args).catch(() => undefined);
}

/** All of it at once, in an order that chance picks. */
function beginAll(ana: Program, ben: Program, plot: string, folder: string): void {
  const nobody = `127.0.0.1:${(silent.address() as { port: number }).port}`;
  const all: (() => void)[] = [
    () => begin(ana, 'sets.run', { name: 'files' }),
    () => begin(ana, 'sets.check', { name: 'files', readData: true }),
    () => begin(ana, 'sets.prune', { name: 'files' }),
    () => begin(ana, 'sets.verify', { name: 'files' }),
    () => begin(ana, 'sets.drill', { name: 'files' }),
    () => begin(ana, 'sets.restore', { name: 'files', to: join(folder, 'out') }),
    () => begin(ana, 'sets.snapshots', { name: 'files' }),
    () => begin(ana, 'sets.estimate', { folders: [join(place.folder, 'files')] }),
    () => begin(ana, 'recovery.call', { address: nobody }),
    () => begin(ana, 'troubles.look', {}),
    () => begin(ana, 'barter.give', { friend: 'Ben', units: '1' }),
    () => begin(ana, 'gateway.open', { plot }),
    () => begin(ana, 'plots.renew', { plot }),
  ];
  for (const [one, other] of [
    [ana, 'Ben'],
    [ben, 'Ana'],
  ] as const)
    all.push(
      () => begin(one, 'pairings.start', { address: nobody }),
      () => begin(one, 'friends.try', { friend: other }),
      () => begin(one, 'friends.rename', { friend: other, petName: `${other} ${Math.random()}` }),
      () => begin(one, 'allocations.ask', { friend: other, size: '1000000', durationS: 86_400 }),
      () => begin(one, 'memberships.look', {}),
      () =>
        begin(one, 'barter.propose', {
          friend: other,
          giveUnits: '1',
          wantUnits: '1',
          periodDays: 1,
        }),
      () => begin(one, 'settings.set', { name: `${other}’s friend ${Math.random()}` }),
      () => begin(one, 'state.snapshot', {}),
    );
  for (const act of all.sort(() => Math.random() - 0.5)) act();
}

test(`${STOPS} × told to stop in the middle of everything: whoever it is ends by himself, and nothing is left that nobody waits for`, async () => {
  mkdirSync(join(place.folder, 'spare'));
  mkdirSync(join(place.folder, 'files'));
  let ana = await start('Ana');
  let ben = await start('Ben');
  await pairHomes(ana, ben);
  for (const each of [ana, ben]) await each.call('settings.set', { barter: true });
  await ben.call('offer.set', {
    folder: join(place.folder, 'spare'),
    offerBytes: `${20n * GB}`,
    keepFreeBytes: '0',
  });
  await ben.call('policy.set', {
    policy: { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] },
  });
  writeFileSync(join(place.folder, 'files', 'first'), randomBytes(1_000_000));
  await ana.call('sets.create', {
    name: 'files',
    folders: [join(place.folder, 'files')],
    to: ['Ben'],
  });
  expect((await ana.finish(await ana.call('sets.run', { name: 'files' }))).state).toBe('done');
  const [mine] = await ana.call('plots.mine', {});
  const { words } = await ana.call('phrase.show', {});
  const phrase = join(place.folder, 'words');
  writeFileSync(phrase, (words ?? []).join(' '));

  for (let round = 0; round < STOPS; round += 1) {
    for (let file = 0; file < 10; file += 1)
      writeFileSync(join(place.folder, 'files', `file ${file}`), randomBytes(400_000));
    const next = await start('New', ['--phrase-file', phrase]);
    const folder = join(place.folder, `round ${round}`);
    mkdirSync(folder);
    beginAll(ana, ben, mine?.plot ?? '', folder);
    begin(next, 'recovery.call', { address: `127.0.0.1:${ben.ready.port}` });
    await pause(ROUND_MS * Math.random());
    const stops = [ana, ben, next].sort(() => Math.random() - 0.5);
    const ended = await Promise.all(
      stops.map(async (program, index) => {
        await pause(index * 200 * Math.random());
        return stop(program);
      }),
    );
    expect(ended).toEqual(stops.map(() => ({ code: 0, said: '' })));
    rmSync(join(place.folder, 'home of New'), { recursive: true });
    rmSync(folder, { recursive: true });
    ana = await start('Ana');
    ben = await start('Ben');
  }
  for (const each of [ana, ben]) expect(await stop(each)).toEqual({ code: 0, said: '' });
}, 600_000);
