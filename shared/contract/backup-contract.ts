import { z } from 'zod';
import { COPIES_MAX, fileRules, planChange } from '../model/backup-plan.ts';
import {
  ADDRESS_CHARS_MAX,
  ANY_SET_NAME,
  EXCLUDE_CHARS_MAX,
  EXCLUDES_MAX,
  FOLDERS_MAX,
  PATH_CHARS_MAX,
  RESTORE_PATHS_MAX,
} from '../model/bounds.ts';
import { RESTORE_CONFLICTS } from '../model/restore-conflict.ts';
import type {
  BackupSetView,
  EstimateView,
  FolderView,
  FindView,
  GatewayView,
  RecoverySheetView,
  RecoveryView,
  RestoreView,
  SnapshotView,
  TrashView,
} from './backup-views.ts';
import { entry, folder, friend, none, peerFaults, plot, setName } from './entry.ts';
import type { BytesText, JobView } from './views.ts';

const snapshotId = z.string().min(1).max(64);
const anySet = z.string().regex(ANY_SET_NAME);
/** What reading a repository can end with, wherever it lies. */
const readFaults = [
  'set-unknown',
  'nobody-keeps',
  'snapshot-unknown',
  'no-repository',
  'folder-missing',
  'not-a-folder',
  'unreachable',
  'wrong-key',
  'refused',
  'repository-damaged',
  'repository-newer',
  'wrong-password',
] as const;

/** My backups: the part of the contract (`contract.ts`) that is about them. */
export const backupContract = {
  'sets.list': entry<readonly BackupSetView[]>()(none),
  'sets.create': entry<BackupSetView>()(
    z.strictObject({
      name: setName,
      folders: z.array(folder).min(1).max(FOLDERS_MAX),
      to: z.array(friend).min(1).max(COPIES_MAX),
      /** For short: what `plan.rules.exclude` says. */
      exclude: z.array(z.string().min(1).max(EXCLUDE_CHARS_MAX)).max(EXCLUDES_MAX).optional(),
      plan: planChange.optional(),
    }),
    [
      'set-exists',
      'friend-unknown',
      'friend-ambiguous',
      'folder-missing',
      'not-a-folder',
      'folder-inside-store',
      'bad-plan',
    ],
  ),
  /**
   * Only what is named changes. A lower protection begins only after as many days as the old one had, and all of this
   * owner's devices hear of it.
   */
  'sets.edit': entry<BackupSetView>()(
    z.strictObject({
      name: setName,
      folders: z.array(folder).min(1).max(FOLDERS_MAX).optional(),
      to: z.array(friend).min(1).max(COPIES_MAX).optional(),
      plan: planChange.optional(),
    }),
    [
      'set-unknown',
      'friend-unknown',
      'friend-ambiguous',
      'folder-missing',
      'not-a-folder',
      'folder-inside-store',
      'bad-plan',
    ],
  ),
  /** Backs it up no more. With `release` its copies are let go of too; that needs its name typed. */
  'sets.drop': entry<{ readonly dropped: true }>()(
    z.strictObject({
      name: setName,
      release: z.boolean(),
      confirm: z.string().max(100).optional(),
    }),
    ['set-unknown', 'wrong-name', ...peerFaults],
  ),
  /** A friend who is gone for good: another one keeps that copy from now on, or nobody (null). */
  'sets.replace': entry<BackupSetView>()(
    z.strictObject({ name: setName, from: friend, to: friend.nullable() }),
    ['set-unknown', 'friend-unknown', 'friend-ambiguous', 'no-copy-there'],
  ),
  /** Counts what a backup of these folders would take; the job's id gives the answer by `sets.estimated`. */
  'sets.estimate': entry<JobView>()(
    z.strictObject({
      folders: z.array(folder).min(1).max(FOLDERS_MAX),
      rules: fileRules.optional(),
    }),
    ['folder-missing', 'not-a-folder', 'folder-inside-store', 'bad-plan'],
  ),
  /** Null: still counting. */
  'sets.estimated': entry<EstimateView | null>()(z.strictObject({ job: z.string().max(60) }), [
    'job-unknown',
  ]),
  'sets.run': entry<JobView>()(z.strictObject({ name: setName }), ['set-unknown']),
  /** Nothing begins by itself meanwhile, and what runs stops where it is; without a name: all sets, apart from those that wait until told (`recovery.take-over`). */
  'sets.pause': entry<readonly BackupSetView[]>()(
    z.strictObject({ name: setName.optional(), until: z.enum(['hour', 'tomorrow']).nullable() }),
    ['set-unknown'],
  ),
  /** Forgets what the retention does not keep, and gives the room back. */
  'sets.prune': entry<JobView>()(z.strictObject({ name: setName }), ['set-unknown']),
  /** Every copy as a whole; with `readData` each byte of it. What is damaged is repaired from another copy. */
  'sets.check': entry<JobView>()(
    z.strictObject({ name: setName, readData: z.boolean().optional() }),
    ['set-unknown'],
  ),
  /** Today's look at random packs of every copy, now. */
  'sets.verify': entry<JobView>()(z.strictObject({ name: setName }), ['set-unknown']),
  /** Restores a random file and compares it with the one on the disk. */
  'sets.drill': entry<JobView>()(z.strictObject({ name: setName }), ['set-unknown']),
  /** The whole repository into a folder, for instance on a USB disk; what is there of it already stays. */
  'sets.export': entry<JobView>()(z.strictObject({ name: setName, to: folder }), [
    'set-unknown',
    'folder-missing',
    'not-a-folder',
    'folder-read-only',
    'folder-inside-store',
    'folder-not-empty',
  ]),
  /** `from`, here and below: a folder that holds the repository, instead of the friends who keep it. */
  'sets.snapshots': entry<readonly SnapshotView[]>()(
    z.strictObject({ name: anySet.optional(), from: folder.optional() }),
    readFaults,
  ),
  /** Deletes these snapshots; needs the set's name typed. Room comes back with the next prune. */
  'sets.forget': entry<{ readonly forgotten: number }>()(
    z.strictObject({
      name: setName,
      snapshots: z.array(snapshotId).min(1).max(1000),
      confirm: z.string().max(100),
    }),
    ['wrong-name', ...readFaults],
  ),
  /** What lies in a folder of a snapshot, folders first, by name; the empty path is what was chosen for the set. */
  'sets.browse': entry<FolderView>()(
    z.strictObject({
      name: anySet.optional(),
      from: folder.optional(),
      snapshot: snapshotId.optional(),
      path: z.string().max(PATH_CHARS_MAX),
      after: z.string().max(PATH_CHARS_MAX).optional(),
      limit: z.int().min(1).max(1000).optional(),
    }),
    [...readFaults, 'not-in-backup'],
  ),
  /** Entries whose name contains the text or, with `*` and `?`, matches it; newest snapshots first, one line per version. */
  'sets.find': entry<FindView>()(
    z.strictObject({
      name: anySet.optional(),
      from: folder.optional(),
      snapshot: snapshotId.optional(),
      text: z.string().min(1).max(1000),
      limit: z.int().min(1).max(1000).optional(),
    }),
    readFaults,
  ),
  /** How much a restore of these would write. */
  'sets.measure': entry<{ readonly files: number; readonly bytes: BytesText }>()(
    z.strictObject({
      name: anySet.optional(),
      from: folder.optional(),
      snapshot: snapshotId.optional(),
      paths: z.array(z.string().min(1).max(PATH_CHARS_MAX)).max(RESTORE_PATHS_MAX).optional(),
    }),
    readFaults,
  ),
  'sets.restore': entry<JobView>()(
    z.strictObject({
      name: anySet.optional(),
      from: folder.optional(),
      snapshot: snapshotId.optional(),
      /** A folder; for `archive` the file to make. Absent: in place, where the files came from. */
      to: folder.optional(),
      paths: z.array(z.string().min(1).max(PATH_CHARS_MAX)).max(RESTORE_PATHS_MAX).optional(),
      /** What happens to a file that is there already and differs; without it the folder must be empty. */
      conflict: z.enum(RESTORE_CONFLICTS).optional(),
      /** One `.tar.gz` or `.zip` instead of files, by the ending of `to`. */
      archive: z.boolean().optional(),
    }),
    [
      'folder-not-empty',
      'file-exists',
      'being-restored',
      'folder-missing',
      'folder-read-only',
      'bad-arguments',
      ...readFaults,
    ],
  ),
  'sets.trash': entry<readonly TrashView[]>()(z.strictObject({ name: setName }), [
    'set-unknown',
    ...peerFaults,
  ]),
  /** Brings back everything that was deleted at friends' since then and still lies in the trash. */
  'sets.untrash': entry<{ readonly objects: number }>()(
    z.strictObject({ name: setName, sinceMs: z.int().min(0) }),
    ['set-unknown', ...peerFaults],
  ),
  'restores.list': entry<readonly RestoreView[]>()(none),
  'restores.pause': entry<RestoreView>()(z.strictObject({ id: z.string().max(60) }), [
    'restore-unknown',
  ]),
  'restores.resume': entry<JobView>()(z.strictObject({ id: z.string().max(60) }), [
    'restore-unknown',
    ...readFaults,
  ]),
  /** Gives it up; what was restored stays. */
  'restores.drop': entry<{ readonly dropped: true }>()(z.strictObject({ id: z.string().max(60) }), [
    'restore-unknown',
  ]),
  /** A friend's plot here as a folder on a disk that can be carried to him. */
  'plots.export': entry<JobView>()(z.strictObject({ plot, to: folder }), [
    'plot-unknown',
    'folder-missing',
    'not-a-folder',
    'folder-read-only',
    'folder-inside-store',
    'folder-not-empty',
    'volume-missing',
  ]),
  /** From a disk that a friend brought into his plot here, within what was granted to him. */
  'plots.import': entry<JobView>()(z.strictObject({ plot, from: folder }), [
    'plot-unknown',
    'folder-missing',
    'not-a-folder',
    'no-repository',
    'volume-missing',
  ]),
  /** A loopback address at which stock restic finds a plot of mine, for this one use; good until it is closed or the program ends. */
  'gateway.open': entry<GatewayView>()(z.strictObject({ plot }), ['plot-unknown']),
  'gateway.close': entry<{ readonly closed: boolean }>()(z.strictObject({ plot })),
  'recovery.sheet': entry<RecoverySheetView>()(none),
  'recovery.get': entry<RecoveryView>()(none),
  /**
   * Makes this installation, with which nothing was done yet, a device of the owner of these words. `replaces` strikes
   * off the installation that is no more, by its id or by its computer's name where an address book has told of it. One
   * that is in use needs the words of its own owner and `replaces`: it takes that one's place, with its sets. The core begins
   * again with the new identity.
   */
  'recovery.begin': entry<RecoveryView>()(
    z.strictObject({
      words: z.string().min(1).max(1000),
      replaces: z.string().max(100).optional(),
      /** Since then the one that is no more is in somebody else's hands: what books say that were written later is doubtful. */
      stolenMs: z.int().min(0).max(8_640_000_000_000_000).optional(),
    }),
    ['bad-phrase', 'not-fresh', 'bad-arguments'],
  ),
  /** A friend whom only doubtful address books name is one; without a friend: all that they say is so. */
  'recovery.believe': entry<RecoveryView>()(
    z.strictObject({ friend: z.string().trim().min(1).max(100).optional() }),
    ['friend-unknown', 'friend-ambiguous'],
  ),
  /** Looks for a friend there; the recovery sheet has the address, and the key if he is to be told from an impostor. */
  'recovery.call': entry<RecoveryView>()(
    z.strictObject({
      address: z.string().trim().min(1).max(ADDRESS_CHARS_MAX),
      device: z.string().max(60).optional(),
    }),
    [
      'bad-address',
      'folder-missing',
      'not-a-folder',
      'no-repository',
      'bad-arguments',
      'unreachable',
      'wrong-key',
      'protocol',
      'refused',
    ],
  ),
  /**
   * A set of another computer of mine, named as in `recovery.get`, is backed up here from now on instead: its folders may have to be
   * put right first, so it waits (`sets.pause` with `until: null` lets it go on).
   */
  'recovery.take-over': entry<BackupSetView>()(z.strictObject({ name: anySet }), ['set-unknown']),
} as const;
