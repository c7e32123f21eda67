import type { AccountView, MembershipView } from '../../../shared/contract/household-views.ts';
import type { OverShareView, SpaceView } from '../../../shared/contract/space-views.ts';
import type {
  GuestView,
  HeldVoucherView,
  IssuedVoucherView,
} from '../../../shared/contract/voucher-views.ts';
import type { FriendView } from '../../../shared/contract/views.ts';
import {
  DAY_MS,
  DAY_S,
  friend,
  gb,
  HOUR_MS,
  hosted,
  mine,
  MINUTE_MS,
  NOW_MS,
  offer,
  ownerId,
  set,
  snapshot,
  world,
  type World,
} from './world-parts.ts';

/** Worlds of people who keep accounts, vouch for each other, and have more than their share. */

type Over<T> = { readonly [K in keyof T]?: T[K] };

export function named(name: string): { readonly owner: string; readonly name: string } {
  return { owner: ownerId(name), name };
}

export function account(name: string, over: Over<AccountView> = {}): AccountView {
  return {
    account: name,
    planBytes: gb(200),
    closed: false,
    chargedBytes: '0',
    openBytes: '0',
    members: [],
    hosts: [],
    usage: [],
    ...over,
  };
}

export function membership(name: string, over: Over<MembershipView> = {}): MembershipView {
  return {
    keeper: named('Mum'),
    account: name,
    planBytes: gb(50),
    chargedBytes: gb(12),
    leftBytes: gb(38),
    closed: false,
    hosts: [],
    asOfMs: NOW_MS - 2 * MINUTE_MS,
    problem: null,
    ...over,
  };
}

export function issued(host: FriendView, over: Over<IssuedVoucherView> = {}): IssuedVoucherView {
  return {
    id: ownerId(`voucher at ${host.name}`).slice(0, 26),
    host: { owner: host.owner, name: host.name },
    newcomer: named('Nils'),
    bytes: gb(10),
    untilMs: NOW_MS + 90 * DAY_MS,
    usedBytes: gb(4),
    state: 'open',
    told: false,
    ...over,
  };
}

export function heldVoucher(over: Over<HeldVoucherView> = {}): HeldVoucherView {
  return {
    id: ownerId('held').slice(0, 26),
    host: named('Olga'),
    introducer: named('Ana'),
    bytes: gb(20),
    untilMs: NOW_MS + 60 * DAY_MS,
    plots: [],
    ...over,
  };
}

export function guest(name: string, over: Over<GuestView> = {}): GuestView {
  return {
    ...named(name),
    introducer: named('Ana'),
    ground: 'voucher',
    plot: ownerId(`guest ${name}`).slice(0, 26),
    promisedBytes: gb(10),
    writtenBytes: gb(4),
    leftS: 20 * DAY_S,
    blocked: false,
    ends: false,
    ...over,
  };
}

export function overShare(of: FriendView, over: Over<OverShareView> = {}): OverShareView {
  return {
    owner: of.owner,
    name: of.name,
    useBytes: gb(48),
    shareBytes: gb(33),
    askedMs: null,
    endsMs: null,
    ...over,
  };
}

export function space(over: Over<SpaceView> = {}): SpaceView {
  return {
    dataBytes: gb(231),
    trashBytes: gb(0),
    arrivingBytes: gb(0.3),
    leavingBytes: gb(2),
    overheadBytes: gb(1.7),
    onDiskBytes: gb(235),
    promisedBytes: gb(81),
    outstandingBytes: gb(8),
    freeBytes: gb(180),
    offerBytes: gb(500),
    asOfMs: NOW_MS - MINUTE_MS,
    ...over,
  };
}

/** Everything at once: each card in each of its states. */
export function household(): World {
  const ana = friend(
    'Ana',
    { promisedBytes: gb(48), writtenBytes: gb(40), shareBytes: gb(33), mayAskBytes: '0' },
    {
      there: {
        shareBytes: gb(50),
        useBytes: gb(12),
        mayAskBytes: gb(38),
        lentBytes: '0',
        mayBorrowBytes: '0',
        asOfMs: NOW_MS - HOUR_MS,
      },
    },
  );
  const ben = friend('Ben', { promisedBytes: gb(60), writtenBytes: gb(41) });
  const cleo = friend('Cleo', { promisedBytes: gb(45), writtenBytes: gb(22) });
  const mum = friend('Mum', { promisedBytes: gb(20), writtenBytes: gb(12) });
  const family = [ana, ben, cleo, mum];
  const { settings } = snapshot();
  const kids = account('The kids', {
    planBytes: gb(100),
    chargedBytes: gb(112),
    openBytes: gb(20),
    members: [named('Cleo'), named('Ben')],
    hosts: [named('Ana'), named('Kim')],
    usage: [
      {
        host: named('Ana'),
        member: named('Cleo'),
        chargedBytes: gb(62),
        plots: 2,
        comparedMs: NOW_MS - 5 * HOUR_MS,
      },
      {
        host: named('Kim'),
        member: named('Ben'),
        chargedBytes: gb(30),
        plots: 1,
        comparedMs: NOW_MS - MINUTE_MS,
      },
      {
        host: named('Ana'),
        member: named('Ben'),
        chargedBytes: gb(20),
        plots: 1,
        comparedMs: null,
      },
    ],
  });
  return world({
    snapshot: snapshot({
      settings: { ...settings, household: true, barter: true },
      offer: offer(),
      friends: family,
      hosted: family.map((each) => hosted(each)),
      mine: [mine(ana), { ...mine(ben), ...named('Olga'), friend: 'Olga', set: null }],
      sets: [set('Photos', { to: ['Ana'] })],
      household: {
        kept: [
          account('Mum', {
            chargedBytes: gb(85),
            members: [named('Mum')],
            usage: [
              {
                host: named('Ben'),
                member: named('Mum'),
                chargedBytes: gb(85),
                plots: 1,
                comparedMs: NOW_MS - DAY_MS,
              },
            ],
          }),
          kids,
          account('The flat below', { closed: true, members: [named('Cleo')] }),
        ],
        memberships: [
          membership('Family', {
            hosts: [named('Ben'), { owner: ownerId('Uli'), name: ownerId('Uli').slice(0, 8) }],
          }),
          membership('Studio', {
            keeper: named('Cleo'),
            closed: true,
            chargedBytes: gb(60),
            leftBytes: '0',
            asOfMs: NOW_MS - 3 * DAY_MS,
            problem: {
              key: 'fault.unreachable',
              params: { friend: 'Cleo', detail: 'EHOSTUNREACH' },
            },
          }),
        ],
        keepers: [
          { ...named('Kim'), honoured: true },
          { ...named('Mum'), honoured: true },
          { ...named('Cleo'), honoured: false },
        ],
        untold: 3,
      },
      vouchers: {
        issued: [
          issued(ana),
          issued(ana, {
            id: 'withdrawn',
            newcomer: { owner: ownerId('Somebody'), name: ownerId('Somebody').slice(0, 8) },
            state: 'withdrawn',
            usedBytes: null,
          }),
          issued(ana, { id: 'told', newcomer: named('Pia'), state: 'withdrawn', told: true }),
          issued(ana, { id: 'over', newcomer: named('Ron'), state: 'expired', usedBytes: '0' }),
        ],
        held: [heldVoucher(), heldVoucher({ id: 'used', plots: [ownerId('used').slice(0, 26)] })],
        guests: [
          guest('Nils'),
          guest('Pia', { ground: 'notes', introducer: null, leftS: -DAY_S }),
          guest('Ron', { introducer: null, blocked: true }),
        ],
      },
      overShare: [
        overShare(ana),
        overShare(ben, { useBytes: gb(60), askedMs: NOW_MS - DAY_MS }),
        overShare(cleo, {
          useBytes: gb(45),
          askedMs: NOW_MS - DAY_MS,
          endsMs: NOW_MS + 30 * DAY_MS,
        }),
      ],
    }),
  });
}
