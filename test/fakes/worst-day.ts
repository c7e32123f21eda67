import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CoreOptions } from '../../electron/core/core-options.ts';
import { keepCore } from '../../electron/core/keep-core.ts';
import { silentAir } from './air.ts';
import { asTestHome, offer, pair, startHome, type TestHome, until } from './homes.ts';

/**
 * Ana's laptop has a set that Ben and Carl keep, and an address book lies with both; her words are on paper. Then the
 * laptop is gone.
 */
export type WorstDay = {
  readonly ben: TestHome;
  readonly carl: TestHome;
  readonly words: string;
  /** Of the laptop that is gone. */
  readonly instance: string;
  readonly owner: string;
  readonly device: string;
  readonly files: Readonly<Record<string, string>>;
  /** The laptop turns up again. */
  readonly laptop: () => Promise<TestHome>;
  readonly close: () => Promise<void>;
};

export async function loseTheLaptop(
  folder: string,
  options: {
    readonly keepers?: readonly ('Ben' | 'Carl')[];
    readonly start?: typeof startHome;
    /** What is deleted or replaced at friends' stays for so many days. */
    readonly protectDays?: number;
    /** Before it is gone. */
    readonly before?: (laptop: TestHome) => Promise<void>;
  } = {},
): Promise<WorstDay> {
  const { keepers = ['Ben', 'Carl'], start = startHome, protectDays = 0 } = options;
  const { before = async () => undefined } = options;
  const [ben, carl, ana] = await Promise.all([
    start('Ben', folder),
    start('Carl', folder),
    start('Ana', folder),
  ]);
  for (const [host, name] of [
    [ben, 'Ben'],
    [carl, 'Carl'],
  ] as const) {
    await pair(ana, host);
    await mkdir(join(folder, `disk of ${name}`));
    await offer(host, join(folder, `disk of ${name}`));
  }
  const files = { 'letter.txt': 'Dear Ben', 'novel.txt': 'It was a dark night. '.repeat(50_000) };
  await mkdir(join(folder, 'Documents'));
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, 'Documents', name), text);
  await ana.call('sets.create', {
    name: 'Documents',
    folders: [join(folder, 'Documents')],
    to: keepers,
    plan: { copies: keepers.length, protectDays },
  });
  const run = await ana.job(await ana.call('sets.run', { name: 'Documents' }));
  if (run.state !== 'done') throw new Error(JSON.stringify(run.fault));
  await ana.core.chores();
  if (protectDays > 0)
    await until(async () => {
      await ana.core.chores();
      const hosted = [...(await ben.call('plots.hosted')), ...(await carl.call('plots.hosted'))];
      return hosted.every((plot) => plot.protectDays === protectDays) ? true : undefined;
    });
  const { words, instance } = await ana.call('phrase.show');
  const { owner, device } = await ana.call('status.get');
  await before(ana);
  await ana.close();
  let again: TestHome | undefined;
  return {
    ben,
    carl,
    words: (words ?? []).join(' '),
    instance,
    owner,
    device,
    files,
    laptop: async () => {
      again = await start('Ana', folder, { port: ana.core.info().port });
      return again;
    },
    close: async () => {
      await Promise.all([ben.close(), carl.close(), again?.close()]);
    },
  };
}

/** A machine that begins again where the words put another owner in the place of the one it was set up for. */
export async function newMachine(
  folder: string,
  options: Partial<CoreOptions> = {},
): Promise<TestHome> {
  const kept = await keepCore({
    home: join(folder, 'new home'),
    version: 'test',
    name: 'New laptop',
    port: 0,
    host: '127.0.0.1',
    logLevel: 'silent',
    ...options,
    ports: { ...silentAir(), ...options.ports },
  });
  if (!kept.ok) throw new Error(JSON.stringify(kept.fault));
  return asTestHome(kept.value, folder);
}

/** Types the words, and waits until the core has begun again. */
export async function typeWords(home: TestHome, words: string, replaces?: string): Promise<void> {
  const before = home.core.info().device;
  await home.call('recovery.begin', { words, ...(replaces === undefined ? {} : { replaces }) });
  await until(async () => {
    if ((await home.fault('status.get')) !== 'none') return undefined;
    return home.core.info().device === before ? undefined : true;
  });
}

export async function whenFound(home: TestHome) {
  return until(async () => {
    const view = await home.call('recovery.get');
    return view.state === 'found' ? view : undefined;
  });
}

/** What a restore put there, by name. */
export async function restored(
  home: TestHome,
  set: string,
  to: string,
): Promise<Readonly<Record<string, string>>> {
  // Copies are tended after a backup, and whoever tends them is in the way for a moment.
  const job = await until(async () => {
    const ended = await home.job(await home.call('sets.restore', { name: set, to }));
    return ended.fault?.key === 'fault.repository-locked' ? undefined : ended;
  });
  if (job.state !== 'done') throw new Error(JSON.stringify(job.fault));
  const names = await readdir(join(to, 'Documents'));
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(to, 'Documents', name), 'utf8')]),
    ),
  ) as Readonly<Record<string, string>>;
}
