import type { AppSnapshot, FriendView } from '../../../shared/contract/views.ts';
import { BYTES_MAX } from '../../../shared/units.ts';
import { account, guest, heldVoucher, issued, membership, overShare } from './household-worlds.ts';
import { someDecisions } from './some-decisions.ts';
import {
  DAY_MS,
  decision,
  device,
  friend,
  gb,
  history,
  hosted,
  job,
  mine,
  nearby,
  NOW_MS,
  offer,
  pairing,
  request,
  set,
  snapshot,
  wish,
  world,
  type World,
} from './world-parts.ts';

/** Worlds that are hard on a window: names that mean harm, words without end, figures without bound. */

/** Whoever chose these names meant no good. */
const HOSTILE_NAMES = [
  '<img src=x onerror=alert(1)><b>bold</b>',
  '\u202Egnirts desrever\u202C {{name}} $t(ui.app)',
  `Long ${'x'.repeat(10_000)}`,
  '👩‍👩‍👧‍👦🏳️‍🌈👍🏽 emoji 💾💾💾💾💾💾💾💾💾💾💾💾💾💾💾💾',
  'Z̷̡̛̗a͎l̸̢̛g̵̨o̷ ̷͔̈́t̴̛e̷x̸t̶ \u0000\u0007\n\t line',
  'אבגדה וזחטי כלמנ',
];

export function hostileNames(): World {
  const friends = HOSTILE_NAMES.map((name) =>
    friend(
      name,
      { promisedBytes: gb(40), writtenBytes: gb(22) },
      { devices: [device(name, { name })], ownName: name },
    ),
  );
  const [first, second] = friends;
  if (first === undefined || second === undefined) throw new Error('no hostile names');
  return world({
    snapshot: snapshot({
      offer: offer({ folder: '/home/kim/<b>x</b>\u202Egnol' }),
      friends,
      hosted: friends.map((each) => hosted(each, { purpose: HOSTILE_NAMES[0] ?? null })),
      mine: friends.map((each) => mine(each, { set: 'Photos <b>' })),
      sets: [
        set('Photos <b>', {
          to: HOSTILE_NAMES,
          folders: [`/home/${'very-long-folder-name-'.repeat(40)}`],
          lastFault: {
            key: 'fault.unreachable',
            params: { friend: HOSTILE_NAMES[2] ?? '', detail: 'EHOSTUNREACH' },
          },
        }),
      ],
      requests: friends.map((each, index) =>
        request(each, {
          why: index % 2 === 0 ? 'owner-approval' : 'queue',
          purpose: HOSTILE_NAMES[index] ?? null,
        }),
      ),
      wishes: friends.map((each) => wish(each, { why: 'queue', set: 'Photos <b>' })),
      pairings: HOSTILE_NAMES.slice(0, 3).map((name, index) =>
        pairing(name, { id: `pairing-${index}` }),
      ),
      ...together(friends, { bytes: gb(40) }),
      nearby: HOSTILE_NAMES.map((name, index) => nearby(name, { id: `nearby-${index}` })),
    }),
    decisions: someDecisions(friends, 12),
    history: history(100, 231, 500),
  });
}

export function longWords(): World {
  const names = [
    'Donaudampfschifffahrtsgesellschaftskapitänin',
    'Rindfleischetikettierungsüberwachung',
    'Maximiliane-Wilhelmina von und zu Grundstücksverkehr',
  ];
  const friends = names.map((name) =>
    friend(name, { promisedBytes: gb(60), writtenBytes: gb(44) }),
  );
  const long = 'Kraftfahrzeughaftpflichtversicherungsunterlagensicherung';
  return world({
    snapshot: snapshot({
      offer: offer({ folder: `/home/kim/${long}/${long}` }),
      friends,
      hosted: friends.map((each) => hosted(each, { purpose: long })),
      mine: friends.map((each) => mine(each, { set: long })),
      sets: [set(long, { to: names, folders: [`/home/kim/${long}`] })],
      jobs: [job({ set: long })],
      requests: friends.map((each) => request(each, { purpose: long })),
      wishes: friends.map((each) => wish(each, { why: 'queue', set: long })),
      ...together(friends, { bytes: gb(60) }),
    }),
    decisions: someDecisions(friends, 12),
    history: history(100, 231, 500),
  });
}

export function hugeNumbers(): World {
  const most = `${BYTES_MAX}`;
  const ana = friend('Ana', {
    shareBytes: most,
    promisedBytes: most,
    writtenBytes: most,
    mayAskBytes: most,
    arrivingBytes: most,
    lentBytes: most,
  });
  const nothing = friend('Ben', { shareBytes: '0', mayAskBytes: '0' });
  return world({
    snapshot: snapshot({
      offer: offer({
        offerBytes: most,
        keepFreeBytes: most,
        freeBytes: most,
        diskBytes: most,
        capacityBytes: most,
        promisedBytes: most,
        writtenBytes: most,
        fairBytes: most,
      }),
      friends: [ana, nothing],
      hosted: [hosted(ana, { leftS: 2 ** 31 - 1, missingObjects: 1_000_000_000 })],
      mine: [mine(ana, { sizeBytes: most, writtenBytes: most, leftS: 2 ** 31 - 1 })],
      requests: [
        request(ana, { sizeBytes: most, durationS: 2 ** 31 - 1 }),
        request(nothing, { why: 'queue', sizeBytes: most }),
      ],
      wishes: [wish(ana, { sizeBytes: most })],
      ...together([ana], { bytes: most }),
      sets: [set('Photos', { lastBytes: most })],
      jobs: [
        job({
          progress: {
            phase: 'reading',
            filesDone: Number.MAX_SAFE_INTEGER,
            filesTotal: Number.MAX_SAFE_INTEGER,
            bytesDone: most,
            bytesTotal: most,
            bytesPerS: 10 ** 12,
            leftS: 2 ** 31 - 1,
          },
        }),
      ],
    }),
    decisions: [decision(1, ana, { requestedBytes: most, requestedS: 2 ** 31 - 1 })],
    history: [NOW_MS - DAY_MS, NOW_MS].map((atMs) => ({
      atMs,
      writtenBytes: most,
      promisedBytes: most,
      limitBytes: most,
    })),
  });
}

/** Accounts, introductions, guests and shares that are too small, of these people and as large as that. */
function together(
  friends: readonly FriendView[],
  { bytes }: { readonly bytes: string },
): Pick<AppSnapshot, 'household' | 'vouchers' | 'overShare'> {
  const people = friends.map(({ owner, name }) => ({ owner, name }));
  const [first] = friends;
  if (first === undefined) throw new Error('nobody');
  return {
    household: {
      kept: friends.map(({ name }) =>
        account(name.slice(0, 80), {
          planBytes: bytes,
          chargedBytes: bytes,
          openBytes: bytes,
          members: people,
          hosts: people,
          usage: people.map((member) => ({
            host: member,
            member,
            chargedBytes: bytes,
            plots: 1_000_000,
            comparedMs: NOW_MS - 400 * DAY_MS,
          })),
        }),
      ),
      memberships: people.map((keeper) =>
        membership(keeper.name.slice(0, 80), { keeper, hosts: people, chargedBytes: bytes }),
      ),
      keepers: people.map((who) => ({ ...who, honoured: true })),
      untold: 1_000_000,
    },
    vouchers: {
      issued: people.map((newcomer, index) =>
        issued(first, { id: `${index}`, newcomer, bytes, usedBytes: bytes }),
      ),
      held: people.map((host, index) =>
        heldVoucher({ id: `${index}`, host, introducer: host, bytes }),
      ),
      guests: people.map((who) =>
        guest(who.name, { ...who, introducer: who, promisedBytes: bytes, writtenBytes: bytes }),
      ),
    },
    overShare: friends.map((each) => overShare(each, { useBytes: bytes, shareBytes: '0' })),
  };
}
