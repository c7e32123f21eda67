import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { JobView } from '../../shared/contract/views.ts';
import { DAY_S, formatBytes, GB } from '../../shared/units.ts';
import { say, type Translate } from '../../shared/words/say.ts';
import { isFolder } from '../core/is-folder.ts';
import { type ChildHome, pairHomes, startChildHome } from './child-home.ts';
import { untilStopped } from './cli-main.ts';
import { compareTrees } from './compare-trees.ts';
import { counted, plainText, size } from './output.ts';
import { createTranslator } from './translator.ts';

/** `npm run demo -- FOLDER [--open]`: the main job, told as a story with figures. */
export async function demo(argv: readonly string[]): Promise<number> {
  const [wish] = argv.filter((word) => !word.startsWith('--'));
  const folder = wish === undefined ? undefined : resolve(wish);
  if (folder === undefined || !(await isFolder(folder))) {
    const problem =
      folder === undefined ? '' : `“${plainText(folder)}” is not a folder that is there. `;
    process.stderr.write(
      `${problem}Which folder of yours shall be backed up and restored? npm run demo -- FOLDER [--open]\n`,
    );
    return 2;
  }
  const t = await createTranslator();
  const place = await mkdtemp(join(tmpdir(), 'allotment-demo-'));
  const homes: ChildHome[] = [];
  try {
    const isRight = await tell(t, folder, place, homes);
    if (argv.includes('--open')) {
      const [ben, ana] = homes;
      const stopped = untilStopped();
      line(`Ben's window: ${ben?.ready.web ?? ''}`);
      line(`Ana's window: ${ana?.ready.web ?? ''}`);
      line('Ctrl-C ends both and removes everything.');
      await stopped;
    }
    return isRight ? 0 : 1;
  } finally {
    await Promise.all(homes.map((home) => home.stop()));
    await rm(place, { recursive: true, force: true });
  }
}

async function tell(
  t: Translate,
  folder: string,
  place: string,
  homes: ChildHome[],
): Promise<boolean> {
  const spare = join(place, 'spare disk of Ben');
  await mkdir(spare);
  const ben = await startChildHome(join(place, 'Ben'), 'Ben');
  homes.push(ben);
  const ana = await startChildHome(join(place, 'Ana'), 'Ana');
  homes.push(ana);
  line('Two computers: Ben has a spare disk, Ana has files.');
  const code = await pairHomes(ana, ben);
  line(`Ana calls Ben. Both screens show ${code}; they say so, and are friends.`);

  const offered = 10n * GB;
  await ben.call('offer.set', {
    folder: spare,
    offerBytes: `${offered}`,
    keepFreeBytes: `${1n * GB}`,
  });
  await ben.call('policy.set', {
    policy: { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] },
  });
  line(
    `Ben offers ${formatBytes(offered)}, evenly among his friends, and keeps 1 GB of his disk free.`,
  );

  const greedy = { friend: 'Ben', size: `${2n * offered}`, durationS: 30 * DAY_S };
  const refused = await ana.call('allocations.ask', greedy);
  if (refused.type !== 'denied') throw new Error('more than the offer was granted');
  const reasons = refused.reasons.map(({ code: denial, params }) =>
    say(t, { key: `denial.${denial}`, params }),
  );
  line(`Ana asks for ${formatBytes(2n * offered)}, and is told why not: ${reasons.join(' And ')}`);

  const name = basename(folder) || 'everything';
  await ana.call('sets.create', { name: 'demo', folders: [folder], to: ['Ben'] });
  const first = await timed(() => run(ana, t));
  line(`Ana backs up ${name}: ${figures(first)}`);
  const again = await timed(() => run(ana, t));
  line(`Once more, with nothing changed: ${figures(again)}`);
  const [plot] = await ben.call('plots.hosted', {});
  line(
    `Ben holds one plot of ${size(plot?.sizeBytes ?? null)}, ${size(plot?.writtenBytes ?? null)} written, and can read none of it.`,
  );

  const out = join(place, 'restored');
  const back = await timed(async () =>
    finish(ana, t, await ana.call('sets.restore', { name: 'demo', to: out })),
  );
  line(`Ana restores it: ${figures(back)}`);
  const unkept = new Set(first.job.problems.flatMap(({ params }) => params['path'] ?? []));
  const same = await compareTrees(folder, join(out, name), unkept);
  line(
    `Compared: ${counted(same.files, 'file')}, ${counted(same.folders, 'folder')}, ${counted(same.links, 'link')}, ${formatBytes(BigInt(same.bytes))}; every name, byte, permission and time.`,
  );
  for (const difference of same.differences) line(`  differs: ${plainText(difference)}`);
  if (unkept.size > 0) line(`${unkept.size} entries could not be kept; they are named above.`);
  const isRight = same.differences.length === 0;
  line(isRight ? 'All of it is the same.' : 'NOT all of it is the same.');
  return isRight;
}

type Timed = { readonly job: JobView; readonly seconds: number };

async function timed(work: () => Promise<JobView>): Promise<Timed> {
  const startedMs = performance.now();
  const job = await work();
  return { job, seconds: (performance.now() - startedMs) / 1000 };
}

async function run(home: ChildHome, t: Translate): Promise<JobView> {
  return finish(home, t, await home.call('sets.run', { name: 'demo' }));
}

async function finish(home: ChildHome, t: Translate, begun: JobView): Promise<JobView> {
  const job = await home.finish(begun);
  for (const problem of job.problems) line(`  ${plainText(say(t, problem))}`);
  if (job.fault !== null) throw new Error(say(t, job.fault));
  return job;
}

function figures({ job, seconds }: Timed): string {
  const { files = 0, bytesTotal = 0, bytesAdded } = job.result ?? {};
  const rate = BigInt(Math.round(Number(bytesTotal) / seconds));
  const sent = bytesAdded === undefined ? '' : `, ${size(String(bytesAdded))} sent`;
  return `${counted(files, 'file')}, ${size(String(bytesTotal))}${sent}, in ${seconds.toFixed(1)} s (${formatBytes(rate)}/s).`;
}

function line(text: string): void {
  process.stdout.write(`${text}\n`);
}
