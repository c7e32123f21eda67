import { bartering, hardBartering } from './barter-worlds.ts';
import { backedUp, recovered, searching } from './backup-worlds.ts';
import { garden } from './garden.ts';
import { hostileNames, hugeNumbers, longWords } from './hard-worlds.ts';
import { household } from './household-worlds.ts';
import { lending } from './lending-worlds.ts';
import { neighbours, partings } from './near-worlds.ts';
import { someDecisions } from './some-decisions.ts';
import {
  friend,
  gb,
  history,
  hosted,
  HOUR_MS,
  mine,
  MINUTE_MS,
  NOW_MS,
  offer,
  set,
  snapshot,
  status,
  world,
  type World,
} from './world-parts.ts';

/** The states of the world in which every screen is looked at. */

function firstRun(): World {
  const { settings } = snapshot();
  return world({
    snapshot: snapshot({
      settings: { ...settings, welcomed: false },
      status: status({ phraseSaved: false, port: null }),
      recovery: { state: 'none', possible: true, friends: [], sets: [], doubtful: [], fault: null },
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

function paused(): World {
  const before = garden();
  return {
    ...before,
    snapshot: {
      ...before.snapshot,
      status: status({
        pausedUntilMs: NOW_MS + 40 * MINUTE_MS,
        phraseSaved: false,
        shell: {
          ...before.snapshot.status.shell,
          updates: { mode: 'installs', version: '0.2.0', isReady: true },
        },
      }),
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
  neighbours,
  partings,
  lending,
  bartering,
  'hard bartering': hardBartering,
  household,
  'backed up': backedUp,
  searching,
  recovered,
  'ten thousand decisions': () => manyFriends(20, 10_000),
} as const satisfies Readonly<Record<string, () => World>>;

export type WorldName = keyof typeof worlds;
