import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { createPlotPapers } from '../../../electron/core/backup/plot-papers.ts';
import type { PeerSession } from '../../../electron/core/client/connection/peer-client.ts';
import { failed, ok } from '../../../shared/result.ts';
import { testPlotId } from '../../fakes/test-ledger.ts';

afterEach(() => vi.useRealTimers());

/** A friend's device that answers, and gives a byte every ten seconds. */
const dripping: PeerSession['stream'] = async ({ signal }) => {
  const body = new Readable({ read: () => undefined });
  const drip = setInterval(() => body.push(' '), 10_000);
  const stop = () => body.destroy(new Error('aborted'));
  body.once('close', () => clearInterval(drip));
  signal?.addEventListener('abort', stop, { once: true });
  const headers = { 'content-length': '1000000' };
  return ok(Object.assign(body, { statusCode: 200, headers }) as unknown as IncomingMessage);
};

/** One that never takes what is given to it. */
const deaf: PeerSession['stream'] = ({ signal }) =>
  new Promise((resolve) => {
    const give = () => resolve(failed({ code: 'cancelled' }));
    signal?.addEventListener('abort', give, { once: true });
  });

test.each([
  ['given', dripping, (papers: ReturnType<typeof createPlotPapers>) => papers.read('address-book')],
  [
    'taken',
    deaf,
    (papers: ReturnType<typeof createPlotPapers>) =>
      papers.write('address-book', new Uint8Array(9)),
  ],
] as const)(
  'a paper that is %s byte by byte without end is given up, and is no wish of a person’s',
  async (_how, stream, act) => {
    vi.useFakeTimers();
    const done = act(createPlotPapers({ plot: testPlotId(1), stream }));
    let said: unknown;
    void done.then((result) => (said = result));
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(said).toMatchObject({ ok: false, fault: { code: 'unreachable' } });
    expect(vi.getTimerCount()).toBe(0);
  },
);

test('a paper that a person wants no more is given up at once', async () => {
  const abort = new AbortController();
  const papers = createPlotPapers({ plot: testPlotId(1), stream: deaf });
  const done = papers.write('manifest', new Uint8Array(9), { signal: abort.signal });
  abort.abort();
  expect(await done).toEqual({ ok: false, fault: { code: 'cancelled' } });
});
