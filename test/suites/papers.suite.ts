import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  PAPER_BYTES_MAX,
  type Papers,
  paperNames,
} from '../../electron/core/backup/repository/repository-store.ts';

/** What every place for papers owes those who leave one there; run over each implementation. */
export function describePapers(
  name: string,
  open: () => Promise<{
    readonly papers: Papers;
    readonly close: () => Promise<void> | void;
  }>,
): void {
  const withPapers = async (body: (papers: Papers) => Promise<void>): Promise<void> => {
    const { papers, close } = await open();
    try {
      await body(papers);
    } finally {
      await close();
    }
  };

  describe(`${name} keeps what a place for papers owes`, () => {
    test('a paper that was never written is not found', () =>
      withPapers(async (papers) => {
        for (const paper of paperNames)
          expect(await papers.read(paper)).toEqual({ ok: false, fault: { code: 'not-found' } });
      }));

    test('each comes back byte for byte, and the newer one in place of the older', () =>
      withPapers(async (papers) => {
        for (const bytes of [randomBytes(100_000), randomBytes(3), randomBytes(1000)])
          for (const paper of paperNames) {
            const content = Buffer.concat([Buffer.from(paper), bytes]);
            expect((await papers.write(paper, content)).ok).toBe(true);
            const read = await papers.read(paper);
            expect(read.ok && Buffer.from(read.value).equals(content)).toBe(true);
          }
      }));

    test('one that is too long is refused, and the older one stays', () =>
      withPapers(async (papers) => {
        await papers.write('manifest', Buffer.from('older'));
        const long = await papers.write('manifest', Buffer.alloc(PAPER_BYTES_MAX + 1));
        expect(long).toMatchObject({ ok: false, fault: { code: 'refused' } });
        const read = await papers.read('manifest');
        expect(read.ok && Buffer.from(read.value).toString()).toBe('older');
        expect((await papers.write('manifest', Buffer.alloc(PAPER_BYTES_MAX))).ok).toBe(true);
      }));

    test('an aborted signal is answered with cancelled', () =>
      withPapers(async (papers) => {
        const signal = AbortSignal.abort();
        const cancelled = { ok: false, fault: { code: 'cancelled' } };
        expect(await papers.write('manifest', Buffer.from('x'), { signal })).toEqual(cancelled);
        expect(await papers.read('manifest', { signal })).toEqual(cancelled);
      }));
  });
}
