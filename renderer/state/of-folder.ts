import type { Fault, FaultCode } from '../../shared/fault.ts';

const OTHERS: ReadonlySet<FaultCode> = new Set([
  'not-a-folder',
  'no-repository',
  'path-too-long',
  'file-exists',
]);

/** Whether a refusal is about the folder that was typed, so that it is said there and not below all. Pure. */
export function isOfFolder(fault: Fault | undefined): boolean {
  return fault !== undefined && (fault.code.startsWith('folder-') || OTHERS.has(fault.code));
}
