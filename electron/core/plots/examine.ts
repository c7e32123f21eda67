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
/** Whoever found it busy goes before the one who keeps it busy, if he asks again within that time. */
const WAITS_FOR_MS = 60_000;
/** A disk says so of what it can't read or knows to be damaged. All else (too many open files, no right) is nothing of the object's. */
const DAMAGED: ReadonlySet<unknown> = new Set(['EIO', 'EBADMSG', 'EUCLEAN']);

export function createExamine({
  ledger,
  store,
  driveName,
  isVolumeThere,
  moment,
  clock,
}: {
  readonly ledger: Pick<Async<Ledger>, 'object' | 'dropDamaged' | 'correct'>;
  readonly store: Pick<PlotStore, 'ifAlone' | 'whereIs' | 'takeOff'>;
  /** What people call the drive with that folder. */
  readonly driveName: (folder: string) => Promise<string | undefined>;
  /** Looked at now: a drive that was pulled out has lost nothing. */
  readonly isVolumeThere: () => Promise<boolean>;
  readonly moment: () => Moment;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}): Examine {
  let isBusy = false;
  let last: OwnerId | undefined;
  let waiting: { readonly owner: OwnerId; readonly untilMs: number } | undefined;

  /** A friend who asks again and again does not keep the others from ever being heard. */
  function isOthersTurn(owner: OwnerId): boolean {
    if (waiting === undefined || clock.monotonicMs() > waiting.untilMs) return false;
    return owner === last && waiting.owner !== owner;
  }

  /** `undefined`: that can't be said now. */
  async function examineOne(
    key: ObjectKey,
    folder: string,
    drive: string | undefined,
  ): Promise<DamageFound['objects'][number]['state'] | 'volume-missing' | undefined> {
    const known = await ledger.object(key);
    if (known === undefined) return 'missing';
    const path = join(folder, 'repository', objectPath(key.type, key.name));
    const found = await fileSize(path).catch(() => 0n);
    if (found === undefined) {
      if (!(await isVolumeThere())) return 'volume-missing';
      await ledger.correct({ ...key, sizeBytes: undefined, moment: moment() });
      return 'missing';
    }
    // A config is not named after what is in it; its guest has to judge that.
    if (key.type === 'config') return 'fine';
    const read = await hashOf(path);
    if (read === key.name) return 'fine';
    if (!(await isVolumeThere())) return 'volume-missing';
    if (read === undefined) return undefined;
    if (await ledger.dropDamaged({ ...key, drive, moment: moment() }))
      await store.takeOff(folder, key);
    return 'damaged';
  }

  return async ({ owner, plot, objects }) => {
    const folder = await store.whereIs(owner, plot);
    if (!folder.ok) return failed(folder.fault);
    // Reading a friend's whole plot again and again would keep the disk from everybody else.
    if (isBusy || isOthersTurn(owner)) {
      if (owner !== last) waiting ??= { owner, untilMs: clock.monotonicMs() + WAITS_FOR_MS };
      return failed('rate-limited');
    }
    isBusy = true;
    if (owner !== last || waiting?.owner === owner) waiting = undefined;
    last = owner;
    try {
      const drive = await driveName(folder.value);
      const untilMs = clock.monotonicMs() + EXAMINES_FOR_MS;
      const answers: DamageFound['objects'] = [];
      for (const [at, { type, name }] of objects.entries()) {
        if (at > 0 && clock.monotonicMs() > untilMs) break;
        const key = { plot, type, name };
        // What is being sent now is left out: its guest takes as long as he likes, and others wait.
        const state = await store.ifAlone(key, () => examineOne(key, folder.value, drive));
        if (state === 'volume-missing') return failed(state);
        if (state !== undefined) answers.push({ type, name, state });
      }
      return ok({ objects: answers, ...(drive === undefined ? {} : { drive }) });
    } finally {
      isBusy = false;
    }
  };
}

/** `undefined`: it could not be read, and that says nothing about it. */
async function hashOf(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES }))
      hash.update(chunk as Buffer);
    return hash.digest('hex');
  } catch (error) {
    return DAMAGED.has((error as NodeJS.ErrnoException).code) ? UNREADABLE : undefined;
  }
}

/** No object's name. */
const UNREADABLE = '';
