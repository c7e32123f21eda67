import { expect, test } from 'vitest';
import { withRetries } from '../../../electron/core/backup/retrying-store.ts';
import type { RepositoryStore } from '../../../electron/core/backup/repository/repository-store.ts';
import { DAY_MS } from '../../../shared/units.ts';
import { failed, ok } from '../../../shared/result.ts';
import { until } from '../../fakes/until.ts';

const LOCK = { type: 'locks', name: 'ours' } as const;

/** Somebody who is away, and how often he was called. */
function away() {
  let calls = 0;
  const store: Partial<RepositoryStore> = {
    remove: async () => {
      calls += 1;
      return failed({ code: 'unreachable', detail: 'away' } as const);
    },
  };
  return { store: store as RepositoryStore, calls: () => calls };
}

test('whoever is away is called again after a while, unless the program ends: then once is enough', async () => {
  const friend = away();
  const hurry = new AbortController();
  const store = withRetries(friend.store, undefined, {
    delaysMs: [0, DAY_MS, DAY_MS],
    hurry: hurry.signal,
  });
  // A lock that has to go, also of a job that was called off.
  const removed = store.remove(LOCK);
  await until(() => (friend.calls() === 2 ? true : undefined));
  hurry.abort();
  expect(await removed).toMatchObject({ fault: { code: 'unreachable' } });
  expect(friend.calls()).toBe(3);
  const other = away();
  const late = withRetries(other.store, undefined, { delaysMs: [DAY_MS], hurry: hurry.signal });
  expect(await late.remove(LOCK)).toMatchObject({ fault: { code: 'unreachable' } });
  expect(other.calls()).toBe(1);
});

test('a host who takes no more uploads at the moment is asked again, and is not taken for one who is away', async () => {
  let calls = 0;
  const refused = (reason: string) => failed({ code: 'refused', reason, params: {} } as const);
  const busy = {
    save: async () => {
      calls += 1;
      return calls < 3 ? refused('too-many-uploads') : ok(undefined);
    },
    remove: async () => {
      calls += 1;
      return refused('blocked');
    },
  };
  const line = { isAway: false };
  const store = withRetries(busy as Partial<RepositoryStore> as RepositoryStore, line, {
    delaysMs: [0, 0, 0],
  });
  expect(await store.save(LOCK, [])).toMatchObject({ ok: true });
  expect(calls).toBe(3);
  expect(await store.remove(LOCK)).toMatchObject({ fault: { reason: 'blocked' } });
  expect(calls).toBe(4);
  expect(line.isAway).toBe(false);
});
