import { z } from 'zod';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import {
  initRepository,
  openRepository,
  type Repository,
  type RepositoryFault,
} from '../repository/repository.ts';
import type { RepositoryStore } from '../repository/repository-store.ts';

/**
 * What makes a repository this very one: its config and its keys, a kilobyte. A set that began on a disk keeps them here, so
 * that what is begun at a friend's later is the same repository, and the disk can be taken in there.
 */
const base64 = z.base64().max(20_000);
export const diskStart = z.object({
  config: base64,
  keys: z.array(z.object({ name: z.string().regex(/^[0-9a-f]{64}$/), content: base64 })).max(20),
});
export type DiskStart = z.infer<typeof diskStart>;

export async function readStart(
  store: RepositoryStore,
): Promise<Result<DiskStart, RepositoryFault>> {
  const config = await store.load({ type: 'config', name: '' });
  if (!config.ok) return config;
  const listed = await store.list('keys');
  if (!listed.ok) return listed;
  const keys: { name: string; content: string }[] = [];
  for (const { name } of listed.value) {
    const content = await store.load({ type: 'keys', name });
    if (!content.ok) return content;
    keys.push({ name, content: Buffer.from(content.value).toString('base64') });
  }
  const start = diskStart.safeParse({
    config: Buffer.from(config.value).toString('base64'),
    keys,
  });
  return start.success ? ok(start.data) : failed({ code: 'damaged', detail: 'keys' });
}

/** Begins a repository where there is none. */
export async function beginRepository(
  store: RepositoryStore,
  { password, start }: { readonly password: string; readonly start: DiskStart | undefined },
): Promise<Result<Repository, RepositoryFault>> {
  if (start === undefined) return initRepository(store, password);
  // The keys first: a config without one would be a repository that nobody can open.
  for (const { name, content } of start.keys) {
    const saved = await store.save({ type: 'keys', name }, [Buffer.from(content, 'base64')]);
    if (!saved.ok) return saved;
  }
  const config = Buffer.from(start.config, 'base64');
  const begun = await store.save({ type: 'config', name: '' }, [config]);
  return begun.ok ? openRepository(store, password) : begun;
}
