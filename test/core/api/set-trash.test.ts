import { expect, test } from 'vitest';
import type { CoreParts } from '../../../electron/core/api/core-parts.ts';
import { untrash } from '../../../electron/core/api/sets/set-trash.ts';
import { createTurns } from '../../../electron/core/backup/copies/turns.ts';
import { createJobs } from '../../../electron/core/backup/jobs.ts';
import { ok } from '../../../shared/result.ts';
import { silent } from '../../fakes/silent-logger.ts';
import { testOwnerId, testPlotId } from '../../fakes/test-ledger.ts';

const clock = { nowMs: () => 1000, monotonicMs: () => 0 };

test('what is deleted comes back when the prune that deletes it has stopped, and not in the middle of it', async () => {
  const done: string[] = [];
  const turns = createTurns();
  const randomness = { bytes: (length: number) => new Uint8Array(length) };
  const jobs = createJobs({ clock, randomness, logger: silent, onChange: () => undefined });
  const [host, plot] = [testOwnerId(1), testPlotId(1)];
  const begun = Promise.withResolvers<void>();
  jobs.start({ kind: 'prune', set: 'docs' }, async ({ signal }) => {
    await turns.take('docs', signal, async () => {
      begun.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await Promise.resolve();
      done.push('a last pack is deleted');
    });
    return ok({});
  });
  await begun.promise;
  const parts = {
    clock,
    jobs,
    runner: { alone: turns.take },
    sets: { set: async () => ({ name: 'docs', hosts: [host] }) },
    copyBook: {
      setApart: async () => void done.push('what copies have is joined'),
      forgetRemovals: async () => undefined,
    },
    holdings: { holdings: async () => [{ set: 'docs', host, plot }] },
    recovering: { recovery: { otherHoldings: async () => [] } },
    friends: { person: () => ({ owner: host, departed: false }) },
    protection: {
      restore: async () => {
        done.push('it is brought back');
        return ok({ objects: 3 });
      },
    },
  };
  expect(await untrash(parts as unknown as CoreParts, 'docs', 0)).toEqual(ok({ objects: 3 }));
  expect(done).toEqual([
    'a last pack is deleted',
    'what copies have is joined',
    'it is brought back',
  ]);
});
