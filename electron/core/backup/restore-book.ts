import { z } from 'zod';
import { RESTORE_CONFLICTS } from '../../../shared/model/restore-conflict.ts';
import { jsonOf } from '../../../shared/wire/json.ts';
import type { Sql } from '../database/open-database.ts';

/** What a restore was asked to do; enough to go on with it another day. */
const restoreWish = z.strictObject({
  /** A set's name, or a folder that holds the repository. */
  source: z.strictObject({ kind: z.enum(['set', 'folder']), name: z.string() }),
  /** Its whole id: "the latest" is another one tomorrow. */
  snapshot: z.string(),
  /** Absent: in place. */
  to: z.string().optional(),
  paths: z.array(z.string()).optional(),
  conflict: z.enum(RESTORE_CONFLICTS).optional(),
  archive: z.boolean(),
});
export type RestoreWish = z.infer<typeof restoreWish>;

export type KeptRestore = {
  readonly id: string;
  readonly wish: RestoreWish;
  readonly startedMs: number;
  readonly isPaused: boolean;
};

/** Restores that are not over: what a crash cuts off goes on from here. */
export type RestoreBook = {
  readonly restores: () => readonly KeptRestore[];
  /** False: the archive is being written by one that is not over, and two would write the same half of it. */
  readonly begin: (restore: Omit<KeptRestore, 'isPaused'>) => boolean;
  readonly setPaused: (call: { readonly id: string; readonly isPaused: boolean }) => void;
  readonly end: (call: { readonly id: string }) => void;
};

type RestoreRecord = {
  readonly id: string;
  readonly wish: string;
  readonly started_ms: bigint;
  readonly paused: bigint;
};

export function openRestoreBook(sql: Sql): RestoreBook {
  const readAll = sql.prepare<[], RestoreRecord>('SELECT * FROM restores ORDER BY started_ms, id');
  const insert = sql.prepare('INSERT INTO restores (id, wish, started_ms) VALUES (?, ?, ?)');
  const setPaused = sql.prepare('UPDATE restores SET paused = ? WHERE id = ?');
  const remove = sql.prepare('DELETE FROM restores WHERE id = ?');
  const restores = () => readAll.all().flatMap(toRestore);
  return {
    restores,
    begin: ({ id, wish, startedMs }) => {
      const { archive, to } = wish;
      if (archive && restores().some((each) => each.wish.archive && each.wish.to === to))
        return false;
      insert.run(id, JSON.stringify(wish), startedMs);
      return true;
    },
    setPaused: ({ id, isPaused }) => void setPaused.run(isPaused ? 1 : 0, id),
    end: ({ id }) => void remove.run(id),
  };
}

/** One that can't be read is nobody's wish any more. */
function toRestore({ id, wish, started_ms, paused }: RestoreRecord): readonly KeptRestore[] {
  const parsed = restoreWish.safeParse(jsonOf(wish));
  if (!parsed.success) return [];
  return [{ id, wish: parsed.data, startedMs: Number(started_ms), isPaused: paused !== 0n }];
}
