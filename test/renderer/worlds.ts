import type { DecisionView, FriendView } from '../../shared/contract/views.ts';
import { BYTES_MAX } from '../../shared/units.ts';
import {
  DAY_MS,
  DAY_S,
  decision,
  friend,
  gb,
  history,
  hosted,
  HOUR_MS,
  job,
  mine,
  MINUTE_MS,
  NOW_MS,
  offer,
  ownerId,
  refused,
  set,
  snapshot,
  status,
  type World,
} from './world-parts.ts';

/** The states of the world in which every screen is looked at. */

/** So many of the latest decisions lie in a snapshot. */
const LATEST = 50;

function world(parts: Partial<World> & Pick<World, 'snapshot'>): World {
  const decisions = parts.decisions ?? [];
  return {
    history: [],
    ...parts,
    decisions,
    snapshot: { ...parts.snapshot, decisions: decisions.slice(0, LATEST) },
  };
}

function firstRun(): World {
  const { settings } = snapshot();
  return world({
    snapshot: snapshot({
      settings: { ...settings, welcomed: false },
      status: status({ phraseSaved: false, port: null }),
    }),
  });
}

function empty(): World {
  return world({ snapshot: snapshot({ status: status({ phraseSaved: false, port: null }) }) });
}

function withoutFriends(): World {
  const shared = offer({ promisedBytes: '0', writtenBytes: '0' });
  return world({ snapshot: snapshot({ offer: shared }), history: history(0, 0, 500) });
}

/** Five friends in every state that the bed can show, and four that are too small to be named. */
function garden(): World {
  const ana = friend('Ana', {
    promisedBytes: gb(80),
    writtenBytes: gb(64),
    arrivingBytes: gb(0.3),
    mayAskBytes: gb(19),
  });
  const ben = friend('Ben', {
    promisedBytes: gb(112),
    writtenBytes: gb(104),
    mayAskBytes: '0',
  });
  const cleo = friend('Cleo', { promisedBytes: gb(90), writtenBytes: gb(67) });
  const dev = friend('Dev', {
    ground: 'quota',
    weight: null,
    ownPolicy: true,
    promisedBytes: gb(20),
    writtenBytes: gb(12),
  });
  const mum = friend(
    'Mum',
    {
      ground: 'always',
      weight: null,
      shareBytes: null,
      ownPolicy: true,
      promisedBytes: gb(62),
      writtenBytes: gb(22),
    },
    { lastContactMs: NOW_MS - 4 * DAY_MS },
  );
  const small = ['Edi', 'Fay', 'Gus', 'Hanna'].map((name, index) =>
    friend(name, {
      shareBytes: gb(5),
      promisedBytes: gb(index),
      writtenBytes: gb(index / 2),
      mayAskBytes: gb(4),
      weight: index === 3 ? 0 : 1,
    }),
  );
  const friends = [ana, ben, cleo, dev, mum, ...small];
  const plots = [
    hosted(ana),
    hosted(ben, { promisedBytes: gb(100), sizeBytes: gb(99), writtenBytes: gb(96) }),
    hosted(ben, {
      plot: ownerId('lent').slice(0, 26),
      class: 'borrowed',
      promisedBytes: gb(12),
      sizeBytes: gb(11.8),
      writtenBytes: gb(8),
      leftS: 6 * DAY_S,
      purpose: 'second copy of the films',
    }),
    hosted(cleo, { state: 'grace', leftS: -3 * DAY_S }),
    hosted(dev, { missingObjects: 3 }),
    hosted(mum),
    ...small.slice(1).map((each) => hosted(each)),
  ];
  return world({
    snapshot: snapshot({
      offer: offer({ promisedBytes: gb(370), writtenBytes: gb(272) }),
      friends,
      hosted: plots,
      mine: [
        mine(ana),
        mine(ben, { set: 'Documents', sizeBytes: gb(20), writtenBytes: gb(12.4) }),
        mine(mum, { state: 'grace', leftS: -2 * DAY_S }),
        mine(cleo, {
          class: 'borrowed',
          set: null,
          sizeBytes: gb(5),
          writtenBytes: '0',
          leftS: 2 * DAY_S,
        }),
      ],
      sets: [
        set('Photos'),
        set('Documents', { to: ['Ben'], lastBytes: gb(12.4), lastRunMs: NOW_MS - 3.5 * DAY_MS }),
        set('Films', {
          to: ['Ben'],
          lastRunMs: NOW_MS - 2 * DAY_MS,
          lastFault: { key: 'fault.plot-full', params: { friend: 'Ben' } },
        }),
        set('Music', { to: ['Mum'], lastRunMs: null, lastBytes: null }),
        set('Notes', { to: ['Ana'], lastRunMs: NOW_MS - 6 * DAY_MS, lastBytes: gb(0.4) }),
      ],
      jobs: [
        job(),
        job({
          id: 'job-0',
          set: 'Documents',
          state: 'done',
          result: { files: 4120, filesFailed: 2, bytesTotal: gb(12.4) },
          problems: [
            {
              key: 'problem.file-unreadable',
              params: { path: '/home/kim/Documents/a.odt', detail: 'EACCES' },
            },
            { key: 'problem.copy-behind', params: { friend: 'Ben', why: 'unreachable' } },
          ],
        }),
      ],
      pairings: [
        {
          id: 'pairing-1',
          began: 'there',
          name: 'Ida',
          address: '192.168.1.31:24816',
          digits: '402913',
          state: 'comparing',
          leftS: 95,
        },
      ],
      notices: [
        {
          id: 'request-refused-ben',
          kind: 'request-refused',
          level: 'warning',
          atMs: NOW_MS - 2 * HOUR_MS,
          params: {
            friend: 'Ben',
            requestedBytes: gb(40),
            shareBytes: gb(100),
            useBytes: gb(112),
            mayAskBytes: '0',
          },
          path: `friends/${ben.owner}`,
          dismissed: false,
        },
      ],
    }),
    decisions: someDecisions([ana, ben, cleo, dev, mum], 40),
    history: history(180, 272, 500),
  });
}

function manyFriends(count = 20, decisions = 60): World {
  const friends = Array.from({ length: count }, (_, index) =>
    friend(`${NAMES[index % NAMES.length]}${index < NAMES.length ? '' : ` ${index}`}`, {
      shareBytes: gb(25),
      promisedBytes: gb((index * 7) % 25),
      writtenBytes: gb(((index * 7) % 25) / 2),
      mayAskBytes: gb(25 - ((index * 7) % 25)),
    }),
  );
  return world({
    snapshot: snapshot({
      offer: offer(),
      friends,
      hosted: friends.filter(({ here }) => here.promisedBytes !== '0').map((each) => hosted(each)),
      mine: friends.slice(0, 6).map((each) => mine(each)),
      sets: [set('Photos', { to: friends.slice(0, 6).map(({ name }) => name) })],
    }),
    decisions: someDecisions(friends, decisions),
    history: history(100, 231, 500),
  });
}

/** Whoever chose these names meant no good. */
export const HOSTILE_NAMES = [
  '<img src=x onerror=alert(1)><b>bold</b>',
  '\u202Egnirts desrever\u202C {{name}} $t(ui.app)',
  `Long ${'x'.repeat(10_000)}`,
  '👩‍👩‍👧‍👦🏳️‍🌈👍🏽 emoji 💾💾💾💾💾💾💾💾💾💾💾💾💾💾💾💾',
  'Z̷̡̛̗a͎l̸̢̛g̵̨o̷ ̷͔̈́t̴̛e̷x̸t̶ \u0000\u0007\n\t line',
  'אבגדה וזחטי כלמנ',
];

function hostileNames(): World {
  const friends = HOSTILE_NAMES.map((name) =>
    friend(name, { promisedBytes: gb(40), writtenBytes: gb(22) }),
  );
  const [first, second] = friends;
  if (first === undefined || second === undefined) throw new Error('no hostile names');
  return world({
    snapshot: snapshot({
      offer: offer({ folder: '/home/kim/<b>x</b>\u202Egnol' }),
      friends,
      hosted: friends.map((each) => hosted(each, { purpose: HOSTILE_NAMES[0] ?? null })),
      mine: friends.map((each) => mine(each, { set: 'Photos' })),
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
      pairings: HOSTILE_NAMES.slice(0, 3).map((name, index) => ({
        id: `pairing-${index}`,
        began: 'there',
        name,
        address: '192.168.1.31:24816',
        digits: '402913',
        state: 'comparing',
        leftS: 60,
      })),
    }),
    decisions: someDecisions(friends, 12),
    history: history(100, 231, 500),
  });
}

function longWords(): World {
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
    }),
    decisions: someDecisions(friends, 12),
    history: history(100, 231, 500),
  });
}

function hugeNumbers(): World {
  const most = `${BYTES_MAX}`;
  const ana = friend('Ana', {
    shareBytes: most,
    promisedBytes: most,
    writtenBytes: most,
    mayAskBytes: most,
    arrivingBytes: most,
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

function paused(): World {
  const before = garden();
  return {
    ...before,
    snapshot: {
      ...before.snapshot,
      status: status({ pausedUntilMs: NOW_MS + 40 * MINUTE_MS, phraseSaved: false }),
    },
  };
}

function driveMissing(): World {
  const before = garden();
  const shared = before.snapshot.offer;
  return {
    ...before,
    snapshot: {
      ...before.snapshot,
      offer: shared === null ? null : { ...shared, volume: 'missing' },
      status: status({
        warnings: [
          { key: 'warning.volume-missing', params: { folder: '/media/kim/Drive/Allotment' } },
          { key: 'warning.phrase-unsaved', params: {} },
        ],
        phraseSaved: false,
      }),
      notices: [
        {
          id: 'volume-missing',
          kind: 'volume-missing',
          level: 'alarm',
          atMs: NOW_MS - HOUR_MS,
          params: { folder: '/media/kim/Drive/Allotment' },
          path: 'home',
          dismissed: false,
        },
      ],
    },
  };
}

const NAMES = [
  'Ana',
  'Ben',
  'Cleo',
  'Dev',
  'Edi',
  'Fay',
  'Gus',
  'Hanna',
  'Ida',
  'Jon',
  'Kai',
  'Lou',
];

/** A bit of everything that a log can hold, newest first. */
function someDecisions(friends: readonly FriendView[], count: number): readonly DecisionView[] {
  return Array.from({ length: count }, (_, index): DecisionView => {
    const number = count - index;
    const of = friends[index % friends.length];
    if (of === undefined) throw new Error('no friends to decide about');
    const atMs = NOW_MS - index * 35 * MINUTE_MS;
    const made = kindOf(index, number, of);
    return { ...made, number, atMs };
  });
}

function kindOf(index: number, number: number, of: FriendView): DecisionView {
  switch (index % 7) {
    case 1:
      return refused(number, of);
    case 2:
      return decision(number, of, { kind: 'renew', requestedBytes: null });
    case 3:
      return decision(number, of, { outcome: 'counter', purpose: 'Photos of the summer' });
    case 4:
      return decision(number, of, { kind: 'resize', requestedS: null });
    case 5:
      return decision(number, of, {
        kind: 'release',
        outcome: 'done',
        requestedBytes: null,
        steps: [],
      });
    case 6:
      return decision(number, of, {
        kind: 'lapse',
        outcome: 'done',
        requestedBytes: null,
        steps: [],
      });
    default:
      return decision(number, of);
  }
}

export const worlds = {
  'first run': firstRun,
  empty,
  'without friends': withoutFriends,
  garden,
  'twenty friends': () => manyFriends(),
  'hostile names': hostileNames,
  'long words': longWords,
  'huge numbers': hugeNumbers,
  paused,
  'drive missing': driveMissing,
  'ten thousand decisions': () => manyFriends(20, 10_000),
} as const satisfies Readonly<Record<string, () => World>>;

export type WorldName = keyof typeof worlds;
