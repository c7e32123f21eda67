import { type Fault, fault } from '../../../shared/fault.ts';
import { folderFault } from '../config.ts';
import type { EngineFault } from './engine/engine.ts';
import type { BackupSet } from './set-book.ts';
import type { Target } from './targets.ts';

/** The engine's word in the owner's terms: with the friend's name, and why a plot did not grow. */
export function engineFault(
  engine: EngineFault,
  targets: readonly Pick<Target, 'name' | 'refusal'>[],
  set: Pick<BackupSet, 'name'>,
): Fault {
  const friend = targets.map(({ name }) => name).join(', ');
  switch (engine.code) {
    case 'plot-full':
      // Whatever keeps it from growing: of what is deleted it comes free by itself, and only later.
      if (engine.trashBytes !== undefined)
        return fault('full-of-trash', { friend, trashBytes: engine.trashBytes });
      return (
        targets.map(({ refusal }) => refusal()).find(Boolean) ?? fault('plot-full', { friend })
      );
    case 'unreachable':
      return fault('unreachable', { friend, detail: engine.detail });
    case 'refused':
      return fault('refused', { ...engine.params, friend, denial: engine.reason });
    case 'cancelled':
    case 'wrong-password':
      return fault(engine.code, { friend });
    case 'locked':
      return fault('repository-locked', { by: engine.by });
    case 'snapshot-unknown':
      return fault('snapshot-unknown', { set: set.name, snapshot: engine.snapshot });
    case 'no-repository':
      return fault('snapshot-unknown', { set: set.name, snapshot: 'latest' });
    case 'not-in-backup':
      return fault('not-in-backup', { path: engine.path });
    case 'folder':
      // An archive was to be made where there is something now.
      if (engine.error === 'EEXIST') return fault('file-exists', { file: engine.folder });
      if (engine.error === 'EMPTIED') return fault('folder-empty', { folder: engine.folder });
      return folderFault({ code: engine.error }, engine.folder);
    default:
      return fault('repository-damaged', {
        friend,
        detail: 'detail' in engine ? engine.detail : engine.code,
      });
  }
}
