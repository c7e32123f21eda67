import type {
  HostedPlotView,
  MyPlotView,
  RequestView,
  WishView,
} from '../../../../shared/contract/views.ts';
import type { Holding } from '../../client/holdings/holdings-book.ts';
import type { CoreParts } from '../core-parts.ts';
import { hasLeft, ownerName } from '../people.ts';

/** Plots here and mine elsewhere, what waits here and what I wish for, as every door shows them. */
export async function wishViews(parts: CoreParts): Promise<readonly WishView[]> {
  return (await parts.wishes.wishes()).map((wish) => ({
    ticket: wish.ticket,
    owner: wish.host,
    friend: ownerName(parts, wish.host),
    why: wish.why,
    sizeBytes: `${wish.sizeBytes}`,
    durationS: wish.durationS,
    sinceMs: wish.sinceMs,
    set: wish.set ?? null,
  }));
}

export async function requestViews(parts: CoreParts): Promise<readonly RequestView[]> {
  return (await parts.ledger.waiting()).map((row) => ({
    ticket: row.ticket,
    owner: row.owner,
    friend: ownerName(parts, row.owner),
    why: row.why,
    sizeBytes: `${row.requestedBytes}`,
    durationS: row.requestedS,
    loan: row.accept === 'borrowed',
    purpose: row.purpose ?? null,
    sinceMs: row.sinceMs,
    answered: row.approved ?? null,
  }));
}

export async function hostedViews(parts: CoreParts): Promise<readonly HostedPlotView[]> {
  const rows = await parts.ledger.plots({ moment: parts.moment() });
  return rows.map((row) => ({
    plot: row.plot,
    owner: row.owner,
    friend: ownerName(parts, row.owner),
    ground: row.ground,
    class: row.class,
    state: row.state,
    sizeBytes: `${row.sizeBytes}`,
    promisedBytes: `${row.promisedBytes}`,
    writtenBytes: `${row.writtenBytes}`,
    fromMs: row.fromMs,
    leftS: row.leftS,
    renewals: row.renewals,
    purpose: row.purpose ?? null,
    missingObjects: row.missingObjects,
    trashBytes: `${row.trashBytes + row.keptPaperBytes}`,
    protectDays: row.protectDays,
    ...(row.falls === undefined
      ? {}
      : {
          protectionFalls: {
            days: row.falls.toDays,
            atMs: parts.clock.nowMs() + row.falls.inS * 1000,
          },
        }),
    ...(row.leavesInS === undefined
      ? {}
      : { leavesMs: parts.clock.nowMs() + row.leavesInS * 1000 }),
  }));
}

export async function myPlotViews(parts: CoreParts): Promise<readonly MyPlotView[]> {
  return (await parts.holdings.holdings()).map((holding) => {
    const leftS = Math.floor((holding.untilMs - parts.clock.nowMs()) / 1000);
    return {
      plot: holding.plot,
      owner: holding.host,
      friend: ownerName(parts, holding.host),
      class: holding.class,
      // What lay at a friend's who has ended it is no copy of anything any more.
      state: hasLeft(parts, holding.host) ? 'gone' : holdingState(holding, leftS),
      sizeBytes: `${holding.sizeBytes}`,
      writtenBytes: `${holding.writtenBytes}`,
      leftS,
      set: holding.set ?? null,
      trashBytes: `${holding.protection?.trashBytes ?? 0n}`,
      protectDays: holding.protection?.days ?? 0,
      ...(holding.protection?.falls === undefined
        ? {}
        : {
            protectionFalls: {
              days: holding.protection.falls.toDays,
              atMs: holding.protection.falls.atMs,
            },
          }),
      ...(holding.leavesMs === undefined ? {} : { leavesMs: holding.leavesMs }),
    };
  });
}

/** As far as my own clock can tell; the host's service time may have stood still meanwhile. */
function holdingState(holding: Holding, leftS: number): MyPlotView['state'] {
  if (leftS > 0) return 'active';
  return leftS + holding.graceS > 0 ? 'grace' : 'reclaimable';
}
