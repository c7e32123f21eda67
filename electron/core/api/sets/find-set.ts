import { type Fault, fault } from '../../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import type { BackupSet } from '../../backup/set-book.ts';
import type { CoreParts } from '../core-parts.ts';

export async function findSet(
  { sets }: Pick<CoreParts, 'sets'>,
  name: string,
): Promise<Result<BackupSet, Fault>> {
  const set = await sets.set(name);
  return set === undefined ? failed(fault('set-unknown', { set: name })) : ok(set);
}

/** Also a set of another installation of this owner's: it can be read, and nothing else. */
export async function findReadable(
  { sets, recovering }: Pick<CoreParts, 'sets' | 'recovering'>,
  name: string,
): Promise<Result<BackupSet, Fault>> {
  const set = (await sets.set(name)) ?? (await recovering.recovery.otherSet(name));
  return set === undefined ? failed(fault('set-unknown', { set: name })) : ok(set);
}
