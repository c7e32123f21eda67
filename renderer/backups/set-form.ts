import type { InputOf } from '../../shared/contract/contract.ts';
import type { Fault } from '../../shared/fault.ts';
import { splitFolder } from '../ui/folder-path.ts';

/** What is typed into the form for a new set, and what is still wrong with it. Pure. */
export type SetForm = {
  readonly name: string;
  /** At least one line, which may be empty. */
  readonly folders: readonly string[];
  readonly to: readonly string[];
  /** One pattern a line. */
  readonly exclude: string;
};

export type SetProblem = 'no-name' | 'bad-name' | 'no-folder' | 'no-friend';

/** The contract's own rule; the window carries no schemas. */
const NAME = /^[^\p{Cc}/\\]{1,80}$/u;

export function problemsOf({ name, folders, to }: SetForm): readonly SetProblem[] {
  const trimmed = name.trim();
  return [
    ...(trimmed === '' ? (['no-name'] as const) : []),
    ...(trimmed !== '' && !NAME.test(trimmed) ? (['bad-name'] as const) : []),
    ...(folders.every((folder) => folder.trim() === '') ? (['no-folder'] as const) : []),
    ...(to.length === 0 ? (['no-friend'] as const) : []),
  ];
}

export function callOf({ name, folders, to, exclude }: SetForm): InputOf<'sets.create'> {
  const patterns = lines(exclude);
  return {
    name: name.trim(),
    folders: folders.map((folder) => folder.trim()).filter((folder) => folder !== ''),
    to: [...to],
    ...(patterns.length === 0 ? {} : { exclude: patterns }),
  };
}

/** A set is mostly called as its first folder is, as long as nobody has typed another name. */
export function nameFor(folder: string): string {
  return (splitFolder(folder.trim())?.name ?? '').slice(0, 80);
}

/** At which field a refusal of the core is said: the name, the folder with that path, or below all. */
export function fieldOf(
  { code, params }: Fault,
  { folders }: SetForm,
): 'name' | number | undefined {
  if (code === 'set-exists') return 'name';
  if (!code.startsWith('folder-')) return undefined;
  const index = folders.findIndex((folder) => folder.trim() === params['folder']);
  return index < 0 ? 0 : index;
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
