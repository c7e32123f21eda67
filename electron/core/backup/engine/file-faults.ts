import type { EngineProblem } from './jobs.ts';

/** Why a file or folder could not be read, from what the system says. */
export type ReadFault = Extract<
  EngineProblem['code'],
  'file-vanished' | 'file-unreadable' | 'file-locked' | 'file-forbidden'
>;

/**
 * The system's word; anything without one is a bug and is thrown on. `UNKNOWN` is what libuv says for errors of
 * Windows that it has no name for, those of cloud files among them.
 */
export function systemCode(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || !/^(E[A-Z0-9]+|UNKNOWN)$/.test(code)) throw error;
  return code;
}

/** Windows' sharing and lock violations come as EBUSY (libuv, src/win/error.c), missing rights as EPERM there. */
export function readFaultOf(code: string): ReadFault {
  switch (code) {
    case 'ENOENT':
    // A folder above it has become something else.
    case 'ENOTDIR':
    // A link has taken its place.
    case 'ELOOP':
    // A friend of the network's: the file was there when it was listed.
    case 'ESTALE':
      return 'file-vanished';
    case 'EBUSY':
    case 'EAGAIN':
    case 'ETXTBSY':
      return 'file-locked';
    case 'EPERM':
    case 'EACCES':
      return 'file-forbidden';
    default:
      return 'file-unreadable';
  }
}
