import {
  PAPER_BYTES_MAX,
  type PaperName,
  type Papers,
  type StoreFault,
} from '../../electron/core/backup/repository/repository-store.ts';
import { failed, ok } from '../../shared/result.ts';

export type MemoryPapers = Papers & {
  /** What lies there: tests look at it and break it. */
  readonly kept: Map<PaperName, Uint8Array>;
  /** Called before each call; what it returns, the call fails with. */
  onCall: (call: 'read' | 'write', name: PaperName) => StoreFault | undefined;
};

export function createMemoryPapers(): MemoryPapers {
  const kept = new Map<PaperName, Uint8Array>();
  const papers: MemoryPapers = {
    kept,
    onCall: () => undefined,
    read: async (name, { signal } = {}) => {
      if (signal?.aborted === true) return failed({ code: 'cancelled' });
      const fault = papers.onCall('read', name);
      if (fault !== undefined) return failed(fault);
      const content = kept.get(name);
      return content === undefined ? failed({ code: 'not-found' }) : ok(content.slice());
    },
    write: async (name, content, { signal } = {}) => {
      if (signal?.aborted === true) return failed({ code: 'cancelled' });
      const fault = papers.onCall('write', name);
      if (fault !== undefined) return failed(fault);
      if (content.length > PAPER_BYTES_MAX)
        return failed({ code: 'refused', reason: 'too-large', params: {} });
      kept.set(name, content.slice());
      return ok(undefined);
    },
  };
  return papers;
}
