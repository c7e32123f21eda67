import { join } from 'node:path';
import type { Async } from '../../../shared/async.ts';
import type { RestoreView } from '../../../shared/contract/backup-views.ts';
import type { JobView, Sentence } from '../../../shared/contract/views.ts';
import { carriedFault, type Fault, fault } from '../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { makeMissing } from '../database/durable-file.ts';
import type { Clock, Randomness } from '../ports.ts';
import { removeArchivePart, removeJournal } from './engine/restore-journal.ts';
import { BY_HAND, type JobControl, type JobResult, type Jobs } from './jobs.ts';
import type { BackupReader } from './reading.ts';
import type { ReadingSource } from './reading-source.ts';
import type { KeptRestore, RestoreBook, RestoreWish } from './restore-book.ts';
import type { BackupSet } from './set-book.ts';

/** Restores, from the wish to the last byte: stopped, cut off by a crash or by a friend who left, they go on. */
export type Restores = {
  readonly start: (wish: RestoreWish) => Promise<Result<JobView, Fault>>;
  readonly list: () => Promise<readonly RestoreView[]>;
  readonly pause: (id: string) => Promise<Result<RestoreView, Fault>>;
  readonly resume: (id: string) => Promise<Result<JobView, Fault>>;
  readonly drop: (id: string) => Promise<Result<undefined, Fault>>;
  /** What nobody has stopped and is not running goes on: after a start, and when a friend may be there again. */
  readonly tick: () => Promise<void>;
};

/** A friend who could not be reached is called again so much later. */
const AGAIN_MS = 5 * 60_000;
const ID_BYTES = 9;

type Running = {
  readonly job: string;
  state: 'running' | 'ended';
  endedMs: number;
  /** Why it ended, if it goes on by itself. */
  waits: Sentence | undefined;
};

export function createRestores({
  book,
  jobs,
  reader,
  find,
  folder,
  clock,
  randomness,
  onChange,
}: {
  readonly book: Async<RestoreBook>;
  readonly jobs: Jobs;
  readonly reader: Pick<BackupReader, 'restore'>;
  readonly find: (name: string) => Promise<BackupSet | undefined>;
  /** Where what has been done is noted. */
  readonly folder: string;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** The list of restores is not what it was. */
  readonly onChange: () => void;
}): Restores {
  const running = new Map<string, Running>();
  /** Being given up; until the books know, nothing of it begins again. */
  const dropping = new Set<string>();
  const journalOf = (id: string) => join(folder, id);

  async function sourceOf({ source }: RestoreWish): Promise<ReadingSource | undefined> {
    if (source.kind === 'folder') return { kind: 'folder', folder: source.name };
    const set = await find(source.name);
    return set === undefined ? undefined : { kind: 'set', set };
  }

  async function work(
    { id, wish }: Pick<KeptRestore, 'id' | 'wish'>,
    control: JobControl,
  ): Promise<Result<JobResult, Fault>> {
    const source = await sourceOf(wish);
    if (source === undefined) return failed(fault('set-unknown', { set: wish.source.name }));
    await makeMissing(folder);
    const { snapshot, to, paths, conflict, archive } = wish;
    const journal = archive ? undefined : journalOf(id);
    const asked = { snapshot, to, paths, conflict, archive, journal };
    const ended = await reader.restore(source, asked, control);
    if (ended.ok) await end({ id, wish });
    else if (goesOnByItself(ended.fault, control)) noteWaiting({ id, wish }, ended.fault);
    // Whatever else is in the way, the person looks at it first; the end of the program, or a friend's, is no decision.
    else await book.setPaused({ id, isPaused: true });
    return ended;
  }

  function noteWaiting(
    { id, wish }: Pick<KeptRestore, 'id' | 'wish'>,
    { code, params }: Fault,
  ): void {
    const now = running.get(id);
    if (now === undefined) return;
    const { friend } = params;
    now.waits =
      code === 'unreachable' && friend !== undefined
        ? { key: wish.archive ? 'restore-waits-archive' : 'restore-waits', params: { friend } }
        : { key: `fault.${code}`, params };
  }

  async function end({ id, wish }: Pick<KeptRestore, 'id' | 'wish'>): Promise<void> {
    removeJournal(journalOf(id));
    if (wish.archive && wish.to !== undefined) removeArchivePart(wish.to);
    await book.end({ id });
    onChange();
  }

  function run(restore: Pick<KeptRestore, 'id' | 'wish'>): JobView {
    const { id, wish } = restore;
    const job = jobs.start({ kind: 'restore', set: wish.source.name }, async (control) => {
      try {
        return await work(restore, control);
      } catch (error) {
        // A program that was replaced can't go on with it; once restarted, it does.
        const carried = carriedFault(error);
        if (carried !== undefined) noteWaiting(restore, carried);
        throw error;
      } finally {
        const now = running.get(id);
        if (now !== undefined) {
          now.state = 'ended';
          now.endedMs = clock.monotonicMs();
        }
        onChange();
      }
    });
    running.set(id, { job: job.id, state: 'running', endedMs: 0, waits: undefined });
    onChange();
    return job;
  }

  async function kept(id: string): Promise<KeptRestore | undefined> {
    return (await book.restores()).find((each) => each.id === id && !dropping.has(id));
  }

  async function stop(id: string, why?: typeof BY_HAND): Promise<void> {
    const now = running.get(id);
    if (now === undefined) return;
    jobs.cancel(now.job, why);
    await jobs.ended(now.job);
  }

  function view({ id, wish, startedMs, isPaused }: KeptRestore): RestoreView {
    const now = running.get(id);
    const job = now === undefined ? undefined : jobs.get(now.job);
    const stands = isPaused ? 'paused' : 'waiting';
    return {
      id,
      source: wish.source.name,
      snapshot: wish.snapshot,
      to: wish.to ?? '',
      startedMs,
      state: now?.state === 'running' ? 'running' : stands,
      waits: now?.state === 'ended' && stands === 'waiting' ? (now.waits ?? null) : null,
      job: job?.id ?? null,
      progress: job?.progress ?? null,
    };
  }

  return {
    start: async (wish) => {
      const id = Buffer.from(randomness.bytes(ID_BYTES)).toString('hex');
      const isBegun = await book.begin({ id, wish, startedMs: clock.nowMs() });
      return isBegun
        ? ok(run({ id, wish }))
        : failed(fault('being-restored', { file: wish.to ?? '' }));
    },
    list: async () => (await book.restores()).map(view),
    pause: async (id) => {
      const restore = await kept(id);
      if (restore === undefined) return failed(fault('restore-unknown'));
      await book.setPaused({ id, isPaused: true });
      await stop(id, BY_HAND);
      return ok(view(restore));
    },
    resume: async (id) => {
      const restore = await kept(id);
      if (restore === undefined) return failed(fault('restore-unknown'));
      await book.setPaused({ id, isPaused: false });
      if (dropping.has(id)) return failed(fault('restore-unknown'));
      const now = running.get(id);
      const job = now?.state === 'running' ? jobs.get(now.job) : undefined;
      return ok(job ?? run(restore));
    },
    drop: async (id) => {
      const restore = await kept(id);
      if (restore === undefined) return failed(fault('restore-unknown'));
      dropping.add(id);
      try {
        await stop(id);
        await end(restore);
        running.delete(id);
      } finally {
        dropping.delete(id);
      }
      return ok(undefined);
    },
    tick: async () => {
      for (const restore of await book.restores()) {
        const now = running.get(restore.id);
        // Who was locked out has waited already.
        const isTried = now !== undefined && now.waits?.key !== 'fault.repository-locked';
        const isSoon = isTried && clock.monotonicMs() - now.endedMs < AGAIN_MS;
        const isMeant = !restore.isPaused && !dropping.has(restore.id);
        if (isMeant && now?.state !== 'running' && !isSoon) run(restore);
      }
    },
  };
}

function goesOnByItself({ code }: Fault, { signal }: JobControl): boolean {
  if (signal.aborted) return signal.reason !== BY_HAND;
  return code === 'unreachable' || code === 'repository-locked';
}
