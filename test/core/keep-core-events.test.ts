import { expect, test } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import { keepCore } from '../../electron/core/keep-core.ts';
import type { AppEvent, AppSnapshot, Revisioned } from '../../shared/contract/views.ts';
import { ok } from '../../shared/result.ts';
import { until } from '../fakes/until.ts';

/** What those who listen hear of a core that begins again, in whatever order its own parts are ready. */
type Run = {
  readonly tell: (event: Pick<AppEvent, 'revision' | 'changed'>) => void;
  /** Its whole state is read. */
  readonly read: (revision: number) => void;
  readonly endsFor: () => void;
};

const pausedUntil = (pausedUntilMs: number) =>
  ({ status: { pausedUntilMs } }) as unknown as AppEvent['changed'];

async function keep() {
  const runs: Run[] = [];
  const kept = await keepCore({ home: '/none', version: 'test', logLevel: 'silent' }, async () => {
    const epoch = `run ${runs.length}`;
    const snapshot = Promise.withResolvers<Revisioned & AppSnapshot>();
    const again = Promise.withResolvers<undefined>();
    const listeners = new Set<(event: AppEvent) => void>();
    runs.push({
      tell: (event) => {
        for (const listener of listeners) listener({ epoch, asOfMs: 0, ...event });
      },
      read: (revision) => {
        const state = pausedUntil(1) as AppSnapshot;
        snapshot.resolve({ epoch, revision, asOfMs: 0, ...state });
      },
      endsFor: () => again.resolve(undefined),
    });
    const core: Partial<Core> = {
      api: { 'state.snapshot': async () => ok(await snapshot.promise) } as unknown as Core['api'],
      events: {
        subscribe: (listener) => {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
      },
      info: () => ({ device: 'device', port: 1 }) as ReturnType<Core['info']>,
      again: again.promise,
      failed: new Promise(() => undefined),
      close: async () => undefined,
    };
    return ok(core as Core);
  });
  if (!kept.ok) throw new Error(kept.fault.code);
  const heard: string[] = [];
  const listener = ({ epoch, revision }: AppEvent) => void heard.push(`${epoch}: ${revision}`);
  const stop = kept.value.events.subscribe(listener, () => void heard.push('lost'));
  const begun = async (run: number) => {
    const found = await until(() => runs[run]);
    // Taken in the turn in which its start was answered.
    await new Promise((resolve) => setImmediate(resolve));
    return found;
  };
  return { kept: kept.value, heard, begun, stop };
}

test('the first that is heard of a core that begins again is its whole state, however long it takes to read', async () => {
  const { heard, begun, kept } = await keep();
  const first = await begun(0);
  first.tell({ revision: 7, changed: pausedUntil(2) });
  first.endsFor();
  const second = await begun(1);
  for (const revision of [1, 2, 3]) second.tell({ revision, changed: pausedUntil(revision) });
  expect(heard).toEqual(['run 0: 7', 'lost']);
  second.read(2);
  await until(() => (heard.length > 3 ? true : undefined));
  second.tell({ revision: 4, changed: pausedUntil(4) });
  // What the state was read after is part of it.
  expect(heard.slice(2)).toEqual(['run 1: 2', 'run 1: 3', 'run 1: 4']);
  await kept.close();
});

test('of a core that is lost before its state was read nothing is heard but that it was', async () => {
  const { heard, begun, kept } = await keep();
  (await begun(0)).endsFor();
  const second = await begun(1);
  second.tell({ revision: 1, changed: pausedUntil(1) });
  second.endsFor();
  await until(() => (heard.length > 1 ? true : undefined));
  second.read(1);
  const third = await begun(2);
  third.tell({ revision: 1, changed: pausedUntil(3) });
  third.read(0);
  await until(() => (heard.length > 3 ? true : undefined));
  expect(heard).toEqual(['lost', 'lost', 'run 2: 0', 'run 2: 1']);
  await kept.close();
});

test('whoever stops listening meanwhile hears none of it', async () => {
  const { heard, begun, kept, stop } = await keep();
  (await begun(0)).endsFor();
  const second = await begun(1);
  second.tell({ revision: 1, changed: pausedUntil(1) });
  stop();
  let isTold = false;
  kept.events.subscribe(() => {
    isTold = true;
  });
  second.read(0);
  await until(() => (isTold ? true : undefined));
  expect(heard).toEqual(['lost']);
  await kept.close();
});
