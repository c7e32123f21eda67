import { someDecisions } from './some-decisions.ts';
import {
  copy,
  DAY_MS,
  DAY_S,
  friend,
  gb,
  history,
  hosted,
  HOUR_MS,
  job,
  mine,
  nearby,
  NOW_MS,
  offer,
  ownerId,
  pairing,
  set,
  snapshot,
  world,
  type World,
} from './world-parts.ts';

/** Five friends in every state that the bed can show, and four that are too small to be named. */
export function garden(): World {
  const ana = friend(
    'Ana',
    {
      promisedBytes: gb(80),
      writtenBytes: gb(64),
      arrivingBytes: gb(0.3),
      mayAskBytes: gb(19),
    },
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
  const ben = friend('Ben', {
    promisedBytes: gb(112),
    writtenBytes: gb(104),
    mayAskBytes: '0',
    lentBytes: gb(12),
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
    {
      lastContactMs: NOW_MS - 4 * DAY_MS,
      presence: {
        state: 'away',
        sinceMs: NOW_MS - 4 * DAY_MS,
        address: null,
        trouble: 'unreachable',
      },
    },
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
        mine(ben, { plot: ownerId('films').slice(0, 26), set: 'Films' }),
        mine(ana, { plot: ownerId('notes').slice(0, 26), set: 'Notes', writtenBytes: gb(0.4) }),
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
        set('Photos', { copies: [copy(ana), copy(ben)] }),
        set('Documents', {
          to: ['Ben'],
          safety: 'stale',
          lastBytes: gb(12.4),
          lastRunMs: NOW_MS - 3.5 * DAY_MS,
          copies: [copy(ben, { completeMs: NOW_MS - 3.5 * DAY_MS, writtenBytes: gb(12.4) })],
        }),
        set('Films', {
          to: ['Ben'],
          lastRunMs: NOW_MS - 2 * DAY_MS,
          lastFault: { key: 'fault.plot-full', params: { friend: 'Ben' } },
        }),
        set('Music', { to: ['Mum'], safety: 'never', lastRunMs: null, lastBytes: null }),
        set('Notes', {
          to: ['Ana'],
          safety: 'at-risk',
          lastRunMs: NOW_MS - 6 * DAY_MS,
          lastBytes: gb(0.4),
        }),
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
      pairings: [pairing('Ida')],
      nearby: [nearby('Jon'), nearby('Kai', { kind: 'desktop', state: 'seen', tail: null })],
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
