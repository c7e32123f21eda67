import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Async } from '../../../shared/async.ts';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { PlotFaultCode } from '../../../shared/wire/plot-faults.ts';
import type { DamageFound, ObjectReported } from '../../../shared/wire/protection.ts';
import type { Ledger, ObjectKey } from '../ledger/ledger.ts';
import type { Clock } from '../ports.ts';
import { fileSize, objectPath } from './object-file.ts';
import type { PlotStore } from './plot-store.ts';

/**
 * A guest says that objects of his came back wrong (design §6). Nobody takes his word for it, nor ours: each is read from the
 * disk and hashed once more, and only what is not what its name says is dropped, so that he can send it again.
 */
export type Examine = (call: {
  readonly owner: OwnerId;
  readonly plot: PlotId;
  readonly objects: readonly ObjectReported[];
}) => Promise<
  Result<DamageFound, Extract<PlotFaultCode, 'plot-unknown' | 'volume-missing'> | 'rate-limited'>
>;

/** What was not got to by then is left out of the answer, and asked about again. */
const EXAMINES_FOR_MS = 15_000;
/** Few enough to leave the disk to those who restore. */
const READ_BYTES = 1024 * 1024;

export function createExamine({
  ledger,
  store,
  driveName,
  moment,
  clock,
}: {
  readonly ledger: Pick<Async<Ledger>, 'object' | 'dropDamaged' | 'correct'>;
  readonly store: Pick<PlotStore, 'exclusively' | 'whereIs' | 'takeOff'>;
  /** What people call the drive with that folder. */
  readonly driveName: (folder: string) => Promise<string | undefined>;
  readonly moment: () => Moment;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}): Examine {
  let isBusy = false;

  async function examineOne(
    key: ObjectKey,
    folder: string,
    drive: string | undefined,
  ): Promise<DamageFound['objects'][number]['state']> {
    const known = await ledger.object(key);
    if (known === undefined) return 'missing';
    const path = join(folder, 'repository', objectPath(key.type, key.name));
    const found = await fileSize(path).catch(() => 0n);
    if (found === undefined) {
      await ledger.correct({ ...key, sizeBytes: undefined, moment: moment() });
      return 'missing';
    }
    // A config is not named after what is in it; its guest has to judge that.
    if (key.type === 'config') return 'fine';
    if ((await hashOf(path)) === key.name) return 'fine';
    if (await ledger.dropDamaged({ ...key, drive, moment: moment() }))
      await store.takeOff(folder, key);
    return 'damaged';
  }

  return async ({ owner, plot, objects }) => {
    const folder = await store.whereIs(owner, plot);
    if (!folder.ok) return failed(folder.fault);
    // Reading a friend's whole plot again and again would keep the disk from everybody else.
    if (isBusy) return failed('rate-limited');
    isBusy = true;
    try {
      const drive = await driveName(folder.value);
      const untilMs = clock.monotonicMs() + EXAMINES_FOR_MS;
      const answers: DamageFound['objects'] = [];
      for (const { type, name } of objects) {
        if (answers.length > 0 && clock.monotonicMs() > untilMs) break;
        const key = { plot, type, name };
        const state = await store.exclusively(key, () => examineOne(key, folder.value, drive));
        answers.push({ type, name, state });
      }
      return ok({ objects: answers, ...(drive === undefined ? {} : { drive }) });
    } finally {
      isBusy = false;
    }
  };
}

/** `undefined`: the disk can't read it. */
async function hashOf(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES }))
      hash.update(chunk as Buffer);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
