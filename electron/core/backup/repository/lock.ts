import { hostname } from 'node:os';
import { z } from 'zod';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import type { Repository, RepositoryFault } from './repository.ts';
import { loadUnpacked, saveUnpacked } from './unpacked.ts';

/** Locks as restic has them (doc/design.rst "Locks"): it and we keep out of each other's way. */
const lockFile = z.object({
  time: z.string(),
  exclusive: z.boolean(),
  hostname: z.string().default(''),
});

/** restic's own figures: refreshed every five minutes, dead after thirty. */
const REFRESH_MS = 300_000;
const STALE_MS = 1_800_000;

/** Runs `work` under a lock that lets others read and add, but nobody remove. */
export async function underLock<T>(
  repository: Repository,
  work: () => Promise<Result<T, RepositoryFault>>,
): Promise<Result<T, RepositoryFault>> {
  const first = await place(repository);
  if (!first.ok) return first;
  let name = first.value;
  // A lock that came at the same moment shows only after ours is there.
  const by = await exclusiveLock(repository, name);
  if (by !== undefined) {
    await repository.store.remove({ type: 'locks', name });
    return by.ok ? failed({ code: 'locked', by: by.value }) : by;
  }
  let refreshing = Promise.resolve();
  const timer = setInterval(() => {
    refreshing = refreshing.then(async () => {
      const next = await place(repository);
      if (!next.ok) return;
      await repository.store.remove({ type: 'locks', name });
      name = next.value;
    });
  }, REFRESH_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await refreshing;
    await repository.store.remove({ type: 'locks', name });
  }
}

async function place({ store, key }: Repository): Promise<Result<string, RepositoryFault>> {
  const content = {
    time: new Date().toISOString(),
    exclusive: false,
    hostname: hostname(),
    username: 'allotment',
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
  };
  const saved = await saveUnpacked(store, key, { type: 'locks', content });
  return saved.ok ? ok(saved.value.name) : saved;
}

async function exclusiveLock(
  { store, key }: Repository,
  own: string,
): Promise<Result<string, RepositoryFault> | undefined> {
  const listed = await store.list('locks');
  if (!listed.ok) return listed;
  for (const { name } of listed.value) {
    if (name === own) continue;
    const content = await loadUnpacked(store, key, { type: 'locks', name });
    // Gone meanwhile, or not readable: neither can be waited for.
    const parsed = lockFile.safeParse(content.ok ? content.value : undefined);
    if (!parsed.success || !parsed.data.exclusive) continue;
    if (Date.now() - Date.parse(parsed.data.time) < STALE_MS) return ok(parsed.data.hostname);
  }
  return undefined;
}
