import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareTrees } from '../../electron/headless/compare-trees.ts';
import { type CliHome, offerBoth, startCliHome } from '../fakes/cli-home.ts';

/** Ben at his command line, from the first folder to the last snapshot; Ana keeps it. */
let homes: CliHome;
let files: string;
let letter: string;
const at: CliHome['at'] = (...args) => homes.at(...args);
const inHome = (name: string) => join(homes.folder, name);
const says = (said: { readonly code: number; readonly out: string; readonly err: string }) => [
  said.code,
  said.code === 0 ? said.out.trim() : said.err.trim(),
];

beforeAll(async () => {
  homes = await startCliHome();
  await offerBoth(homes);
  files = inHome('files');
  letter = join(files, 'letter.txt');
  await mkdir(join(files, 'sub'), { recursive: true });
  await writeFile(letter, 'Dear Ana');
  await writeFile(join(files, 'junk.tmp'), 'junk');
  await writeFile(join(files, 'sub', 'film.bin'), randomBytes(3_000_000));
});
afterAll(() => homes.close());

test('a set is counted, made, run, shown, and changed in one part', async () => {
  expect((await at('backup', 'list')).out).toBe('No folder is backed up yet.\n');
  const counted = await at('backup', 'estimate', '--folder', files, '--exclude', '*.tmp');
  expect(counted.out).toMatch(/^2 files, 3 MB\. Left out: 1 file \(4 B\) by pattern\.\n/);
  expect((await at('backup', 'estimate', '--folder', files)).out).toContain('Nothing is left out.');
  const create = ['backup', 'create', 'docs', '--folder', files, '--to', 'Ana'];
  expect(says(await at(...create, '--keep', 'daily'))).toEqual([
    2,
    expect.stringContaining('--keep is like daily=14,weekly=8'),
  ]);
  expect(says(await at(...create.with(-1, 'Zed')))).toEqual([
    3,
    'There is no friend called “Zed”. “allotment friends” lists them.',
  ]);
  const made = await at(...create, '--exclude', '*.tmp', '--protect', '10d', '--at', '9:30');
  expect(says(made)).toEqual([
    0,
    `“docs”: ${files}, kept by Ana. Run it: allotment backup run docs`,
  ]);
  expect(made.err).toContain('Your recovery words are not saved yet');
  expect(says(await at(...create))).toEqual([
    4,
    'There is a backup set “docs” already. Choose another name.',
  ]);
  const ran = await at('backup', 'run', 'docs');
  expect(ran.out).toMatch(
    /^2 files, 3 MB; 2 new or changed, 3 MB sent\. Snapshot [0-9a-f]{8}\.\n$/,
  );
  const none = await at('backup', 'edit', 'docs', '--keep', 'last=0,daily=0');
  expect(says(none)).toEqual([2, expect.stringContaining('--keep keeps at least one')]);
  const all = await at('backup', 'edit', 'docs', '--keep', 'everything');
  expect(all.out).toContain('\nkeeps: everything\n');
  const keep = ['--keep', 'last=1,weekly=8'];
  const limits = ['--max-file', '4GB', '--when-idle', 'yes', '--on-battery', 'yes'];
  const edited = await at('backup', 'edit', 'docs', ...keep, ...limits);
  expect(edited.out).toContain('runs: every day at 09:30, when idle, also on battery, next ');
  expect(edited.out).toContain('leaves out: *.tmp, caches, files larger than 4 GB\n');
  const [set] = JSON.parse((await at('backup', 'list', '--json')).out) as readonly {
    plan: { protectDays: number; retention: object; schedule: object };
  }[];
  expect(set?.plan).toMatchObject({
    protectDays: 10,
    // What is named, and nothing of what was kept before.
    retention: { last: 1, hourly: 0, daily: 0, weekly: 8, monthly: 0, yearly: 0 },
    schedule: { every: 'day', atMin: 570 },
  });
  expect((await at('backup', 'list')).out).toMatch(
    /docs +safe +Ana +\d{4}-\d\d-\d\d \d\d:\d\d +3 MB/,
  );
});

test('a backup is looked into, and comes back to a new place, in place with each answer to a conflict, and as an archive', async () => {
  await writeFile(letter, 'Dear Ana, again');
  expect((await at('backup', 'run', 'docs')).code).toBe(0);
  expect((await at('ls', 'docs', '--path', files)).out).toMatch(
    /folder .* sub\n.*15 B .* letter\.txt\n$/,
  );
  expect(
    (await at('find', 'LETTER', 'docs')).out.split('\n').filter((line) => line.endsWith(letter)),
  ).not.toEqual([]);
  for (const command of [
    ['snapshots'],
    ['ls'],
    ['find', 'letter'],
    ['restore', '--to', inHome('o')],
  ])
    expect(says(await at(...command))).toEqual([
      2,
      expect.stringContaining('the name of a set is missing, or --from with a folder'),
    ]);
  const out = inHome('out');
  expect(says(await at('restore', 'docs', '--to', out))).toEqual([
    0,
    `2 files, 3 MB, restored into ${out}.`,
  ]);
  expect((await compareTrees(join(files, 'sub'), join(out, 'files', 'sub'))).differences).toEqual(
    [],
  );
  expect(says(await at('restore', 'docs', '--to', out))[0]).toBe(6);

  const back = ['restore', 'docs', '--in-place', '--path', letter, '--conflict'];
  const here = async () => (await readdir(files)).filter((name) => name.startsWith('letter'));
  await writeFile(letter, 'mine');
  for (const answer of ['skip', 'newer'])
    expect(says(await at(...back, answer))).toEqual([
      0,
      'Nothing had to be restored; 1 file left as it is.',
    ]);
  expect(await readFile(letter, 'utf8')).toBe('mine');
  expect((await at(...back, 'keep-both')).out).toMatch(/^1 file, 15 B, restored to where it was/);
  const both = await here();
  expect(both).toHaveLength(2);
  expect(await readFile(letter, 'utf8')).toBe('mine');
  expect((await at(...back, 'replace')).code).toBe(0);
  expect(await readFile(letter, 'utf8')).toBe('Dear Ana, again');
  expect(await here()).toEqual(both);

  for (const archive of ['all.tar.gz', 'all.zip']) {
    expect((await at('restore', 'docs', '--to', inHome(archive), '--archive')).code).toBe(0);
    expect((await stat(inHome(archive))).size).toBeGreaterThan(3_000_000);
  }
  expect(says(await at('restore', 'docs', '--to', inHome('all.zip'), '--archive'))).toEqual([
    6,
    `“${inHome('all.zip')}” is there already. Choose another name, so that nothing is overwritten.`,
  ]);
  expect(says(await at('restore', 'docs', '--to', inHome('all.rar'), '--archive'))[0]).toBe(2);
  expect((await at('restores')).out).toBe('None.\n');
});

test('of a set that is not protected nothing is in the trash, and it says why', async () => {
  await at('backup', 'create', 'bare', '--folder', files, '--to', 'Ana');
  await at('backup', 'run', 'bare');
  expect(says(await at('backup', 'trash', 'bare'))).toEqual([
    0,
    '“bare” is not protected: what is deleted of it is gone. “backup edit bare --protect 30d” changes that.',
  ]);
  await at('backup', 'drop', 'bare', '--release', '--confirm', 'bare');
});

test('what is kept is looked through, tried, thinned out, and brought back from the trash', async () => {
  expect((await at('check', 'docs', '--read-data')).out).toMatch(
    /Everything is there, and every byte is right\.\n$/,
  );
  expect((await at('backup', 'verify', 'docs')).out).toMatch(
    /read back, and every byte is right\.\n$/,
  );
  expect((await at('backup', 'drill', 'docs')).out).toMatch(/came back/);
  const ids = async () =>
    (JSON.parse((await at('snapshots', 'docs', '--json')).out) as readonly { id: string }[]).map(
      ({ id }) => id,
    );
  const sinceMs = Date.now();
  const before = await ids();
  expect((await at('backup', 'prune', 'docs')).out).toMatch(
    / deleted, protected, and free in 10 days\.\n$/,
  );
  const [first = ''] = await ids();
  const forget = ['snapshots', 'forget', 'docs', first.slice(0, 8), '--confirm'];
  expect(says(await at(...forget, 'other'))[0]).toBe(4);
  expect(says(await at(...forget, 'docs'))).toEqual([0, 'Forgotten: 1.']);
  expect((await ids()).includes(first)).toBe(false);
  expect((await at('backup', 'trash', 'docs')).out).toMatch(/Ana +\d+ +/);
  expect(says(await at('backup', 'untrash', 'docs', '--since', 'yesterday'))[0]).toBe(2);
  const since = new Date(sinceMs - 60_000).toISOString();
  expect((await at('backup', 'untrash', 'docs', '--since', since)).out).toMatch(
    /^\d+ objects? back\.\n$/,
  );
  expect(await ids()).toEqual(expect.arrayContaining([first]));
  expect(before.length).toBeGreaterThan(0);
});

test('damage is told in a sentence with its figures, and the next backup sends anew what was lost', async () => {
  const spare = inHome('spare of Ana');
  const names = (await readdir(spare, { recursive: true })).filter((name) =>
    /\/data\/../.test(name),
  );
  const sizes = await Promise.all(
    names.map(async (name) => ({ name, stat: await stat(join(spare, name)) })),
  );
  const [largest] = sizes
    .filter((each) => each.stat.isFile())
    .toSorted((one, other) => other.stat.size - one.stat.size);
  const pack = join(spare, largest?.name ?? '');
  const bytes = await readFile(pack);
  bytes[1000] = (bytes[1000] ?? 0) ^ 1;
  await chmod(pack, 0o600);
  await writeFile(pack, bytes);
  const checked = await at('check', 'docs', '--read-data');
  expect([checked.code, checked.out.trim()]).toEqual([
    8,
    'Problems found: 1; repaired: 0; lost everywhere: 1.',
  ]);
  expect(checked.err).toContain('In the copy at Ana’s, one part is damaged or missing.');
  expect(checked.err).toContain('One part is lost in every copy.');
  expect((await at('backup', 'run', 'docs')).code).toBe(0);
  expect((await at('check', 'docs', '--read-data')).code).toBe(0);
});

test('a set is carried on a disk and read from there, and let go of only with its name', async () => {
  const usb = inHome('usb');
  await mkdir(usb);
  expect(says(await at('backup', 'export', 'docs', '--to', usb))).toEqual([
    0,
    `All of it lies in ${usb} now.`,
  ]);
  expect((await at('snapshots', '--from', usb)).out).toContain(files);
  expect((await at('restore', '--from', usb, '--to', inHome('from usb'))).code).toBe(0);
  expect(await readFile(join(inHome('from usb'), 'files', 'letter.txt'), 'utf8')).toBe(
    'Dear Ana, again',
  );
  const sheet = await at('recovery', 'sheet');
  expect([sheet.code, sheet.out]).toEqual([0, expect.stringContaining('Ana')]);
  expect(sheet.out).toContain('On a new machine: allotment serve --phrase-file FILE');
  expect(says(await at('backup', 'drop', 'docs', '--release'))[0]).toBe(4);
  expect(says(await at('backup', 'drop', 'docs', '--release', '--confirm', 'docs'))).toEqual([
    0,
    '“docs” is no longer backed up. Its copies are protected, and go in 10 days.',
  ]);
  expect((await at('backup', 'list')).out).toBe('No folder is backed up yet.\n');
});
