/**
 * Paths of a walk. Names are bytes and need not be text in any encoding; here each byte is a character of a string
 * (latin1), because strings are smaller and quicker than a million buffers, and sort as their bytes do.
 */
export type BytePath = string;

const BEYOND_ASCII = /[\u0080-\u00ff]/;

export function bytePath(path: string): BytePath {
  return /[\u0080-\uffff]/.test(path) ? Buffer.from(path, 'utf8').toString('latin1') : path;
}

/** What the file system is asked with. */
export function onDisk(path: BytePath): string | Buffer {
  return BEYOND_ASCII.test(path) ? Buffer.from(path, 'latin1') : path;
}

export function bytesOf(path: BytePath): Buffer {
  return Buffer.from(path, 'latin1');
}

/** As a person would read it; bytes that are no text become U+FFFD. */
export function textOf(path: BytePath): string {
  return BEYOND_ASCII.test(path) ? Buffer.from(path, 'latin1').toString('utf8') : path;
}

export function below(folder: BytePath, name: BytePath): BytePath {
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}

/** On Windows what another computer shares; there it stands for a drive. A drive letter that was given to it is this, too, once resolved. */
const SHARE = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)/;

/** A share of another computer at the beginning of a Windows path (`//server/share`), and what comes after it. */
export function splitShare(
  path: string,
): { readonly share: string; readonly rest: string } | undefined {
  const found = SHARE.exec(path);
  return found === null
    ? undefined
    : { share: `//${found[1]}/${found[2]}`, rest: path.slice(found[0].length) };
}

/** The names of an absolute path, whichever strokes this system has; a drive is one of them, and so is a share. */
export function namesOf(path: string, platform: NodeJS.Platform): readonly string[] {
  if (platform !== 'win32') return path.split(/\/+/).filter(Boolean);
  const { share, rest } = splitShare(path) ?? { share: '', rest: path };
  return [share, ...rest.split(/[\\/]+/)].filter(Boolean);
}
