import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../electron/core/adapters/system-clock.ts';
import { systemRandomness } from '../../../electron/core/adapters/system-randomness.ts';
import { BY_HAND, createJobs, type JobControl } from '../../../electron/core/backup/jobs.ts';
import type { JobKind } from '../../../shared/contract/views.ts';
import { fault } from '../../../shared/fault.ts';
import { failed, ok } from '../../../shared/result.ts';
import { silent } from '../../fakes/silent-logger.ts';

function someJobs() {
  const jobs = createJobs({
    clock: systemClock,
    randomness: systemRandomness,
    logger: silent,
    onChange: () => undefined,
  });
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const start = (name: string, kind: JobKind, set = 'photos') =>
    jobs.start({ kind, set }, ({ signal }: JobControl) => {
      begun.push(name);
      const ended = Promise.withResolvers<void>();
      ends.set(name, ended.resolve);
      signal.addEventListener('abort', () => ended.resolve(), { once: true });
      return ended.promise.then(() => (signal.aborted ? failed(fault('cancelled')) : ok({})));
    });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { jobs, begun, start, settle, end: (name: string) => ends.get(name)?.() };
}

describe('jobs of one set', () => {
  it('that change its copies or look through them run one after the other', async () => {
    const { jobs, begun, start, settle, end } = someJobs();
    start('one', 'backup');
    start('two', 'prune');
    start('three', 'check');
    await settle();
    expect(begun).toEqual(['one']);
    end('one');
    await settle();
    expect(begun).toEqual(['one', 'two']);
    end('two');
    await settle();
    expect(begun).toEqual(['one', 'two', 'three']);
    await jobs.close();
  });

  it('that only read, and those of other sets, wait for nobody', async () => {
    const { jobs, begun, start, settle } = someJobs();
    start('one', 'backup');
    start('two', 'restore');
    start('three', 'drill');
    start('four', 'backup', 'letters');
    await settle();
    expect(begun.toSorted()).toEqual(['four', 'one', 'three', 'two']);
    await jobs.close();
  });

  it('that are cancelled while they wait never begin', async () => {
    const { jobs, begun, start, settle, end } = someJobs();
    start('one', 'backup');
    const two = start('two', 'prune');
    const three = start('three', 'check');
    jobs.cancel(two.id, BY_HAND);
    await jobs.ended(two.id);
    expect(jobs.get(two.id)?.state).toBe('cancelled');
    // Whoever waited behind it still waits for the one before.
    await settle();
    expect(begun).toEqual(['one']);
    end('one');
    await settle();
    expect(begun).toEqual(['one', 'three']);
    jobs.cancel(three.id);
    await jobs.close();
  });

  it('all end when the program does', async () => {
    const { jobs, begun, start, settle } = someJobs();
    start('one', 'backup');
    start('two', 'backup');
    await settle();
    await jobs.close();
    expect(begun).toEqual(['one']);
    expect(jobs.list().map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
  });
});

it('a job that never was has ended', async () => {
  await expect(someJobs().jobs.ended('none')).resolves.toBeUndefined();
});

it('one that is begun after all were ended does nothing', async () => {
  const { jobs, begun, start } = someJobs();
  await jobs.close();
  for (const kind of ['backup', 'restore'] as const) {
    const { id } = start('late', kind);
    await jobs.ended(id);
    expect(jobs.get(id)).toMatchObject({ state: 'cancelled' });
  }
  expect(begun).toEqual([]);
});
