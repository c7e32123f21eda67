import { type Failed, failed } from './result.ts';

/**
 * The closed list of faults a command can end with, and the CLI's exit code for each. The sentence
 * for the person is `fault.<code>` in the catalogue; it says what to do. Refusals of another device
 * come as `refused` with the denial's own code and numbers in `params`.
 */
export const faults = {
  // 2: the command's words are off.
  'bad-arguments': { exit: 2 },
  'bad-size': { exit: 2 },
  'bad-duration': { exit: 2 },
  'bad-policy': { exit: 2 },
  'bad-address': { exit: 2 },
  'bad-code': { exit: 2 },
  'bad-phrase': { exit: 2 },
  'bad-voucher': { exit: 2 },
  'bad-plan': { exit: 2 },
  // 3: no such thing.
  'friend-unknown': { exit: 3 },
  'no-copy-there': { exit: 3 },
  'friend-ambiguous': { exit: 3 },
  'plot-unknown': { exit: 3 },
  'set-unknown': { exit: 3 },
  'snapshot-unknown': { exit: 3 },
  'pairing-unknown': { exit: 3 },
  'job-unknown': { exit: 3 },
  'nearby-unknown': { exit: 3 },
  'request-unknown': { exit: 3 },
  'network-unknown': { exit: 3 },
  'account-unknown': { exit: 3 },
  'order-unknown': { exit: 3 },
  'voucher-unknown': { exit: 3 },
  'restore-unknown': { exit: 3 },
  'not-in-backup': { exit: 3 },
  /** The folder holds no repository. */
  'no-repository': { exit: 3 },
  // 4: the answer was no, also because it is there already.
  refused: { exit: 4 },
  /** Neither yes nor no yet: it is asked again by itself. */
  waits: { exit: 4 },
  'pairing-rejected': { exit: 4 },
  'pairing-expired': { exit: 4 },
  'digits-differ': { exit: 4 },
  'already-friends': { exit: 4 },
  'set-exists': { exit: 4 },
  'not-reclaimable': { exit: 4 },
  'wrong-name': { exit: 4 },
  /** What is on a disk is more than its owner's plot may hold. */
  'granted-too-little': { exit: 4 },
  /** Another backup than the one that is there already. */
  'other-repository': { exit: 4 },
  /** A plot here takes nothing more at the moment. */
  'not-taken-in': { exit: 4 },
  'nobody-keeps': { exit: 4 },
  /** What would be lost is not what was confirmed. */
  'leaves-otherwise': { exit: 4 },
  /** Whoever keeps a plot has nothing to renew there. */
  'helper-keeps-it': { exit: 4 },
  /** Something is still charged on it. */
  'account-in-use': { exit: 4 },
  'too-many-accounts': { exit: 4 },
  /** Owners whose accounts count here. */
  'too-many-keepers': { exit: 4 },
  'barter-off': { exit: 4 },
  /** More notes than there is room for. */
  'over-issue': { exit: 4 },
  'notes-short': { exit: 4 },
  /** Neither taken nor refused: they are sent again by themselves. */
  'notes-on-their-way': { exit: 4 },
  /** Only an installation with which nothing was done yet can become another owner's. */
  'not-fresh': { exit: 4 },
  // 5: the other device or the network.
  unreachable: { exit: 5 },
  'wrong-key': { exit: 5 },
  protocol: { exit: 5 },
  // 6: this machine's disk or folders.
  'folder-missing': { exit: 6 },
  'not-a-folder': { exit: 6 },
  'folder-unreadable': { exit: 6 },
  /** It had files when it was backed up before. */
  'folder-empty': { exit: 6 },
  'folder-failed': { exit: 6 },
  'folder-read-only': { exit: 6 },
  'folder-inside-store': { exit: 6 },
  'folder-not-empty': { exit: 6 },
  'file-exists': { exit: 6 },
  /** An archive, by a restore that is not over. */
  'being-restored': { exit: 6 },
  'volume-missing': { exit: 6 },
  'disk-full': { exit: 6 },
  'plots-elsewhere': { exit: 6 },
  'path-too-long': { exit: 6 },
  'port-in-use': { exit: 6 },
  // 7: this installation.
  'not-running': { exit: 7 },
  'already-running': { exit: 7 },
  'wrong-node': { exit: 7 },
  'database-newer': { exit: 7 },
  'database-damaged': { exit: 7 },
  /** The disk with it failed; what is in it may well be sound. */
  'database-unreadable': { exit: 7 },
  'secret-damaged': { exit: 7 },
  'secret-locked': { exit: 7 },
  'not-listening': { exit: 7 },
  /** Its files were replaced or removed while it ran, and a part that was to begin is not there any more. */
  'program-replaced': { exit: 7 },
  // 8: the repository.
  'wrong-password': { exit: 8 },
  'repository-damaged': { exit: 8 },
  'repository-locked': { exit: 8 },
  /** Written by a later version of the format. */
  'repository-newer': { exit: 8 },
  /** A file came back otherwise than it lies on the disk. */
  'drill-differs': { exit: 8 },
  'plot-full': { exit: 8 },
  /** Full, because what was deleted from it is protected and stays for a while. */
  'full-of-trash': { exit: 8 },
  'some-files-failed': { exit: 8 },
  // 1: a bug; the incident's id is in the log.
  internal: { exit: 1 },
  cancelled: { exit: 130 },
} as const satisfies Record<string, { exit: number }>;

export type FaultCode = keyof typeof faults;

export function isFaultCode(text: string): text is FaultCode {
  return Object.hasOwn(faults, text);
}

/** A fault with its numbers and names, ready to be put into words by `fault.<code>`. */
export type Fault = { readonly code: FaultCode; readonly params: Readonly<Record<string, string>> };

/** An error that is nobody's bug carries what there is to say of it to where somebody can be told. */
export function carrying(thrown: unknown, what: Fault): Error {
  return Object.assign(new Error(`${what.code}: ${String(thrown)}`, { cause: thrown }), {
    carried: what,
  });
}

export function carriedFault(error: unknown): Fault | undefined {
  return error instanceof Error && 'carried' in error ? (error.carried as Fault) : undefined;
}

/** What ended with an error that carries what there is to say of it has failed; a bug stays one. */
export function asFailed(error: unknown): Failed<Fault> {
  const carried = carriedFault(error);
  if (carried === undefined) throw error;
  return failed(carried);
}

export function fault(code: FaultCode, params: Readonly<Record<string, string>> = {}): Fault {
  return { code, params };
}
