import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { ReciprocalEvidence } from '../../../shared/policy/grounds/reciprocal.ts';
import { DAY_S } from '../../../shared/units.ts';
import { BOUND_INTEGER, BOUND_TEXT } from '../database/bound.ts';
import type { Sql } from '../database/open-database.ts';
import { numberOf } from '../database/number-of.ts';
import type { GroundBook, GroundQuestion } from '../ledger/ground-book.ts';

/**
 * What friends keep for me, as far as it was verified: of each plot of mine what my own sealed index says lies
 * there, and whether random objects of it came back whole. A friend's word can only make it less.
 */
export type KeptBook = {
  readonly noteLook: (look: {
    readonly plot: PlotId;
    readonly host: OwnerId;
    readonly knownBytes: bigint;
    readonly passed: boolean;
    readonly serviceS: number;
  }) => void;
  readonly kept: () => readonly KeptPlot[];
  readonly forget: (plot: PlotId) => void;
};

export type KeptPlot = {
  readonly plot: PlotId;
  readonly host: OwnerId;
  readonly knownBytes: bigint;
  readonly passedS: number | undefined;
  readonly failed: boolean;
};

/** What was verified longer ago than this may be gone. */
export const VERIFIED_FOR_S = 7 * DAY_S;

type KeptRecord = {
  readonly plot: PlotId;
  readonly host: OwnerId;
  readonly known: bigint;
  readonly passed_service: bigint | null;
  readonly failed: bigint;
};

export function openKeptBook(sql: Sql): KeptBook {
  const upsert = sql.prepare(
    `INSERT INTO kept_for_me (plot, host, known, passed_service, failed) VALUES (@plot, @host, @known, @passedS, @failed)
     ON CONFLICT (plot) DO UPDATE SET host = excluded.host, known = iif(excluded.failed = 1, known, excluded.known),
       passed_service = coalesce(excluded.passed_service, passed_service), failed = excluded.failed`,
  );
  const readAll = sql.prepare<[], KeptRecord>('SELECT * FROM kept_for_me ORDER BY plot');
  const remove = sql.prepare('DELETE FROM kept_for_me WHERE plot = ?');
  return {
    noteLook: ({ plot, host, knownBytes, passed, serviceS }) =>
      void upsert.run({
        plot,
        host,
        known: knownBytes,
        passedS: passed ? serviceS : null,
        failed: passed ? 0 : 1,
      }),
    kept: () =>
      readAll.all().map((record) => ({
        plot: record.plot,
        host: record.host,
        knownBytes: record.known,
        passedS: numberOf(record.passed_service),
        failed: record.failed === 1n,
      })),
    forget: (plot) => void remove.run(plot),
  };
}

type HeldRecord = { readonly plot: PlotId; readonly bytes: bigint };

/** The book behind the ground: what counts of what a friend says that he keeps. */
export function openReciprocalGround(sql: Sql): GroundBook {
  // The friend's own figure (`written`) is his claim; a plot that is mine no longer is no holding. Old lists of
  // packs that I have long let go of are sealed by me too: never more counts than he has promised me.
  const readHeld = sql.prepare<[string, number], HeldRecord>(
    `SELECT holdings.plot, min(holdings.written, kept.known, holdings.size) AS bytes FROM kept_for_me AS kept
     JOIN holdings ON holdings.plot = kept.plot AND holdings.host = kept.host
     WHERE kept.host = ${BOUND_TEXT} AND kept.failed = 0 AND kept.passed_service > ${BOUND_INTEGER}`,
  );
  const readServiceS = sql.prepare<[], { value: string }>(
    "SELECT value FROM meta WHERE key = 'service-s'",
  );
  return {
    kind: 'reciprocal',
    evidence: (question): ReciprocalEvidence => {
      const { owner, moment } = question;
      const nowS = moment?.serviceS ?? Number(readServiceS.get()?.value ?? '0');
      const claimed = claimOf(question);
      let heldBytes = 0n;
      for (const { plot, bytes } of readHeld.all(owner, nowS - VERIFIED_FOR_S))
        if (claimed === undefined || claimed.has(plot)) heldBytes += bytes;
      return { heldBytes };
    },
  };
}

/** The plots that the friend points at; undefined: he gives no such reason, and everything is looked at. */
function claimOf({ why }: GroundQuestion): ReadonlySet<string> | undefined {
  const named = why.flatMap((reason) =>
    reason.kind === 'reciprocal' && 'plots' in reason && Array.isArray(reason.plots)
      ? [reason.plots as readonly string[]]
      : [],
  );
  return named.length === 0 ? undefined : new Set(named.flat());
}
