import type { GatewayView } from '../../../../shared/contract/backup-views.ts';

/** What to type for stock restic, ready to copy: for the shell that this system's people have. */
export function gatewayCommands({
  url,
  passwordFile,
  readOnly,
  isEmpty,
  platform,
}: {
  readonly url: string;
  /** Where restic finds the password; undefined: it asks for one, which is its own. */
  readonly passwordFile: string | undefined;
  readonly readOnly: boolean;
  /** There is no repository yet. */
  readonly isEmpty: boolean;
  readonly platform: NodeJS.Platform;
}): GatewayView['commands'] {
  const shell = platform === 'win32' ? POWERSHELL : POSIX;
  const variables: readonly (readonly [string, string])[] = [
    ['RESTIC_REPOSITORY', `rest:${url}`],
    ...(passwordFile === undefined ? [] : [['RESTIC_PASSWORD_FILE', passwordFile] as const]),
  ];
  const backup = `restic backup ${shell.inHome('Documents')}`;
  return [
    {
      what: 'environment',
      command: variables.map(([name, value]) => shell.set(name, value)).join('\n'),
    },
    { what: 'snapshots', command: 'restic snapshots' },
    // A backup set has one writer, and that is not restic.
    ...(readOnly
      ? []
      : [{ what: 'backup' as const, command: isEmpty ? `restic init\n${backup}` : backup }]),
    { what: 'restore', command: `restic restore latest --target ${shell.inHome('restored')}` },
    { what: 'check', command: 'restic check' },
  ];
}

type Shell = {
  readonly set: (name: string, value: string) => string;
  /** A folder at home; the shell knows where that is. */
  readonly inHome: (folder: string) => string;
};

/** Between single quotes nothing means anything, in either shell. */
const POSIX: Shell = {
  set: (name, value) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  inHome: (folder) => `"$HOME/${folder}"`,
};

/** PowerShell takes typographic quotes for quotes too. */
const POWERSHELL: Shell = {
  set: (name, value) =>
    `$env:${name} = '${value.replaceAll(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`,
  inHome: (folder) => `"$HOME\\${folder}"`,
};
