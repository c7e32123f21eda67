import { describe, expect, it } from 'vitest';
import {
  candidateOf,
  isNewToFriend,
  learnAddresses,
} from '../../../electron/core/discovery/learn.ts';
import type { News } from '../../../shared/wire/messages.ts';
import { fc } from '../../fakes/properties.ts';

const WORKED = '192.168.1.20:24816';

describe('where a friend is looked for', () => {
  it('is what worked first, then where a call came from, then what is said, then what was known', () => {
    expect(
      learnAddresses([WORKED, '10.0.0.9:24816'], ['[2001:db8::7]:24816'], { from: '10.8.0.3' }),
    ).toEqual([WORKED, '10.8.0.3:24816', '[2001:db8::7]:24816', '10.0.0.9:24816']);
    expect(learnAddresses(['10.0.0.9:1'], [], { proved: WORKED })[0]).toBe(WORKED);
  });

  it.each([
    '127.0.0.1:24816',
    'localhost:24816',
    'home.localhost:24816',
    '[::1]:24816',
    '[::ffff:127.0.0.1]:24816',
    '[::ffff:7f00:1]:24816',
    '[0:0:0:0:0:ffff:7f00:1]:24816',
    '[0::1]:24816',
    '[::0001]:24816',
    '2130706433:24816',
    '0x7f000001:24816',
    '0x7f.1:24816',
    '017700000001:24816',
    '127.1:24816',
    '127.0.0.1.:24816',
    '0:24816',
    '[::ffff:0:0]:24816',
    '[0:0::]:24816',
    '[::ffff:224.0.0.251]:24816',
    '[::ffff:169.254.169.254]:80',
    '0.0.0.0:24816',
    '0.1.2.3:24816',
    '[::]:24816',
    '224.0.0.251:5353',
    '255.255.255.255:24816',
    '[ff02::fb]:5353',
    '169.254.169.254:80',
    '[fe80::1]:24816',
    '[fe80::1%eth0]:24816',
    'https://example.org',
    '1.2.3.4:0',
    '1.2.3.4:99999',
    '',
  ])('is not %s because a friend says so', (said) => {
    expect(learnAddresses([WORKED], [said], { proved: WORKED })).toEqual([WORKED]);
    expect(learnAddresses([WORKED], [said], { from: '192.168.1.20' })).not.toContain(said);
  });

  it.each(['home.example:24816', 'x0x1:24816', '[2001:db8::1]:24816', '[::ffff:10.0.0.9]:24816'])(
    'is %s because a friend says so',
    (said) => {
      expect(learnAddresses([WORKED], [said], { proved: WORKED })).toEqual([WORKED, said]);
    },
  );

  it('is this computer itself only for one who calls from it', () => {
    const said = ['127.0.0.1:5000'];
    expect(learnAddresses([], said, { from: '127.0.0.1' })).toEqual(said);
    expect(learnAddresses([], said, { proved: '127.0.0.1:5000' })).toEqual(said);
  });

  it('keeps an address of one wire only that our own connection has proved', () => {
    const proved = '[fe80::1%Eth0]:24816';
    expect(learnAddresses([], [], { proved })).toEqual([proved]);
    expect(candidateOf(['[2001:db8::7]:24816'], 'fe80::2%eth0')).toBeUndefined();
  });

  it('is at most six places, whatever is said', () => {
    const address = fc.oneof(
      fc.ipV4().map((host) => `${host}:24816`),
      fc.ipV6().map((host) => `[${host}]:24816`),
      fc.domain().map((host) => `${host}:443`),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.array(address, { maxLength: 12 }),
        fc.array(address, { maxLength: 8 }),
        fc.option(fc.ipV4(), { nil: undefined }),
        (known, said, from) => {
          const learnt = learnAddresses(known, said, { proved: WORKED, from });
          expect(learnt.length).toBeLessThanOrEqual(6);
          expect(new Set(learnt).size).toBe(learnt.length);
          expect(learnt[0]).toBe(WORKED);
          // Learning the same again changes nothing: nothing is written, nobody is told.
          expect(learnAddresses(learnt, said, { proved: WORKED, from })).toEqual(learnt);
        },
      ),
    );
  });
});

describe('what a friend is told again', () => {
  const news: News = {
    v: 1,
    name: 'Ben',
    kind: 'desktop',
    addresses: [WORKED],
    share: { shareBytes: 50_000_000_000n, useBytes: 0n, mayAskBytes: 40_000_000_000n },
    plots: 'a',
  };
  const share = (mayAskBytes: bigint): News => ({
    ...news,
    share: { shareBytes: 50_000_000_000n, useBytes: 0n, mayAskBytes },
  });

  it('is a name, a plot or a share that changed', () => {
    expect(isNewToFriend(news, news, 0)).toBe(false);
    expect(isNewToFriend(news, { ...news, calledS: 7 }, 0)).toBe(false);
    expect(isNewToFriend(news, { ...news, name: 'Benno' }, 0)).toBe(true);
    expect(isNewToFriend(news, { ...news, plots: 'b' }, 0)).toBe(true);
    expect(isNewToFriend(news, { ...news, addresses: [] }, 0)).toBe(true);
    const { share: _, ...none } = news;
    expect(isNewToFriend(news, none, 0)).toBe(true);
  });

  it('is not every file that somebody else writes to the disk', () => {
    expect(isNewToFriend(news, share(39_900_000_000n), 0)).toBe(false);
    expect(isNewToFriend(news, share(39_000_000_000n), 0)).toBe(true);
    expect(isNewToFriend(news, share(0n), 0)).toBe(true);
    expect(isNewToFriend(share(1n), share(0n), 0)).toBe(true);
  });

  it('is what is lent, and whether more can be', () => {
    const lent = (lentBytes?: bigint, mayBorrowBytes?: bigint): News => ({
      ...news,
      share: {
        shareBytes: 50_000_000_000n,
        useBytes: 0n,
        mayAskBytes: 40_000_000_000n,
        ...(lentBytes === undefined ? {} : { lentBytes }),
        ...(mayBorrowBytes === undefined ? {} : { mayBorrowBytes }),
      },
    });
    expect(isNewToFriend(lent(), lent(1n), 0)).toBe(true);
    expect(isNewToFriend(lent(1n), lent(1n), 0)).toBe(false);
    expect(isNewToFriend(lent(), lent(undefined, 1n), 0)).toBe(true);
    expect(isNewToFriend(lent(1n, 40_000_000_000n), lent(1n, 39_900_000_000n), 0)).toBe(false);
  });

  it('is an end that was set, moved or taken back, not one that only comes nearer', () => {
    const leaving = (leavesInS: number): News => ({ ...news, leavesInS });
    expect(isNewToFriend(news, leaving(86_400), 0)).toBe(true);
    expect(isNewToFriend(leaving(86_400), leaving(80_000), 6400)).toBe(false);
    expect(isNewToFriend(leaving(86_400), leaving(40_000), 6400)).toBe(true);
    expect(isNewToFriend(leaving(60), leaving(0), 60)).toBe(true);
    expect(isNewToFriend(leaving(86_400), news, 60)).toBe(true);
  });
});
