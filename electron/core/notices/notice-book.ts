import { z } from 'zod';
import { assert } from '../../../shared/assert.ts';
import type { NoticeView } from '../../../shared/contract/views.ts';
import type { NoticeFacts } from '../../../shared/notices/facts.ts';
import { dismissNotice, judgeNotices, noticeView } from '../../../shared/notices/judge.ts';
import type { NoticeMemory } from '../../../shared/notices/memory.ts';
import { type NoticeKind, noticeKinds } from '../../../shared/notices/notice.ts';
import { keptParams } from '../../../shared/refusal-params.ts';
import { THRESHOLDS } from '../../../shared/notices/thresholds.ts';
import type { Sql } from '../database/open-database.ts';

/** Keeps what was told across restarts; the rules are in `shared/notices`. */
export type NoticeBook = {
  /** The last decision that was looked at. */
  readonly decision: () => number;
  readonly notices: () => readonly NoticeView[];
  /** Judges the present state and writes down what came of it. */
  readonly look: (call: { readonly facts: NoticeFacts; readonly nowMs: number }) => {
    readonly decision: number;
    readonly notices: readonly NoticeView[];
  };
  /** `undefined`: there is no such notice (any more). */
  readonly dismiss: (id: string) => readonly NoticeView[] | undefined;
};

type Row = { readonly decision: bigint; readonly memory: string };

const threshold = z.literal(THRESHOLDS);
const thresholds = z.record(
  z.string(),
  z.object({
    crossed: z.array(threshold),
    toldMs: z.partialRecord(z.enum(['80', '90', '100']), z.number()),
  }),
);
const notice = z.object({
  id: z.string(),
  kind: z.custom<NoticeKind>(
    (kind) => typeof kind === 'string' && Object.hasOwn(noticeKinds, kind),
  ),
  level: z.enum(['info', 'warning', 'alarm']),
  atMs: z.number(),
  params: z.record(z.string(), z.string()).transform(keptParams),
  path: z.string(),
  dismissed: z.boolean(),
  mark: z.string(),
});
/** What can't be read is forgotten: at worst something is told a second time. */
const memorySchema = z.object({
  thresholds: thresholds.catch({}),
  refusedMs: z.record(z.string(), z.number()).catch({}),
  notices: z.array(notice).catch([]),
});

export function openNoticeBook(sql: Sql): NoticeBook {
  const read = sql.prepare<[], Row>('SELECT decision, memory FROM notices');
  const update = sql.prepare('UPDATE notices SET decision = ?, memory = ?');

  function load(): { readonly memory: NoticeMemory; readonly text: string } {
    const row = read.get();
    assert(row !== undefined, 'what is remembered of notices is a row of the schema');
    const kept = memorySchema.parse(JSON.parse(row.memory));
    return { memory: { ...kept, decision: Number(row.decision) }, text: row.memory };
  }

  /** Most looks find nothing new; nothing is written then, and no disk is woken. */
  function save(next: NoticeMemory, before: { memory: NoticeMemory; text: string }): void {
    const { decision, ...rest } = next;
    const text = JSON.stringify(rest);
    if (decision !== before.memory.decision || text !== before.text) update.run(decision, text);
  }

  return {
    decision: () => load().memory.decision,
    notices: () => load().memory.notices.map(noticeView),
    look: ({ facts, nowMs }) => {
      const before = load();
      const next = judgeNotices(before.memory, facts, nowMs);
      save(next, before);
      return { decision: next.decision, notices: next.notices.map(noticeView) };
    },
    dismiss: (id) => {
      const before = load();
      const next = dismissNotice(before.memory, id);
      if (next === undefined) return undefined;
      save(next, before);
      return next.notices.map(noticeView);
    },
  };
}
