import { expect, test } from 'vitest';
import type { Core } from '../../electron/core/core.ts';
import { keepCore } from '../../electron/core/keep-core.ts';
import type { Logger } from '../../electron/core/ports.ts';
import { carrying, fault } from '../../shared/fault.ts';
import { failed, ok } from '../../shared/result.ts';
import { until } from '../fakes/until.ts';

const FULL = carrying(new Error('database or disk is full'), fault('disk-full'));

test('what broke a call is in the log, as whoever asked is told; a full disk is no bug', async () => {
  const said: unknown[] = [];
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (message, fields) => void said.push([message, fields?.['channel'], fields?.['error']]),
    named: () => logger,
  };
  const core = {
    info: () => ({ device: 'ben', port: 1 }),
    events: { subscribe: () => () => undefined },
    again: new Promise(() => undefined),
    failed: new Promise(() => undefined),
    api: {
      'status.get': async () => {
        throw new TypeError('undefined is not a plot');
      },
      'friends.list': async () => {
        throw FULL;
      },
    },
    close: async () => undefined,
  } as unknown as Core;
  const kept = await keepCore({ home: '/nowhere', version: 'test', ports: { logger } }, async () =>
    ok(core),
  );
  if (!kept.ok) throw new Error(kept.fault.code);
  await expect(kept.value.api['status.get']({})).rejects.toThrow('undefined is not a plot');
  await expect(kept.value.api['friends.list']({})).rejects.toBe(FULL);
  const broke = expect.stringMatching(/^TypeError: undefined is not a plot\n +at /);
  expect(said).toEqual([['a call broke', 'status.get', broke]]);
  await kept.value.close();
});

test('a core that is lost after the program was replaced is not just gone, which whoever calls is told', async () => {
  const lost = Promise.withResolvers<never>();
  const core = {
    info: () => ({ device: 'ben', port: 1 }),
    events: { subscribe: () => () => undefined },
    again: new Promise(() => undefined),
    failed: lost.promise,
    api: { 'friends.list': async () => ok([]) },
    close: async () => undefined,
  } as unknown as Core;
  const starts = [ok(core)];
  const kept = await keepCore(
    { home: '/nowhere', version: 'test', logLevel: 'silent' },
    async () => starts.shift() ?? failed(fault('program-replaced')),
  );
  if (!kept.ok) throw new Error(kept.fault.code);
  const call = kept.value.api['friends.list'];
  lost.resolve(undefined as never);
  await until(async () => ((await call({})).ok ? undefined : true));
  expect(await call({})).toEqual(failed(fault('not-running', { home: '/nowhere' })));
  expect(await kept.value.replaced).toEqual(fault('program-replaced'));
  expect(await call({})).toEqual(failed(fault('program-replaced')));
  await kept.value.close();
});
