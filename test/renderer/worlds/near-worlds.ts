import {
  DAY_MS,
  device,
  friend,
  gb,
  HOUR_MS,
  homeNetwork,
  hosted,
  mine,
  MINUTE_MS,
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

/** Worlds of people who come and go: who is near, pairings in all their states, friendships that end. */

const silent = { promisedBytes: '0', writtenBytes: '0' } as const;

/** Everybody who can be near, and every way in which a pairing can stand. */
export function neighbours(): World {
  const ana = friend('Ana', { ...silent, mayAskBytes: gb(100) });
  const cleo = friend(
    'Cleo',
    { promisedBytes: gb(40), writtenBytes: gb(22), ownPolicy: true },
    {
      there: {
        shareBytes: gb(80),
        useBytes: '0',
        mayAskBytes: gb(80),
        lentBytes: '0',
        mayBorrowBytes: '0',
        asOfMs: NOW_MS,
      },
    },
  );
  return world({
    snapshot: snapshot({
      offer: offer(),
      friends: [ana, cleo],
      hosted: [hosted(cleo)],
      nearby: [
        nearby('Edi', { kind: 'desktop' }),
        nearby('Fay', { state: 'seen', tail: null }),
        nearby('Fay', { id: 'another Fay', kind: 'server', address: '192.168.1.52:24816' }),
        nearby('Gus', { state: 'silent', tail: null, network: '10.8.0.0/24' }),
        ...Array.from({ length: 24 }, (_, index) => nearby(`Guest ${index}`)),
      ],
      pairings: [
        pairing('Hanna', { id: 'failed', state: 'failed', digits: null, leftS: 0 }),
        pairing('Ida', {
          id: 'differ',
          state: 'rejected',
          no: { by: 'there', why: 'differ' },
          leftS: 0,
        }),
        pairing('Jon', {
          id: 'declined',
          state: 'rejected',
          no: { by: 'there', why: 'declined' },
          leftS: 0,
        }),
        pairing('Ana', { id: 'paired', state: 'paired', owner: ana.owner, began: 'here' }),
        pairing('Cleo', { id: 'paired too', state: 'paired', owner: cleo.owner, began: 'here' }),
        pairing('Kai', { id: 'waiting', state: 'confirmed-here', began: 'here' }),
        pairing('Cleo’s laptop', { id: 'device', friend: 'Cleo', digits: '081265' }),
        pairing('Lou', { id: 'coming', digits: null, kind: 'server' }),
      ],
    }),
  });
}

/** Friendships that end, from this side and from the other, and friends who can't be reached. */
export function partings(): World {
  const later = (days: number) => NOW_MS + days * DAY_MS;
  const away = { state: 'away', sinceMs: NOW_MS - 4 * HOUR_MS, address: null } as const;
  const kept = { promisedBytes: gb(40), writtenBytes: gb(38.2) } as const;
  const ana = friend('Ana', kept, {
    ownName: 'Ana Maria',
    leaving: { by: 'here', atMs: later(30) },
    givenAddress: 'ana.example.org:24816',
    there: {
      shareBytes: gb(50),
      useBytes: gb(12),
      mayAskBytes: gb(38),
      lentBytes: '0',
      mayBorrowBytes: '0',
      asOfMs: NOW_MS - HOUR_MS,
    },
    devices: [
      device('Ana'),
      device('Ana old', { revoked: true, kind: 'laptop', addedMs: NOW_MS - 400 * DAY_MS }),
      device('Ana nas', {
        name: null,
        kind: 'server',
        clashMs: NOW_MS - 2 * DAY_MS,
      }),
    ],
  });
  const ben = friend('Ben', kept, {
    leaving: { by: 'there', atMs: later(12) },
    presence: { ...away, trouble: 'unreachable' },
  });
  const cleo = friend('Cleo', kept, { presence: { ...away, trouble: 'not-friends' } });
  const dev = friend('Dev', silent, { leaving: { by: 'there', atMs: later(-1) } });
  const edi = friend('Edi', kept, { presence: { ...away, trouble: 'wrong-key' } });
  const fay = friend('Fay', silent, {
    presence: { state: 'unknown', sinceMs: null, address: null, trouble: 'no-address' },
    lastContactMs: null,
  });
  const gus = friend('Gus', silent, {
    presence: { ...away, sinceMs: NOW_MS - MINUTE_MS / 2, trouble: 'revoked' },
    blocked: true,
  });
  const gone = friend('Hanna', silent, { departed: true });
  const friends = [ana, ben, cleo, dev, edi, fay, gus, gone];
  return world({
    snapshot: snapshot({
      offer: offer(),
      friends,
      hosted: [ana, ben, cleo, edi].map((each) => hosted(each)),
      mine: [
        mine(ana, { set: 'Photos', writtenBytes: gb(12) }),
        mine(ana, { plot: ownerId('notes').slice(0, 26), set: 'Notes', writtenBytes: gb(0.4) }),
        mine(ben, { set: 'Photos', writtenBytes: gb(12) }),
      ],
      sets: [set('Photos', { to: ['Ana', 'Ben'] }), set('Notes')],
      networks: {
        networks: [homeNetwork({ home: false }), homeNetwork({ id: 'café', home: false })],
        announces: false,
      },
    }),
  });
}
