import type {
  BarterView,
  NoteLogView,
  OrderView,
  PurseView,
} from '../../../shared/contract/barter-views.ts';
import { NOTE_MOVEMENTS } from '../../../shared/contract/barter-views.ts';
import type { FriendView } from '../../../shared/contract/views.ts';
import { emptyViews } from '../../fakes/empty-views.ts';
import {
  DAY_MS,
  friend,
  gb,
  hosted,
  HOUR_MS,
  NOW_MS,
  offer,
  snapshot,
  world,
  type World,
} from './world-parts.ts';

/** Builders of what a home says that barters, and two such homes. */

type Over<T> = { readonly [K in keyof T]?: T[K] };

export function barter(over: Over<BarterView> = {}): BarterView {
  return {
    ...emptyViews.barter,
    on: true,
    mint: {
      outstandingUnits: '600',
      outstandingBytes: gb(40.3),
      mayIssueUnits: '900',
      issuedUnits: '850',
      redeemedUnits: '250',
      expiresMs: NOW_MS + 80 * DAY_MS,
      problem: null,
    },
    ...over,
  };
}

export function purse(of: FriendView, over: Over<PurseView> = {}): PurseView {
  return {
    issuer: namedOf(of),
    units: '300',
    heldUnits: '0',
    expiresMs: NOW_MS + 61 * DAY_MS,
    rate: 1,
    honoured: 4,
    refused: 0,
    lastRefusedMs: null,
    ...over,
  };
}

export function order(withWhom: FriendView, over: Over<OrderView> = {}): OrderView {
  return {
    order: `order with ${withWhom.name}`.slice(0, 60),
    friend: namedOf(withWhom),
    giveUnits: '150',
    wantUnits: '150',
    periodDays: 30,
    state: 'standing',
    translated: false,
    nextMs: NOW_MS + 12 * DAY_MS,
    lastMs: NOW_MS - 18 * DAY_MS,
    problem: null,
    ...over,
  };
}

/** Every movement there is, of mine and of somebody's, over and over. */
export function movements(by: FriendView, count = 36): readonly NoteLogView[] {
  return Array.from({ length: count }, (_, index): NoteLogView => {
    const movement = NOTE_MOVEMENTS[index % NOTE_MOVEMENTS.length] ?? 'issued';
    return {
      number: count - index,
      atMs: NOW_MS - index * 7 * HOUR_MS,
      movement,
      issuer: index % 2 === 0 ? 'self' : namedOf(by),
      with: index % 3 === 0 ? null : namedOf(by),
      units: `${(index + 1) * 16}`,
      plot: null,
    };
  });
}

export function bartering(): World {
  const ana = friend('Ana', { ground: 'notes', promisedBytes: gb(12), writtenBytes: gb(9) });
  const ben = friend('Ben', { promisedBytes: gb(40), writtenBytes: gb(31) });
  const cleo = friend('Cleo', { ground: 'reciprocal', promisedBytes: gb(8), weight: null });
  const dev = friend('Dev');
  return world({
    snapshot: snapshot({
      settings: { ...snapshot().settings, barter: true },
      offer: offer(),
      friends: [ana, ben, cleo, dev],
      hosted: [hosted(ana, { ground: 'notes' }), hosted(ben), hosted(cleo)],
      barter: barter({
        wallet: [
          purse(ana, { heldUnits: '60' }),
          purse(ben, {
            units: '75',
            rate: 0.4,
            honoured: 3,
            refused: 2,
            lastRefusedMs: NOW_MS - 5 * DAY_MS,
          }),
          purse(dev, { units: '1', honoured: 0, expiresMs: null }),
        ],
        orders: [
          order(ana),
          order(ben, {
            state: 'asked',
            giveUnits: '300',
            wantUnits: '150',
            replaces: 'an old one',
            nextMs: null,
            lastMs: null,
          }),
          order(cleo, { state: 'offered', nextMs: null, lastMs: null, translated: true }),
          order(dev, {
            periodDays: 7,
            wantUnits: '0',
            problem: { key: 'order-problem.over-issue-here', params: { friend: 'Dev' } },
          }),
          order(ben, { order: 'an old one', state: 'ended', nextMs: null }),
        ],
        translator: { on: true, mostGiveUnits: '450', mostWantUnits: '300' },
      }),
    }),
    notes: movements(ana),
  });
}

/** Names, figures and a currency that are hard to fit into a line. */
export function hardBartering(): World {
  const names = [
    '<script>alert(1)</script>',
    'Donaudampfschifffahrtselektrizitätenhauptbetriebswerk',
    '\u202eadelA\u0301\u0301\u0301\u0301\u0301\u0301',
    'דוד',
  ];
  const friends = names.map((name) => friend(name));
  const huge = `${2n ** 40n}`;
  return world({
    snapshot: snapshot({
      settings: { ...snapshot().settings, barter: true },
      offer: offer(),
      friends,
      barter: barter({
        currency: { name: 'Rinderschmalzbüchsen', perGbMonth: 1_000_000 },
        mint: {
          ...barter().mint,
          outstandingUnits: huge,
          mayIssueUnits: '0',
          problem: {
            key: 'order-problem.mint-closed',
            params: { closedMs: names[0] ?? '', count: 'x', lng: 'de' },
          },
        },
        wallet: friends.map((each) => purse(each, { units: huge, rate: 1000, honoured: 1e9 })),
        orders: friends.map((each, index) =>
          order(each, {
            giveUnits: huge,
            wantUnits: huge,
            periodDays: 365,
            state: index === 0 ? 'asked' : 'standing',
          }),
        ),
        translator: { on: false, mostGiveUnits: huge, mostWantUnits: '0' },
      }),
    }),
    notes: friends.flatMap((each) => movements(each, 4)),
  });
}

function namedOf({ owner, name }: FriendView): { readonly owner: string; readonly name: string } {
  return { owner, name };
}
