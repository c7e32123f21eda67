import {
  decision,
  DAY_MS,
  DAY_S,
  friend,
  gb,
  hosted,
  HOUR_MS,
  mine,
  NOW_MS,
  offer,
  ownerId,
  request,
  set,
  snapshot,
  wish,
  world,
  type World,
} from './world-parts.ts';

/** A world in which everybody's space is used up: loans in both directions, requests that wait, wishes of mine. */
export function lending(): World {
  const ana = friend(
    'Ana',
    {
      shareBytes: gb(100),
      promisedBytes: gb(112),
      writtenBytes: gb(84),
      mayAskBytes: '0',
      lentBytes: gb(12),
    },
    {
      there: {
        shareBytes: gb(50),
        useBytes: gb(62),
        mayAskBytes: '0',
        lentBytes: gb(12),
        mayBorrowBytes: gb(30),
        asOfMs: NOW_MS - HOUR_MS,
      },
    },
  );
  const ben = friend('Ben', {
    promisedBytes: gb(116),
    writtenBytes: gb(101),
    mayAskBytes: '0',
    lentBytes: gb(18),
  });
  const cleo = friend('Cleo', { promisedBytes: gb(40), writtenBytes: gb(22), mayAskBytes: '0' });
  const dev = friend('Dev', { promisedBytes: gb(99), writtenBytes: gb(12), mayAskBytes: '0' });
  const plotOf = (what: string) => ownerId(what).slice(0, 26);
  const lent = { class: 'borrowed', purpose: 'second copy of the films' } as const;
  return world({
    snapshot: snapshot({
      offer: offer({ offerBytes: gb(400), capacityBytes: gb(400), promisedBytes: gb(367) }),
      friends: [ana, ben, cleo, dev],
      hosted: [
        hosted(ana, { promisedBytes: gb(100), sizeBytes: gb(99), writtenBytes: gb(76) }),
        hosted(ana, {
          ...lent,
          plot: plotOf('lent to Ana'),
          promisedBytes: gb(12),
          sizeBytes: gb(11.8),
          writtenBytes: gb(8),
          leftS: 6 * DAY_S,
        }),
        hosted(ben, { promisedBytes: gb(98), sizeBytes: gb(97), writtenBytes: gb(91) }),
        hosted(ben, {
          ...lent,
          plot: plotOf('lent to Ben'),
          promisedBytes: gb(10),
          writtenBytes: gb(4),
          leftS: 5 * DAY_S,
        }),
        hosted(ben, {
          ...lent,
          plot: plotOf('lent to Ben and over'),
          state: 'grace',
          promisedBytes: gb(8),
          writtenBytes: gb(6),
          leftS: -DAY_S,
        }),
        hosted(cleo),
        hosted(dev),
      ],
      mine: [
        mine(ana, { set: 'Photos' }),
        mine(ana, {
          plot: plotOf('lent to me'),
          class: 'borrowed',
          set: 'Films',
          sizeBytes: gb(11.8),
          leftS: 6 * DAY_S,
        }),
        mine(ben, {
          plot: plotOf('lent to me and over'),
          class: 'borrowed',
          state: 'grace',
          set: 'Films',
          leftS: -3600,
        }),
      ],
      sets: [
        set('Photos', { to: ['Ana'] }),
        set('Films', { to: ['Ana', 'Ben', 'Cleo'] }),
        set('Music', {
          to: ['Dev'],
          lastRunMs: null,
          lastBytes: null,
          lastFault: { key: 'fault.waits', params: { friend: 'Dev', why: 'queue' } },
        }),
      ],
      requests: [
        request(ana, { purpose: 'films' }),
        request(dev, { ticket: plotOf('Dev asks'), answered: true, sinceMs: NOW_MS - HOUR_MS }),
        request(cleo, { why: 'queue', sizeBytes: gb(30), sinceMs: NOW_MS - DAY_MS }),
        request(ana, {
          ticket: plotOf('Ana waits'),
          why: 'queue',
          sizeBytes: gb(2),
          sinceMs: NOW_MS - 20 * DAY_MS,
        }),
      ],
      wishes: [
        wish(ana),
        wish(ana, { ticket: plotOf('in line'), why: 'queue', set: 'Films', sinceMs: NOW_MS }),
        wish(cleo, { why: 'queue', sinceMs: NOW_MS - 30 * DAY_MS }),
        wish(dev, { why: 'account-server' }),
      ],
    }),
    decisions: [
      decision(3, ana, {
        outcome: 'pending',
        plot: null,
        ground: null,
        requestedBytes: gb(20),
        purpose: 'films',
        steps: [
          { by: 'known', verdict: 'pass' },
          { by: 'quiet-hours', verdict: 'pass' },
          { by: 'fair-share', verdict: 'allow' },
          { by: 'ask-me', verdict: 'pend' },
        ],
      }),
      decision(2, cleo, { outcome: 'pending', plot: null, ground: null, requestedBytes: gb(30) }),
      decision(1, ben, {
        kind: 'renew',
        outcome: 'denied',
        code: 'lent-wanted',
        requestedBytes: null,
        steps: [{ by: 'lent', verdict: 'deny', code: 'lent-wanted' }],
      }),
    ],
  });
}
