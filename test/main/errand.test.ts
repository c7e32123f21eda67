import { afterEach, expect, it, vi } from 'vitest';
import { runErrand } from '../../electron/main/errand.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it('an errand ends with an error, and not never, where there is no place for what is temporary', async () => {
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, '/no/such/folder');
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
  const exit = vi.fn();
  const app = { setPath: () => undefined, dock: undefined, exit } as never;
  await runErrand({ kind: 'command', words: ['help'] }, { app, out: '/none' });
  expect(exit.mock.calls).toEqual([[1]]);
  expect(said.join('')).toMatch(/^Error: ENOENT.*allotment-errand-[^\n]*\n$/);
});
