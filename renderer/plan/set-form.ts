import { NAME_CHARS_MAX, SET_NAME } from '../../shared/model/bounds.ts';
import type { BackupSetView } from '../../shared/contract/backup-views.ts';
import type { InputOf } from '../../shared/contract/contract.ts';
import type { Fault } from '../../shared/fault.ts';
import { COPIES_MAX, PLAN_AT_FIRST } from '../../shared/model/plan-at-first.ts';
import type { SizeUnits } from '../../shared/units.ts';
import { isOfFolder } from '../state/of-folder.ts';
import { splitFolder } from '../ui/folder-path.ts';
import { type PlanForm, type PlanProblem, planForm, planOf, planProblems } from './plan-form.ts';

/** What is typed into the form of a set, and what is still wrong with it. Pure. */
export type SetForm = PlanForm & {
  readonly name: string;
  /** At least one line, which may be empty. */
  readonly folders: readonly string[];
  readonly to: readonly string[];
};

export type SetProblem = 'no-name' | 'bad-name' | 'no-folder' | 'no-friend' | PlanProblem;

export function newSetForm(to: readonly string[]): SetForm {
  return { ...planForm(PLAN_AT_FIRST), name: '', folders: [''], to };
}

/** `owners`: of the friends whom the set names. */
export function formOf(set: BackupSetView, owners: readonly string[]): SetForm {
  return { ...planForm(set.plan), name: set.name, folders: set.folders, to: owners };
}

export function problemsOf(form: SetForm, units: SizeUnits): readonly SetProblem[] {
  const trimmed = form.name.trim();
  return [
    ...(trimmed === '' ? (['no-name'] as const) : []),
    ...(trimmed !== '' && !SET_NAME.test(trimmed) ? (['bad-name'] as const) : []),
    ...(form.folders.every((folder) => folder.trim() === '') ? (['no-folder'] as const) : []),
    ...(form.to.length === 0 ? (['no-friend'] as const) : []),
    ...planProblems(form, units),
  ];
}

/** As many copies as friends, unless somebody wants fewer complete ones. */
export function withFriends(form: SetForm, to: readonly string[]): SetForm {
  const isEach = form.copies >= form.to.length;
  const most = Math.min(COPIES_MAX, Math.max(1, to.length));
  return { ...form, to, copies: isEach ? most : Math.min(form.copies, most) };
}

export function createOf(form: SetForm, units: SizeUnits): InputOf<'sets.create'> {
  return { name: form.name.trim(), ...wishOf(form), plan: planOf(form, units) };
}

/** Only what is another than before, so that two windows do not undo each other's changes. */
export function editOf(form: SetForm, before: SetForm, units: SizeUnits): InputOf<'sets.edit'> {
  const now = { ...wishOf(form), ...planOf(form, units) };
  const was = { ...wishOf(before), ...planOf(before, units) };
  const isOther = (key: keyof typeof now) => JSON.stringify(now[key]) !== JSON.stringify(was[key]);
  const plan = Object.fromEntries(
    Object.entries(planOf(form, units)).filter(([key]) => isOther(key as keyof typeof now)),
  );
  return {
    name: before.name,
    ...(isOther('folders') ? { folders: now.folders } : {}),
    ...(isOther('to') ? { to: now.to } : {}),
    ...(Object.keys(plan).length === 0 ? {} : { plan }),
  };
}

export function foldersOf({ folders }: Pick<SetForm, 'folders'>): string[] {
  return folders.map((folder) => folder.trim()).filter((folder) => folder !== '');
}

function wishOf(form: SetForm): { readonly folders: string[]; readonly to: string[] } {
  return { folders: foldersOf(form), to: [...form.to] };
}

/** A set is mostly called as its first folder is, as long as nobody has typed another name. */
export function nameFor(folder: string): string {
  return (splitFolder(folder.trim())?.name ?? '').slice(0, NAME_CHARS_MAX);
}

/** At which field a refusal of the core is said: the name, the folder with that path, a part of the plan, or below all. */
export function fieldOf(
  fault: Fault,
  { folders }: Pick<SetForm, 'folders'>,
): 'name' | 'friends' | PlanPart | number | undefined {
  const { code, params } = fault;
  if (code === 'set-exists') return 'name';
  if (code === 'friend-unknown' || code === 'friend-ambiguous') return 'friends';
  if (code === 'bad-plan') return PART_OF[params['problem'] ?? ''];
  if (!isOfFolder(fault)) return undefined;
  const index = folders.findIndex((folder) => folder.trim() === params['folder']);
  return index < 0 ? 0 : index;
}

export type PlanPart = 'schedule' | 'rules' | 'copies';

/** Which part of a plan the core's problem is about (`shared/backup/plan-problem.ts`). */
const PART_OF: Readonly<Record<string, PlanPart | undefined>> = {
  'quiet-always': 'schedule',
  'quiet-then': 'schedule',
  'bad-pattern': 'rules',
  'too-many-copies': 'copies',
};
