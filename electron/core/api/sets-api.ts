import { realpath } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import type { Api } from '../../../shared/contract/api.ts';
import type { ArgsOf } from '../../../shared/contract/contract.ts';
import { fault } from '../../../shared/fault.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { type BackupPlanText, PLAN_AT_FIRST } from '../../../shared/model/backup-plan.ts';
import { failed, ok } from '../../../shared/result.ts';
import { rulesText } from '../backup/plan-text.ts';
import { isFolder } from '../plots/hosting.ts';
import type { CoreParts } from './core-parts.ts';
import { findKeeper } from './find-keeper.ts';
import { notYet } from './not-yet.ts';
import { setView, setViews } from './views.ts';

/** Backup sets: which folders, who keeps them, how. */
type SetsApi = Pick<
  Api,
  | 'sets.list'
  | 'sets.create'
  | 'sets.edit'
  | 'sets.drop'
  | 'sets.replace'
  | 'sets.pause'
  | 'sets.estimate'
  | 'sets.estimated'
>;

export function setsApi(parts: CoreParts): SetsApi {
  return {
    'sets.list': async () => ok(await setViews(parts)),
    'sets.create': (args) => create(parts, args),
    'sets.edit': notYet,
    'sets.drop': notYet,
    'sets.replace': notYet,
    'sets.pause': notYet,
    'sets.estimate': notYet,
    'sets.estimated': notYet,
  };
}

async function create(
  parts: CoreParts,
  { name, folders, to, exclude, plan }: ArgsOf<'sets.create'>,
): ReturnType<SetsApi['sets.create']> {
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
    plan: changed(
      { ...PLAN_AT_FIRST, rules: { ...PLAN_AT_FIRST.rules, exclude: exclude ?? [] } },
      plan,
    ),
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

/** A plan with the parts that are named, as the book keeps it. */
function changed(
  plan: BackupPlanText,
  change: NonNullable<ArgsOf<'sets.create'>['plan']> = {},
): BackupPlanText {
  return {
    schedule: change.schedule ?? plan.schedule,
    retention: change.retention ?? plan.retention,
    rules: change.rules === undefined ? plan.rules : rulesText(change.rules),
    copies: change.copies ?? plan.copies,
    protectDays: change.protectDays ?? plan.protectDays,
    verifyDays: change.verifyDays ?? plan.verifyDays,
  };
}
