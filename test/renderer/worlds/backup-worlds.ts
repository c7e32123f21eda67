import type { BackupSetView, CopyView } from '../../../shared/contract/backup-views.ts';
import { PLAN_AT_FIRST } from '../../../shared/model/plan-at-first.ts';
import {
  copy,
  DAY_MS,
  friend,
  gb,
  hosted,
  HOUR_MS,
  job,
  mine,
  NOW_MS,
  offer,
  ownerId,
  restore,
  set,
  snapshot,
  status,
  wish,
  world,
  type World,
} from './world-parts.ts';

/** Sets in every state that they can be in, with their copies; and a computer that comes back with words. */
export function backedUp(): World {
  const [ana, ben, cleo, dev] = ['Ana', 'Ben', 'Cleo', 'Dev'].map((name) =>
    friend(
      name,
      { promisedBytes: gb(40), writtenBytes: gb(20) },
      {
        there: {
          shareBytes: gb(50),
          useBytes: gb(12),
          mayAskBytes: gb(name === 'Ben' ? 2 : 38),
          lentBytes: '0',
          mayBorrowBytes: '0',
          asOfMs: NOW_MS - HOUR_MS,
        },
      },
    ),
  );
  if (ana === undefined || ben === undefined || cleo === undefined || dev === undefined)
    throw new Error('four friends');
  const two = { plan: { ...PLAN_AT_FIRST, copies: 2 } };
  return world({
    snapshot: snapshot({
      offer: offer(),
      friends: [ana, ben, cleo, dev],
      hosted: [hosted(ana, { protectDays: 30, trashBytes: gb(3) }), hosted(ben)],
      mine: [
        mine(ana),
        mine(ben, { trashBytes: gb(2.1), protectDays: 30 }),
        mine(cleo, { set: null, plot: 'q'.repeat(26) }),
      ],
      wishes: [wish(ben, { set: 'Films' })],
      sets: [
        set('Photos', {
          plan: { ...two.plan, protectDays: 30 },
          copies: [copy(ana), copy(ben, { trashBytes: gb(2.1), verifiedShare: 0.07 })],
          drilledMs: NOW_MS - 12 * DAY_MS,
        }),
        set('Documents', {
          ...two,
          safety: 'catching-up',
          copies: [
            copy(ana, { writtenBytes: gb(12.4) }),
            behind(copy(cleo), {
              fault: {
                key: 'fault.unreachable',
                params: { friend: 'Cleo', detail: 'EHOSTUNREACH' },
              },
            }),
          ],
          waitsFor: 'mains',
        }),
        set('Films', {
          to: ['Ben'],
          safety: 'stale',
          lastRunMs: NOW_MS - 3.5 * DAY_MS,
          lastFault: { key: 'fault.plot-full', params: { friend: 'Ben' } },
          copies: [
            behind(copy(ben), { fault: { key: 'fault.plot-full', params: { friend: 'Ben' } } }),
          ],
          pausedUntilMs: NOW_MS + HOUR_MS,
        }),
        set('Letters', {
          to: ['Dev'],
          safety: 'at-risk',
          lastRunMs: NOW_MS - 9 * DAY_MS,
          copies: [
            copy(dev, { state: 'gone', completeMs: null, writtenBytes: '0', verifiedMs: null }),
            copy(cleo, { state: 'damaged', damagedObjects: 3, completeMs: null }),
          ],
          protectionFalls: { days: 7, atMs: NOW_MS + 5 * DAY_MS },
        }),
        set('Music', {
          to: ['Ana'],
          // Taken over from another computer: nobody has looked at it from here yet.
          copies: [copy(ana, { state: 'unknown', completeMs: null, verifiedMs: null })],
          safety: 'never',
          lastRunMs: null,
          lastBytes: null,
          verifiedMs: null,
          waitsFor: 'idle',
          plan: { ...PLAN_AT_FIRST, schedule: { ...PLAN_AT_FIRST.schedule, whenIdle: true } },
        }),
      ],
      jobs: [
        job(),
        job({ id: 'job-2', kind: 'verify', set: 'Documents', state: 'done', result: {} }),
        job({ id: 'job-3', kind: 'restore', set: 'Photos' }),
      ],
      restores: [
        restore(),
        restore({
          id: 'restore-2',
          source: 'Documents',
          to: '',
          state: 'paused',
          job: null,
          startedMs: NOW_MS - 2 * DAY_MS,
        }),
        restore({
          id: 'restore-3',
          source: 'Letters',
          state: 'waiting',
          waits: { key: 'restore-waits', params: { friend: 'Dev' } },
          job: null,
        }),
      ],
    }),
  });
}

function behind(of: CopyView, over: Partial<CopyView> = {}): CopyView {
  return { ...of, state: 'behind', completeMs: NOW_MS - 3.5 * DAY_MS, ...over };
}

const FOUND = [
  {
    name: 'Photos',
    folders: ['/home/kim/Photos'],
    host: 'Kim’s old laptop',
    friends: ['Ana', 'Ben'],
  },
  {
    name: 'Documents',
    folders: ['/home/kim/Documents'],
    host: 'Kim’s old laptop',
    friends: ['Ana'],
  },
];

/** The words are in; friends are looked for. */
export function searching(): World {
  return recovering({
    state: 'searching',
    possible: false,
    friends: [{ owner: ownerId('Ana'), name: 'Ana', online: false }],
    sets: [],
    doubtful: [],
    fault: null,
  });
}

export function recovered(): World {
  return recovering({
    state: 'found',
    possible: false,
    friends: [
      { owner: ownerId('Ana'), name: 'Ana', online: true },
      { owner: ownerId('Ben'), name: 'Ben', online: false },
    ],
    sets: FOUND,
    doubtful: [
      { owner: ownerId('Mallory'), name: 'Mallory', sinceMs: NOW_MS - 2 * DAY_MS, host: 'Laptop' },
      {
        owner: ownerId('Long'),
        name: 'Somebody with a name as long as a row',
        sinceMs: NOW_MS - HOUR_MS,
        host: 'A computer with a name as long as a row',
      },
    ],
    fault: null,
  });
}

function recovering(recovery: World['snapshot']['recovery']): World {
  const { settings } = snapshot();
  return world({
    snapshot: snapshot({
      settings: { ...settings, welcomed: false },
      status: status({ port: null }),
      recovery,
    }),
  });
}

/** For a test that needs a single one. */
export function setWith(over: Partial<BackupSetView>): World {
  const ana = friend('Ana');
  return world({
    snapshot: snapshot({
      friends: [ana, friend('Ben')],
      mine: [mine(ana)],
      sets: [set('Photos', { copies: [copy(ana)], to: ['Ana'], ...over })],
    }),
  });
}
