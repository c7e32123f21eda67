import type { InputOf } from '../../shared/contract/contract.ts';
import type { RestoreConflict } from '../../shared/model/restore-conflict.ts';
import { isFolderName, joinFolder } from '../ui/folder-path.ts';

/** Where a restore shall go, as it is typed. Pure. */
export type Target = {
  readonly way: 'folder' | 'place' | 'archive';
  readonly folder: string;
  /** Of an archive, without its ending. */
  readonly file: string;
  readonly ending: '.zip' | '.tar.gz';
  readonly conflict: RestoreConflict;
};

export type TargetProblem = 'no-folder' | 'bad-file';

export function targetProblems({ way, folder, file }: Target): readonly TargetProblem[] {
  return [
    ...(way !== 'place' && folder.trim() === '' ? (['no-folder'] as const) : []),
    ...(way === 'archive' && !isFolderName(file.trim()) ? (['bad-file'] as const) : []),
  ];
}

type Restore = Pick<InputOf<'sets.restore'>, 'to' | 'conflict' | 'archive'>;

/** `hasConflict`: it was asked what happens to files that are there. */
export function restoreOf(target: Target, hasConflict: boolean): Restore {
  const { way, conflict } = target;
  const folder = target.folder.trim();
  if (way === 'archive')
    return { to: joinFolder(folder, `${target.file.trim()}${target.ending}`), archive: true };
  return {
    ...(way === 'place' ? {} : { to: folder }),
    ...(hasConflict ? { conflict } : {}),
  };
}

/** "Photos 2026-11-23": what it is of, and of when. */
export function suggestedName(of: string, at: Date): string {
  const two = (count: number) => `${count}`.padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const name = of
    .split(/[/\\]/)
    .findLast((part) => part !== '')
    ?.replaceAll(/[\p{Cc}:]/gu, '')
    .slice(0, 60);
  return name === undefined || name === '' ? day : `${name} ${day}`;
}
