import {
  type BarterView,
  type MintView,
  type NoteLogView,
  type OrderView,
  type PurseView,
} from '../../../shared/contract/barter-views.ts';
import type { NamedOwner } from '../../../shared/contract/household-views.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { issuerRate } from '../../../shared/model/issuer-rate.ts';
import { bytesFor } from '../../../shared/model/notes.ts';
import { DAY_MS } from '../../../shared/units.ts';
import type { MintState } from '../barter/mint/mint-book.ts';
import type { NoteLine } from '../barter/note-log.ts';
import type { Order } from '../barter/orders/orders.ts';
import type { Reputation } from '../barter/reputation-book.ts';
import type { Purse } from '../barter/wallet/wallet-book.ts';
import { nameOf } from '../friends/friend-registry.ts';
import type { CoreParts } from './core-parts.ts';

/** Barter as it is shown (design §3.6); while it is off there is nothing to show, and what is held stays. */
const NOTHING: BarterView = {
  on: false,
  currency: { name: null, perGbMonth: 1 },
  mint: {
    outstandingUnits: '0',
    outstandingBytes: '0',
    mayIssueUnits: '0',
    issuedUnits: '0',
    redeemedUnits: '0',
    expiresMs: null,
    problem: null,
  },
  wallet: [],
  orders: [],
  translator: { on: false, mostGiveUnits: '0', mostWantUnits: '0' },
};

type Parts = Pick<CoreParts, 'trading' | 'friends' | 'clock'>;

export async function barterView(parts: Parts): Promise<BarterView> {
  const { trading, clock } = parts;
  if (!trading.isOn()) return NOTHING;
  const [{ currency, translator }, state, purses, reputations, orders] = await Promise.all([
    trading.choices.choices(),
    trading.mintState(),
    trading.purses(),
    trading.reputation.reputations(),
    trading.orders.orders(),
  ]);
  const known = new Map(reputations.map((each) => [each.issuer, each]));
  const nowMs = clock.nowMs();
  return {
    on: true,
    currency,
    mint: mintView(state),
    wallet: purses.map((purse) => purseView(parts, purse, { seen: known.get(purse.owner), nowMs })),
    orders: orders.map((order) => orderView(parts, order)),
    translator: {
      on: translator.on,
      mostGiveUnits: `${translator.mostGiveUnits}`,
      mostWantUnits: `${translator.mostWantUnits}`,
    },
  };
}

export function noteLogViews(parts: Parts, lines: readonly NoteLine[]): readonly NoteLogView[] {
  return lines.map(({ number, atMs, movement, issuer, with: other, units, plot }) => ({
    number,
    atMs,
    movement,
    issuer: issuer === 'self' ? ('self' as const) : named(parts, issuer),
    with: other === undefined ? null : named(parts, other),
    units: `${units}`,
    plot: plot ?? null,
  }));
}

function mintView(state: MintState): MintView {
  const { outstandingUnits, mayIssueUnits, issuedUnits, redeemedUnits, closedMs } = state;
  return {
    outstandingUnits: `${outstandingUnits}`,
    outstandingBytes: `${bytesFor(outstandingUnits)}`,
    mayIssueUnits: `${mayIssueUnits}`,
    issuedUnits: `${issuedUnits}`,
    redeemedUnits: `${redeemedUnits}`,
    expiresMs: state.expiresMs ?? null,
    problem:
      closedMs === undefined
        ? null
        : { key: 'order-problem.mint-closed', params: { closedMs: `${closedMs}` } },
  };
}

function purseView(
  parts: Parts,
  { owner, freeUnits, heldUnits, expiresMs }: Purse,
  { seen, nowMs }: { readonly seen: Reputation | undefined; readonly nowMs: number },
): PurseView {
  const lastContactMs = parts.friends.friend(owner)?.lastContactMs;
  const record = {
    honoured: seen?.honoured ?? 0,
    refused: seen?.refused ?? 0,
    refusedInARow: seen?.refusedInARow ?? 0,
    awayDays: lastContactMs === undefined ? undefined : (nowMs - lastContactMs) / DAY_MS,
  };
  return {
    issuer: named(parts, owner),
    units: `${freeUnits + heldUnits}`,
    heldUnits: `${heldUnits}`,
    expiresMs: expiresMs ?? null,
    rate: issuerRate(record, seen?.ownRate),
    honoured: record.honoured,
    refused: record.refused,
    lastRefusedMs: seen?.lastRefusedMs ?? null,
  };
}

function orderView(parts: Parts, order: Order): OrderView {
  const friend = named(parts, order.friend);
  return {
    order: order.id,
    friend,
    giveUnits: `${order.giveUnits}`,
    wantUnits: `${order.wantUnits}`,
    periodDays: order.periodDays,
    state: order.state,
    translated: order.translated,
    ...(order.replaces === undefined ? {} : { replaces: order.replaces }),
    nextMs: order.nextMs ?? null,
    lastMs: order.lastMs ?? null,
    problem:
      order.problem === undefined
        ? null
        : { key: `order-problem.${order.problem}`, params: { friend: friend.name } },
  };
}

function named({ friends }: Pick<Parts, 'friends'>, owner: OwnerId): NamedOwner {
  const friend = friends.friend(owner);
  return { owner, name: friend === undefined ? '' : nameOf(friend) };
}
