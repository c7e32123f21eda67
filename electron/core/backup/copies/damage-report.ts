import type { StoreObject, StoreOptions, StoreResult } from '../repository/repository-store.ts';

/**
 * Tells whoever keeps a copy that objects in it were found damaged. He reads them once more himself, drops what is really
 * damaged, so that it can be uploaded again, and says on which drive it lay. Without him nothing could be repaired: an
 * object that is there is never overwritten.
 */
export type DamageReport = (
  objects: readonly StoreObject[],
  options?: StoreOptions,
) => Promise<StoreResult<DamageAnswer>>;

export type DamageAnswer = {
  /** A name for people: the volume's label or the last part of where it is mounted; undefined: he does not say. */
  readonly drive: string | undefined;
  readonly objects: readonly ReportedObject[];
};

/** `damaged`: it was, and is gone now. `missing`: there is no such object. `fine`: he reads what its name says. */
export type ReportedObject = StoreObject & { readonly state: 'fine' | 'damaged' | 'missing' };

/** More than these are told in several reports. */
export const REPORT_OBJECTS_MAX = 100;
