import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ChannelName } from '../../shared/contract/channels.ts';
import type { InputOf, ResultOf } from '../../shared/contract/contract.ts';
import type { JobView } from '../../shared/contract/views.ts';
import { connectControl } from './control-client.ts';

/** Allotment in a process of its own, for the demo and the bench: what a second computer would be. */
export type ChildHome = {
  readonly ready: { readonly device: string; readonly port: number; readonly web: string };
  readonly process: ChildProcess;
  readonly call: <C extends ChannelName>(channel: C, args: InputOf<C>) => Promise<ResultOf<C>>;
  readonly finish: (job: JobView) => Promise<JobView>;
  readonly stop: () => Promise<void>;
};

/** Built where this is built; whoever runs from the sources, as tests do, may name what was built. */
const CLI =
  process.env['ALLOTMENT_CLI'] ??
  fileURLToPath(new URL(`./cli${extname(import.meta.url)}`, import.meta.url));
/** As `build/run.mjs` starts the program. */
const FLAGS = process.versions.node.startsWith('24.')
  ? ['--external-memory-accounted-in-global-limit']
  : [];
const LOOK_MS = 50;
/** What it says is read, what it complains of is seen. */
const OUT: StdioOptions = ['ignore', 'pipe', 'inherit'];

/** Elsewhere than on this computer's own networks, say in a network namespace, it may look for others. */
export async function startChildHome(
  home: string,
  name: string,
  elsewhere?: (program: string, args: readonly string[]) => ChildProcess,
): Promise<ChildHome> {
  const args = [CLI, 'serve', '--home', home, '--name', name, '--port', '0'];
  const child =
    elsewhere === undefined
      ? spawn(process.execPath, [...FLAGS, ...args, '--no-discovery'], { stdio: OUT })
      : elsewhere(process.execPath, args);
  const { stdout } = child;
  if (stdout === null) throw new Error(`${name}'s home can't be heard`);
  const ready = await new Promise<ChildHome['ready']>((resolve, reject) => {
    createInterface({ input: stdout }).once('line', (line) => {
      // Our own program's first line.
      resolve(JSON.parse(line) as ChildHome['ready']);
    });
    child.once('exit', (code) => reject(new Error(`${name}'s home ended at once (${code})`)));
  });
  const connected = await connectControl(home);
  if (!connected.ok) throw new Error(`${name}'s home does not answer`);
  const client = connected.value;
  const call: ChildHome['call'] = async (channel, callArgs) => {
    const result = await client.call(channel, callArgs);
    if (!result.ok) throw new Error(`${channel}: ${JSON.stringify(result.fault)}`);
    return result.value;
  };
  return {
    ready,
    process: child,
    call,
    finish: async (job) => {
      for (let now = job; ; now = await call('jobs.get', { id: job.id })) {
        if (now.state !== 'running') return now;
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    stop: async () => {
      client.close();
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** Both sides compare digits and confirm. */
export async function pairHomes(guest: ChildHome, host: ChildHome): Promise<string> {
  const begun = await guest.call('pairings.start', { address: `127.0.0.1:${host.ready.port}` });
  const code = begun.digits ?? '';
  await host.call('pairings.confirm', { code });
  await guest.call('pairings.confirm', { code });
  for (const home of [guest, host])
    while ((await home.call('friends.list', {})).length === 0)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  return code;
}
