import { planProblem } from '../../../../shared/backup/plan-problem.ts';
import type { Api } from '../../../../shared/contract/api.ts';
import type { BackupSetView } from '../../../../shared/contract/backup-views.ts';
import type { ArgsOf } from '../../../../shared/contract/contract.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import { type BackupPlanText, PLAN_AT_FIRST } from '../../../../shared/model/backup-plan.ts';
import { isUntilTold } from '../../../../shared/model/until-told.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { DAY_MS } from '../../../../shared/units.ts';
import { planText, rulesText } from '../../backup/plan-text.ts';
import { pauseEnd } from '../../pause.ts';
import { ownFolders } from '../../plots/volume.ts';
import type { CoreParts } from '../core-parts.ts';
import { findSet } from './find-set.ts';
import { dropSet, replaceHost } from './set-endings.ts';
import { foldersOf, hostsOf } from './set-folders.ts';
import { setViews } from './set-views.ts';

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
    'sets.edit': (args) => edit(parts, args),
    'sets.drop': (args) => dropSet(parts, args),
    'sets.replace': async (args) => {
      const replaced = await replaceHost(parts, args);
      return replaced.ok ? viewOf(parts, args.name) : replaced;
    },
    'sets.pause': (args) => pause(parts, args),
    'sets.estimate': (args) => estimate(parts, args),
    'sets.estimated': async ({ job }) => {
      const result = parts.estimates.result(job);
      return result === undefined ? failed(fault('job-unknown', { job })) : ok(result);
    },
  };
}

async function viewOf(parts: CoreParts, name: string): Promise<Result<BackupSetView, Fault>> {
  const view = (await setViews(parts)).find((each) => each.name === name);
  return view === undefined ? failed(fault('set-unknown', { set: name })) : ok(view);
}

async function create(
  parts: CoreParts,
  { name, folders, to, exclude, plan: wish = {} }: ArgsOf<'sets.create'>,
): Promise<Result<BackupSetView, Fault>> {
  const hosts = hostsOf(parts, to);
  if (!hosts.ok) return hosts;
  const real = await foldersOf(parts, folders);
  if (!real.ok) return real;
  // Whoever chooses several friends and says nothing else wants a copy at each.
  const first = { ...PLAN_AT_FIRST, copies: hosts.value.length };
  const rules = { ...first.rules, exclude: exclude ?? [] };
  const plan = changed({ ...first, rules }, wish);
  const problem = planProblem(plan, hosts.value.length);
  if (problem !== undefined) return failed(fault('bad-plan', problem));
  const atMs = parts.clock.nowMs();
  const set = { name, folders: real.value, plan, hosts: hosts.value, atMs };
  const created = await parts.sets.create(set);
  return created.ok ? viewOf(parts, name) : failed(fault('set-exists', { set: name }));
}

async function edit(
  parts: CoreParts,
  { name, folders, to, plan: wish }: ArgsOf<'sets.edit'>,
): Promise<Result<BackupSetView, Fault>> {
  const found = await findSet(parts, name);
  if (!found.ok) return found;
  const set = found.value;
  const hosts = to === undefined ? ok(set.hosts) : hostsOf(parts, to);
  if (!hosts.ok) return hosts;
  const real = folders === undefined ? undefined : await foldersOf(parts, folders);
  if (real?.ok === false) return real;
  const count = hosts.value.length;
  const before = planText(set.plan);
  // One copy at each friend stays that, and a friend less is no reason to refuse.
  const copies =
    to === undefined
      ? before.copies
      : before.copies === set.hosts.length
        ? count
        : Math.min(before.copies, count);
  const plan = changed({ ...before, copies }, wish);
  // Where friends have left the set as it is, other things can be changed all the same.
  const isCounted = to !== undefined || wish?.copies !== undefined;
  const problem = planProblem(plan, isCounted ? count : Math.max(count, plan.copies));
  if (problem !== undefined) return failed(fault('bad-plan', problem));
  await parts.sets.edit({
    name,
    plan,
    ...(real === undefined ? {} : { folders: real.value }),
    ...(to === undefined ? {} : { hosts: hosts.value }),
  });
  if (to !== undefined) await parts.copyBook.retain({ set: name, hosts: hosts.value });
  await noteProtection(parts, set, plan.protectDays);
  return viewOf(parts, name);
}

/** Friends are told by `backup/protecting.ts`, now or when they are there; this is what is shown until they have answered. */
async function noteProtection(
  parts: CoreParts,
  {
    name,
    plan,
    falls,
  }: { readonly name: string; readonly plan: { readonly protectDays: number } } & {
    readonly falls: { readonly days: number; readonly atMs: number } | undefined;
  },
  days: number,
): Promise<void> {
  if (days === plan.protectDays) return;
  const isLower = days < plan.protectDays;
  const atMs = falls?.atMs ?? parts.clock.nowMs() + plan.protectDays * DAY_MS;
  await parts.sets.setFalls({ name, falls: isLower ? { days, atMs } : undefined });
  await parts.protecting.tick();
}

async function pause(
  parts: CoreParts,
  { name, until }: ArgsOf<'sets.pause'>,
): Promise<Result<readonly BackupSetView[], Fault>> {
  if (name !== undefined) {
    const found = await findSet(parts, name);
    if (!found.ok) return found;
  }
  const sinceMs = parts.clock.nowMs();
  const pause = until === null ? undefined : { sinceMs, untilMs: pauseEnd(until, sinceMs) };
  for (const set of await parts.sets.sets()) {
    if (name !== undefined && set.name !== name) continue;
    // Only its own name ends the wait of one that came from another computer, and no pause that ends by itself does.
    const isKept = isUntilTold(set.pause?.untilMs) && (name === undefined || until !== null);
    if (!isKept) await parts.sets.pause({ name: set.name, pause });
    if (until !== null) parts.runs.stop(set.name);
  }
  return ok(await setViews(parts));
}

async function estimate(
  parts: CoreParts,
  { folders, rules }: ArgsOf<'sets.estimate'>,
): ReturnType<SetsApi['sets.estimate']> {
  const real = await foldersOf(parts, folders);
  if (!real.ok) return real;
  const text = rules === undefined ? PLAN_AT_FIRST.rules : rulesText(rules);
  const problem = planProblem({ ...PLAN_AT_FIRST, rules: text }, PLAN_AT_FIRST.copies);
  if (problem !== undefined) return failed(fault('bad-plan', problem));
  const leaveOut = ownFolders(parts.home.folder, parts.hosting.offer());
  return ok(parts.estimates.start({ folders: real.value, rules: text, leaveOut }));
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
