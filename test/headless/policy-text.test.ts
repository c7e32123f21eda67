import { expect, test } from 'vitest';
import { policyText } from '../../electron/headless/policy-text.ts';

/** What `policy show` says to people. */
const nameOf = (owner: string) => (owner === 'b' ? 'Ben' : 'somebody else');

test('grounds stand in their order, each in words, and what limits them behind', () => {
  const said = policyText(
    'Ana',
    {
      own: true,
      policy: {
        grounds: [
          { kind: 'fair-share', weight: 2 },
          { kind: 'account', keepers: ['b', 'c'] },
          { kind: 'notes' },
          { kind: 'reciprocal', ratio: 0.5 },
          { kind: 'voucher', maxBytes: '10000000000' },
        ],
        guards: {
          maxSize: '5000000000',
          maxDurationS: 60 * 86_400,
          maxPlots: 3,
          askAboveBytes: '1000000000',
          quietHours: { fromMin: 22 * 60, untilMin: 7 * 60 },
          paused: true,
          stopRenewing: true,
        },
      },
    },
    nameOf,
  );
  expect(said.split('\n')).toEqual([
    'Ana: the first of these that allows it counts',
    '  1. a fair share of weight 2; beyond it, what others leave idle is lent',
    '  2. an account kept by Ben or somebody else',
    '  3. notes of yours',
    '  4. 0.5 times as much as is kept for you in return',
    '  5. an introduction by a friend, 10 GB at most',
    'Besides: no request for more than 5 GB; no lease for longer than 60 days; no more plots than 3; you are asked above 1 GB; nothing new from 22:00 to 07:00; nothing new for now; nothing is renewed any more.',
  ]);
});

test.each([
  [
    'default',
    [{ kind: 'always' }],
    'Friends for whom nothing else is set:\n  always: as much as there is',
  ],
  [
    'Ana',
    [{ kind: 'quota', bytes: '50000000000' }],
    'Ana, like everybody else:\n  a fixed size of 50 GB',
  ],
  ['Ana', [{ kind: 'fair-share', weight: 0 }], 'Ana, like everybody else:\n  nothing for now'],
  [
    'Ana',
    [{ kind: 'fair-share', weight: 1, strict: true }],
    'Ana, like everybody else:\n  a fair share',
  ],
  ['\u001B[2J', [], '�[2J, like everybody else:\n  nothing speaks for a yes'],
] as const)('one ground needs no number, and no limits are said (%s, %j)', (who, grounds, said) => {
  const policy = { grounds: [...grounds], guards: {} };
  expect(policyText(who, { own: false, policy }, nameOf)).toBe(
    `${said}\nThere are no other limits.`,
  );
});

test('always being asked is told from being asked above a size', () => {
  const policy = { grounds: [], guards: { askAboveBytes: '0' } };
  expect(policyText('Ana', { own: true, policy }, nameOf)).toContain(
    'Besides: you are always asked.',
  );
});
