import { afterEach, expect, it, vi } from 'vitest';
import { print } from '../../electron/headless/print.ts';

afterEach(() => vi.restoreAllMocks());

/** How `print` ends where standard output ends so. */
function printed(code: string): Promise<Error | undefined> {
  const write = (_text: unknown, done: unknown): boolean => {
    (done as (error: Error) => void)(Object.assign(new Error(code), { code }));
    return false;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(write);
  return print('anything');
}

it.each(['EPIPE', 'EOF', 'ECONNRESET'])(
  'a reader that is gone is no error, also as %s',
  async (code) => {
    expect(await printed(code)).toBeUndefined();
  },
);

it('a full disk is one', async () => {
  expect(await printed('ENOSPC')).toMatchObject({ code: 'ENOSPC' });
});
