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

/** The names of an absolute path, whichever strokes this system has; a drive is one of them. */
export function namesOf(path: string, platform: NodeJS.Platform): readonly string[] {
  return path.split(platform === 'win32' ? /[\\/]+/ : /\/+/).filter(Boolean);
}
