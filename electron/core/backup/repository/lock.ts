import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { machineMark } from './machine-mark.ts';
import type { Repository, RepositoryFault } from './repository.ts';
import type { RepositoryStore, StoreFault } from './repository-store.ts';
import { loadUnpacked, saveUnpacked } from './unpacked.ts';

/** Locks as restic has them (doc/design.rst "Locks"): it and we keep out of each other's way. */
const lockFile = z.object({
  time: z.string(),
  exclusive: z.boolean(),
  hostname: z.string().default(''),
  pid: z.number().default(0),
  /** Ours alone; restic passes over it. */
  machine: z.string().optional(),
});
type Lock = z.infer<typeof lockFile>;

/** restic's own figures: refreshed every five minutes, dead after thirty. */
const REFRESH_MS = 300_000;
const STALE_MS = 1_800_000;
/** As old as this it is looked at before it is relied on: the computer slept, or the line was down. */
const OLD_MS = 1_200_000;
/** A lock from further in the future was made by a clock that was wrong, and could block for years. */
const AHEAD_MS = 24 * 3_600_000;

/** No household has more; whoever lists a hundred thousand of them would keep everybody busy with reading them. */
const LOCKS_MAX = 1000;

/** Whoever is in the way is waited for a while. */
export type LockPatience = {
  readonly forMs: number;
  readonly signal: AbortSignal;
  /** Somebody is in the way, and is waited for. */
  readonly onWait: () => void;
  /** Rejects when the signal ends it. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
};

const FIRST_PAUSE_MS = 250;
const PAUSE_MS_MAX = 5000;

/**
 * Runs `work` under a lock: a shared one lets others read and add, but nobody remove; an exclusive one keeps everybody
 * else out. With `patience` what is in the way is waited for: only for work that knows nothing of the repository yet, which may be
 * another one afterwards. What `work` is given removes nothing, and saves nothing that refers to anything else, once
 * somebody may have taken the lock for a dead one's: while this computer slept, another one may have pruned or backed up.
 */
export async function underLock<T>(
  repository: Repository,
  work: (held: Repository) => Promise<Result<T, RepositoryFault>>,
  {
    exclusive = false,
    patience,
  }: { readonly exclusive?: boolean; readonly patience?: LockPatience | undefined } = {},
): Promise<Result<T, RepositoryFault>> {
  const taken = await take(repository, exclusive, patience);
  if (!taken.ok) return taken;
  let { name, placedMs } = taken.value;
  let isLost = false;
  let refreshing = Promise.resolve();
  const isOld = () => Math.abs(Date.now() - placedMs) >= OLD_MS;

  async function refresh(): Promise<void> {
    const wasOld = isOld();
    const nextMs = Date.now();
    const next = await place(repository, exclusive);
    if (!next.ok) return;
    const removed = await repository.store.remove({ type: 'locks', name });
    // Whoever clears away the locks of the dead has been here.
    if (wasOld && !removed.ok && removed.fault.code === 'not-found') isLost = true;
    name = next.value;
    placedMs = nextMs;
  }

  async function inDoubt(): Promise<StoreFault | undefined> {
    if (isOld()) {
      refreshing = refreshing.then(() => (isOld() ? refresh() : undefined));
      await refreshing;
    }
    return isLost || isOld() ? LOST : undefined;
  }

  const timer = setInterval(() => {
    refreshing = refreshing.then(refresh);
  }, REFRESH_MS);
  try {
    return await work({ ...repository, store: guarded(repository.store, inDoubt) });
  } finally {
    clearInterval(timer);
    await refreshing;
    await repository.store.remove({ type: 'locks', name });
  }
}

const LOST: StoreFault = { code: 'unreachable', detail: 'its lock ran out meanwhile' };

function guarded(
  store: RepositoryStore,
  inDoubt: () => Promise<StoreFault | undefined>,
): RepositoryStore {
  return {
    ...store,
    save: async (object, chunks, options) => {
      const refers = object.type === 'snapshots' || object.type === 'index';
      const doubt = refers ? await inDoubt() : undefined;
      return doubt === undefined ? store.save(object, chunks, options) : failed(doubt);
    },
    remove: async (object, options) => {
      const doubt = object.type === 'locks' ? undefined : await inDoubt();
      return doubt === undefined ? store.remove(object, options) : failed(doubt);
    },
  };
}

type Taken = { readonly name: string; readonly placedMs: number };

async function take(
  repository: Repository,
  exclusive: boolean,
  patience: LockPatience | undefined,
): Promise<Result<Taken, RepositoryFault>> {
  let leftMs = patience?.forMs ?? 0;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    const placedMs = Date.now();
    const placed = await place(repository, exclusive);
    if (!placed.ok) return placed;
    const name = placed.value;
    // A lock that came at the same moment shows only after ours is there.
    let by = await inTheWay(repository, name, exclusive, patience?.signal);
    if (by === undefined) return ok({ name, placedMs });
    // Whoever waits is in nobody's way.
    await repository.store.remove({ type: 'locks', name });
    patience?.onWait();
    while (by?.ok === true) {
      if (patience === undefined || leftMs <= 0) return failed({ code: 'locked', by: by.value });
      // Two who came at the same moment must not come at the same moment again.
      const thisMs = pauseMs * (0.5 + Number.parseInt(name.slice(0, 4), 16) / 0x10000);
      if (!(await isOver(thisMs, patience))) return failed({ code: 'cancelled' });
      leftMs -= thisMs;
      pauseMs = Math.min(PAUSE_MS_MAX, 2 * pauseMs);
      by = await inTheWay(repository, name, exclusive, patience.signal);
    }
    if (by !== undefined) return by;
  }
}

/** False: called off before. */
async function isOver(
  ms: number,
  { signal, pause = (waitMs, by) => sleep(waitMs, undefined, { signal: by }) }: LockPatience,
): Promise<boolean> {
  await pause(ms, signal).catch(() => undefined);
  return !signal.aborted;
}

async function place(
  { store, key }: Repository,
  exclusive: boolean,
): Promise<Result<string, RepositoryFault>> {
  const content = {
    time: new Date().toISOString(),
    exclusive,
    hostname: hostname(),
    machine: machineMark(),
    username: 'allotment',
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
  };
  const saved = await saveUnpacked(store, key, { type: 'locks', content });
  return saved.ok ? ok(saved.value.name) : saved;
}

/** Whose lock keeps us out, if one does. Locks of the dead are cleared away. */
async function inTheWay(
  { store, key }: Repository,
  own: string,
  exclusive: boolean,
  signal: AbortSignal | undefined,
): Promise<Result<string, RepositoryFault> | undefined> {
  const listed = await store.list('locks', { signal });
  if (!listed.ok) return listed;
  for (const { name } of listed.value.slice(0, LOCKS_MAX)) {
    if (name === own) continue;
    const content = await loadUnpacked(store, key, { type: 'locks', name }, signal);
    if (signal?.aborted === true) return failed({ code: 'cancelled' });
    // Gone meanwhile, or not readable: neither can be waited for.
    const parsed = lockFile.safeParse(content.ok ? content.value : undefined);
    if (!parsed.success) continue;
    if (isDead(parsed.data)) await store.remove({ type: 'locks', name });
    else if (exclusive || parsed.data.exclusive) return ok(parsed.data.hostname);
  }
  return undefined;
}

function isDead({ time, hostname: host, pid, machine }: Lock): boolean {
  const ageMs = Date.now() - Date.parse(time);
  if (!(ageMs < STALE_MS && ageMs > -AHEAD_MS)) return true;
  if (host !== hostname()) return false;
  // Another one of the same name: what runs there can't be seen from here.
  if (machine !== undefined && machine !== machineMark()) return false;
  // A service often gets the number it had before.
  const isOurs = pid === process.pid;
  return isOurs ? Date.parse(time) < Date.now() - process.uptime() * 1000 : !isRunning(pid);
}

function isRunning(pid: number): boolean {
  // 0 and below would ask about groups of processes.
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one too.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
