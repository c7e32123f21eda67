import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChannelName } from '../../../shared/contract/channels.ts';
import { contract } from '../../../shared/contract/contract.ts';
import { callThroughDoor, isChannel } from '../../../shared/contract/door.ts';
import type { JobView } from '../../../shared/contract/views.ts';
import { faults } from '../../../shared/fault.ts';
import { offer, pair, startHome, type TestHome, until } from '../../fakes/homes.ts';
import { examplesOf, type Hints } from '../examples.ts';
import { stayInside } from '../stay-inside.ts';
import { insist, json, type Target } from '../target.ts';
import { exotic, EXOTIC_WORDS } from './local-doors.ts';

/**
 * A window that a stranger's text has taken over: it can call every channel with whatever it likes. It must get
 * answers of the closed lists, and the core must be there afterwards.
 */
const JOBS_MAX = 6;
const LOOK_EVERY = 100;

type World = { readonly ana: TestHome; readonly ben: TestHome; readonly plot: string };

async function openWorld(scratch: string): Promise<World> {
  const [files, store] = [join(scratch, 'files'), join(scratch, 'spare')];
  mkdirSync(files);
  mkdirSync(store);
  writeFileSync(join(files, 'letter.txt'), 'Dear Ben');
  const ana = await startHome('Ana', scratch);
  const ben = await startHome('Ben', scratch);
  await pair(ana, ben);
  await offer(ben, store);
  await ana.call('settings.set', { barter: true });
  await ana.call('sets.create', { name: 'all', folders: [files], to: ['Ben'] });
  await ana.job(await ana.call('sets.run', { name: 'all' }));
  const [mine] = await ana.call('plots.mine');
  return { ana, ben, plot: mine?.plot ?? '' };
}

function hintsFor(channel: ChannelName, { plot }: World, scratch: string): Hints {
  const out = join(scratch, 'here', 'out');
  const files = join(scratch, 'files');
  const isOfSets = channel.startsWith('sets.');
  return {
    friend: 'Ben',
    host: 'Ben',
    issuer: 'Ben',
    name: isOfSets ? 'all' : 'nobody',
    to:
      channel === 'sets.create' || channel === 'sets.edit'
        ? ['Ben']
        : channel === 'sets.replace'
          ? 'Ben'
          : out,
    from: channel === 'sets.replace' ? 'Ben' : out,
    folder: files,
    folders: [files],
    plot,
    plots: [plot],
    path: '',
    text: 'letter',
    snapshot: 'latest',
    address: '127.0.0.1:9',
    account: 'family',
    members: ['Ben'],
    hosts: ['self'],
    language: 'de',
    words: 'abandon '.repeat(24).trim(),
  };
}

export const contractChannels: Target = {
  name: 'contract',
  kind: 'json',
  words: [
    ...EXOTIC_WORDS,
    'all',
    'Ben',
    'self',
    'latest',
    'family',
    '127.0.0.1:9',
    'P1D',
    ...Object.keys(contract),
  ],
  cases: 30_000,
  casesInCi: 160,
  guided: true,
  open: async (scratch) => {
    const world = await openWorld(scratch);
    const { ana, ben } = world;
    const channels = Object.keys(contract).filter(isChannel);
    let cases = 0;

    async function wellAgain(): Promise<void> {
      const { friends, jobs } = await ana.call('state.snapshot');
      const running = jobs.filter(({ state }) => state === 'running');
      if (running.length > JOBS_MAX)
        for (const { id } of running) await ana.call('jobs.cancel', { id });
      if (friends.length === 0) {
        await ben
          .call('friends.leave', { friend: 'Ana', days: 0, name: 'Ana' })
          .catch(() => undefined);
        await pair(ana, ben).catch(() => undefined);
      }
      await ana.call('friends.stay', { friend: 'Ben' }).catch(() => undefined);
    }

    return {
      seeds: channels.flatMap((channel) =>
        examplesOf(contract[channel].args, hintsFor(channel, world, scratch))
          .slice(0, 4)
          .map((args) => json({ channel, args })),
      ),
      run: async (bytes) => {
        cases += 1;
        if (cases % LOOK_EVERY === 0) await wellAgain();
        const { channel, args } = callOf(bytes);
        if (typeof channel !== 'string') return;
        const call = { channel, args: stayInside(scratch, exotic(args)) };
        const result = await callThroughDoor(ana.core.api, call);
        if (result.ok) {
          if (isJob(result.value) && cases % 4 !== 0)
            await ana.call('jobs.cancel', { id: result.value.id });
          return;
        }
        const { code, params } = result.fault;
        insist(
          Object.hasOwn(faults, code) && code !== 'internal',
          `the fault ${code} of ${channel}`,
        );
        insist(json(params).length < 20_000, 'a fault that repeats what it was told');
        const known: readonly string[] = isChannel(channel) ? contract[channel].faults : [];
        insist(
          known.includes(code) || EVERYWHERE.has(code),
          `the fault ${code}: ${channel} does not say that it has it`,
        );
      },
      close: async () => {
        const status = await until(async () => ana.call('status.get').catch(() => undefined));
        insist(status.name !== '', 'a core that is gone');
        await Promise.all([ana.close(), ben.close()]);
        const left = readdirSync(scratch).filter((name) => !KNOWN.has(name));
        insist(left.length === 0, `what was written elsewhere: ${left.join()}`);
        insist(existsSync(join(scratch, 'files', 'letter.txt')), 'a file that is gone');
      },
    };
  },
};

const KNOWN: ReadonlySet<string> = new Set([
  'files',
  'spare',
  'here',
  'home of Ana',
  'home of Ben',
]);
/** Any call can end so. */
const EVERYWHERE: ReadonlySet<string> = new Set([
  'bad-arguments',
  'bad-size',
  'bad-duration',
  'not-running',
]);

function callOf(bytes: Uint8Array): { readonly channel?: unknown; readonly args?: unknown } {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function isJob(value: unknown): value is JobView {
  return (
    typeof value === 'object' &&
    value !== null &&
    'state' in value &&
    'kind' in value &&
    'id' in value
  );
}
