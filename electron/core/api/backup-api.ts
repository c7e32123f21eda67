import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve, sep } from 'node:path';
import type { Api } from '../../../shared/contract/api.ts';
import type { ArgsOf } from '../../../shared/contract/contract.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { BackupSet } from '../backup/set-book.ts';
import { folderFault } from '../config.ts';
import { isFolder } from '../plots/hosting.ts';
import type { CoreParts } from './core-parts.ts';
import { findKeeper } from './find-keeper.ts';
import { setView, setViews } from './views.ts';

type BackupApi = Pick<
  Api,
  | 'sets.list'
  | 'sets.create'
  | 'sets.run'
  | 'sets.restore'
  | 'sets.check'
  | 'sets.snapshots'
  | 'jobs.get'
  | 'jobs.cancel'
>;

export function backupApi(parts: CoreParts): BackupApi {
  const { sets, jobs, runner, clock } = parts;

  async function find(name: string): Promise<Result<BackupSet, Fault>> {
    const set = await sets.set(name);
    return set === undefined ? failed(fault('set-unknown', { set: name })) : ok(set);
  }

  return {
    'sets.list': async () => ok(await setViews(parts)),
    'sets.create': (args) => create(parts, args),
    'sets.run': async ({ name }) => {
      const set = await find(name);
      if (!set.ok) return set;
      const running = jobs.list().find((job) => job.set === name && job.state === 'running');
      // Asked twice, a set still runs once.
      if (running?.kind === 'backup') return ok(running);
      const job = jobs.start({ kind: 'backup', set: name }, async (control) => {
        const ended = await runner.backup(set.value, control);
        const bytes = ended.ok ? BigInt(ended.value['bytesTotal'] ?? 0) : undefined;
        const said = ended.ok
          ? undefined
          : { key: `fault.${ended.fault.code}`, params: ended.fault.params };
        await sets.ran({ name, atMs: clock.nowMs(), bytes, fault: said });
        return ended;
      });
      return ok(job);
    },
    'sets.restore': async ({ name, snapshot, to, paths }) => {
      const set = await find(name);
      if (!set.ok) return set;
      const target = resolve(to);
      const empty = await isEmptyOrMissing(target);
      if (!empty.ok) return empty;
      return ok(
        jobs.start({ kind: 'restore', set: name }, (control) =>
          runner.restore(set.value, { snapshot, to: target, paths }, control),
        ),
      );
    },
    'sets.check': async ({ name, readData = false }) => {
      const set = await find(name);
      if (!set.ok) return set;
      return ok(
        jobs.start({ kind: 'check', set: name }, (control) =>
          runner.check(set.value, { readData }, control),
        ),
      );
    },
    'sets.snapshots': async ({ name }) => {
      const set = await find(name);
      return set.ok ? runner.snapshots(set.value) : set;
    },
    'jobs.get': async ({ id }) => {
      const job = jobs.get(id);
      return job === undefined ? failed(fault('job-unknown', { job: id })) : ok(job);
    },
    'jobs.cancel': async ({ id }) => {
      const job = jobs.cancel(id);
      return job === undefined ? failed(fault('job-unknown', { job: id })) : ok(job);
    },
  };
}

async function create(
  parts: CoreParts,
  { name, folders, to, exclude }: ArgsOf<'sets.create'>,
): ReturnType<BackupApi['sets.create']> {
  const hosts = new Set<OwnerId>();
  for (const friend of to) {
    const found = findKeeper(parts.friends, friend);
    if (!found.ok) return found;
    hosts.add(found.value.owner);
  }
  const real: string[] = [];
  for (const folder of folders) {
    if (!isAbsolute(folder) || !(await isFolder(folder)))
      return failed(fault('folder-missing', { folder }));
    const path = await realpath(folder);
    const store = await storeAround(parts, path);
    if (store !== undefined) return failed(fault('folder-inside-store', { folder, store }));
    real.push(path);
  }
  const call = {
    name,
    folders: [...new Set(real)],
    exclude: exclude ?? [],
    hosts: [...hosts],
    atMs: parts.clock.nowMs(),
  };
  const created = await parts.sets.create(call);
  if (!created.ok) return failed(fault('set-exists', { set: name }));
  const set = await parts.sets.set(name);
  if (set === undefined) throw new Error('a set that was written down is not there');
  return ok(setView(parts, set));
}

/** Backing up what friends keep here, or this program's own books, would feed on itself. */
async function storeAround(
  { home, hosting }: CoreParts,
  path: string,
): Promise<string | undefined> {
  const offer = hosting.offer();
  const stores = [home.folder, ...(offer === undefined ? [] : [join(offer.folder, 'allotment')])];
  for (const store of stores) {
    const real = await realpath(store).catch(() => store);
    if (path === real || path.startsWith(real + sep)) return store;
  }
  return undefined;
}

async function isEmptyOrMissing(folder: string): Promise<Result<undefined, Fault>> {
  try {
    const entries = await readdir(folder);
    return entries.length === 0 ? ok(undefined) : failed(fault('folder-not-empty', { folder }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') return failed(folderFault(error, folder));
    const parent = resolve(folder, '..');
    const isThere = await stat(parent).then(
      (found) => found.isDirectory(),
      () => false,
    );
    return isThere ? ok(undefined) : failed(fault('folder-missing', { folder: parent }));
  }
}
