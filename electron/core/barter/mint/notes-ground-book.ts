import { assert } from '../../../../shared/assert.ts';
import type { DenialCode } from '../../../../shared/denial.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import { priceOf } from '../../../../shared/model/notes.ts';
import type { Moment } from '../../../../shared/model/moment.ts';
import type { NotesEvidence } from '../../../../shared/policy/grounds/notes.ts';
import type { Sql } from '../../database/open-database.ts';
import type { GroundBook } from '../../ledger/ground-book.ts';
import type { CheckedNote } from './mint-book.ts';
import type { MintStore } from './mint-store.ts';
import type { NoteLog } from '../note-log.ts';
import { sumOf, unitsOf } from '../notes.ts';

/** What the witness has found out about the notes of a request (`mint.ts`). */
export type GatheredNotes = {
  readonly notes: readonly CheckedNote[];
  readonly problem?: DenialCode | undefined;
};

/** The evidence that the ground sees, and the notes that it is about. */
type Evidence = NotesEvidence & { readonly notes: readonly CheckedNote[] };

type PlotFacts = {
  readonly promised: bigint;
  readonly until_service: bigint;
  readonly begun: bigint;
};
type HoldRow = { readonly keyset: string; readonly owner: OwnerId; readonly units: bigint };

/**
 * The books behind the ground of notes: what is brought is looked up, held and spent in the savepoint of the very
 * grant that it pays for (design §3.6), so the same note pays once whatever comes at the same time.
 */
export function openNotesGroundBook(
  sql: Sql,
  { store, log }: { readonly store: MintStore; readonly log: NoteLog },
): GroundBook {
  const readPlot = sql.prepare<[string], PlotFacts>(
    'SELECT promised, until_service, begun FROM plots WHERE id = ?',
  );
  const readKeysetEnd = sql.prepare<[string], { expires_ms: bigint }>(
    'SELECT expires_ms FROM mint_keysets WHERE id = ?',
  );
  const hold = sql.prepare(
    `INSERT INTO mint_plot_holds (plot, keyset, owner, units) VALUES (?, ?, ?, ?)
     ON CONFLICT (plot, keyset) DO UPDATE SET units = units + excluded.units`,
  );
  const readHolds = sql.prepare<[string], HoldRow>(
    `SELECT keyset, mint_plot_holds.owner, units FROM mint_plot_holds
     JOIN mint_keysets ON mint_keysets.id = keyset WHERE plot = ? AND state = 'live'`,
  );
  const dropHolds = sql.prepare('DELETE FROM mint_plot_holds WHERE plot = ?');

  /** Takes the notes in, owes back what they are worth beyond the price, and remembers what the plot has cost. */
  function pay(
    { notes }: Evidence,
    price: bigint,
    {
      owner,
      plot,
      moment,
    }: { readonly owner: OwnerId; readonly plot: PlotId; readonly moment: Moment },
  ): void {
    if (notes.length === 0) {
      assert(price === 0n, 'what costs something is paid');
      return;
    }
    const isHeld = readPlot.get(plot)?.begun === 0n;
    store.step();
    store.take(notes, isHeld ? plot : undefined);
    let change = sumOf(notes) - price;
    assert(change >= 0n, 'what was brought is enough');
    // From what runs longest, so that change is worth as much as it can be.
    const sums = new Map<string, bigint>();
    for (const { keyset, k } of notes) sums.set(keyset, (sums.get(keyset) ?? 0n) + unitsOf(k));
    const longestFirst = [...sums].sort(([one], [other]) => endOf(other) - endOf(one));
    for (const [keyset, units] of longestFirst) {
      const back = change < units ? change : units;
      change -= back;
      if (back > 0n) store.owe({ owner, units: back, keyset, plot, why: 'change', moment });
      if (isHeld && units > back) hold.run(plot, keyset, owner, units - back);
    }
    if (price > 0n)
      log.append({
        movement: 'redeemed',
        issuer: 'self',
        with: owner,
        units: price,
        plot,
        atMs: moment.nowMs,
      });
  }

  function endOf(keyset: string): number {
    return Number(readKeysetEnd.get(keyset)?.expires_ms ?? 0n);
  }

  return {
    kind: 'notes',
    evidence: ({ plot, gathered, moment }): Evidence => {
      const { notes, problem } = (gathered ?? { notes: [] }) as GatheredNotes;
      const facts = plot === undefined ? undefined : readPlot.get(plot);
      const standing =
        facts === undefined || moment === undefined
          ? {}
          : {
              plot: {
                promisedBytes: facts.promised,
                leftS: Number(facts.until_service) - moment.serviceS,
              },
            };
      if (moment === undefined || notes.length === 0)
        return { units: 0n, notes: [], problem, ...standing };
      store.trust(moment);
      const wrong = problem ?? store.problemOf(notes, moment);
      return wrong === undefined
        ? { units: sumOf(notes), notes, ...standing }
        : { units: 0n, notes: [], problem: wrong, ...standing };
    },
    granted: ({ owner, plot, evidence, promisedBytes, untilServiceS, moment }) => {
      const known = evidence as Evidence;
      const price = priceOf({
        afterBytes: promisedBytes,
        forS: untilServiceS - moment.serviceS,
        beforeBytes: known.plot?.promisedBytes ?? 0n,
        leftS: known.plot?.leftS ?? 0,
      });
      pay(known, price, { owner, plot, moment });
    },
    renewed: ({ owner, plot, evidence, untilServiceS, moment }) => {
      const known = evidence as Evidence;
      if (known.plot === undefined) return;
      const { promisedBytes, leftS } = known.plot;
      const price = priceOf({
        afterBytes: promisedBytes,
        forS: untilServiceS - moment.serviceS,
        beforeBytes: promisedBytes,
        leftS,
      });
      pay(known, price, { owner, plot, moment });
    },
    begun: ({ plot }) => {
      store.spend(plot);
      dropHolds.run(plot);
    },
    ended: ({ plot, moment }) => {
      // Nothing was ever written there: what it cost goes back to whoever paid, for him to fetch.
      for (const { keyset, owner, units } of readHolds.all(plot))
        store.owe({ owner, units, keyset, plot, why: 'refund', moment });
      store.spend(plot);
      dropHolds.run(plot);
    },
    outstandingBytes: store.outstandingBytes,
  };
}
