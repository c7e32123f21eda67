import i18next from 'i18next';
import { describe, expect, test } from 'vitest';
import { FINDINGS, judgeTroubles } from '../../../electron/core/discovery/troubles.ts';
import type { TroubleFacts } from '../../../electron/core/discovery/trouble-facts.ts';
import type { NearbyView, NetworkView, TroubleView } from '../../../shared/contract/views.ts';
import { i18nOptions } from '../../../shared/i18n/catalogues.ts';
import commonDe from '../../../shared/i18n/messages/de/common.json' with { type: 'json' };
import commonEn from '../../../shared/i18n/messages/en/common.json' with { type: 'json' };
import { sayTrouble } from '../../../shared/words/say-trouble.ts';
import { fc } from '../../fakes/properties.ts';

const NOW_MS = Date.UTC(2026, 10, 25);
const HOUR_MS = 3_600_000;

function network(over: Partial<NetworkView> = {}): NetworkView {
  return {
    id: 'home',
    label: '192.168.1.0/24',
    interfaceName: 'wlan0',
    kind: 'wireless',
    addresses: ['192.168.1.20'],
    hasRouter: true,
    home: true,
    ...over,
  };
}

function seen(name: string, state: NearbyView['state']): NearbyView {
  const at = { address: '192.168.1.31:24816', network: '192.168.1.0/24' };
  return { id: name, name, kind: 'laptop', tail: null, state, ...at };
}

/** Everything as it should be: at home, visible, heard, others heard. */
function facts(
  over: Partial<Omit<TroubleFacts, 'discovery'>> = {},
  discovery: Partial<TroubleFacts['discovery']> = {},
): TroubleFacts {
  return {
    nowMs: NOW_MS,
    runsMs: HOUR_MS,
    port: 24_816,
    nearby: [],
    friends: [],
    address: undefined,
    ...over,
    discovery: {
      networks: { networks: [network()], announces: true },
      visible: true,
      heardSelfMs: NOW_MS,
      heardOthersMs: NOW_MS,
      problems: new Map(),
      ...discovery,
    },
  };
}

function on(...networks: readonly NetworkView[]): Partial<TroubleFacts['discovery']> {
  const announces = networks.some(({ home }) => home === true);
  return { networks: { networks, announces } };
}

function friend(name: string, called: number | 'never' | undefined, sinceMs = NOW_MS - HOUR_MS) {
  const presence = { state: 'online', sinceMs, address: null, trouble: null } as const;
  return { name, presence, called };
}

/** What was found of one thing, with the case it is. */
function stateOf(found: readonly TroubleView[], id: TroubleView['id']): string {
  const one = found.find((each) => each.id === id);
  if (one === undefined) return 'nothing';
  const { context } = one.params;
  return context === undefined ? one.state : `${one.state} ${context}`;
}

const lookAt = (id: TroubleView['id'], given: TroubleFacts) => stateOf(judgeTroubles(given), id);

describe('what keeps devices apart', () => {
  test('where all is well everything says so', () => {
    const found = judgeTroubles(facts({ nearby: [seen('Ana', 'answers')] }));
    expect(found.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'listening good',
      'network good',
      'home good',
      'visible good',
      'multicast good',
      'others good',
      'calls good',
    ]);
  });

  test('the worst comes first', () => {
    const states = judgeTroubles(
      facts({ port: undefined }, { visible: false, heardOthersMs: undefined }),
    ).map(({ state }) => state);
    expect(states).toEqual(['bad', 'doubtful', 'doubtful', 'good', 'good', 'good']);
  });

  test('nothing listens', () => {
    expect(lookAt('listening', facts({ port: undefined }))).toBe('bad');
  });

  test('without a network nothing is said about announcing', () => {
    expect(judgeTroubles(facts({}, on())).map(({ id }) => id)).toEqual(['network', 'listening']);
  });

  test('who was told to look for nobody says so, and still how calls go', () => {
    const off = { networks: { networks: [], announces: false, isOff: true } } as const;
    const found = judgeTroubles(facts({ friends: [friend('Ana', 'never')] }, off));
    expect(found.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'called bad',
      'network doubtful',
      'listening good',
    ]);
    expect(lookAt('network', facts({}, off))).toBe('doubtful off');
  });

  test('a network to containers of this computer is none', () => {
    expect(lookAt('network', facts({}, on(network({ kind: 'virtual' }))))).toBe('bad');
  });

  test('no network is called home, and then nobody could be heard', () => {
    const away = facts({}, { ...on(network({ home: false })), heardOthersMs: undefined });
    expect(judgeTroubles(away).map(({ id, state }) => `${id} ${state}`)).toEqual([
      'home bad',
      'listening good',
      'network good',
    ]);
  });

  test('a second network about which nobody has said anything', () => {
    const cable = network({ id: 'b', label: '10.0.0.0/24', kind: 'cable', home: null });
    const found = judgeTroubles(facts({}, on(network(), cable)));
    expect(found[0]).toEqual({ id: 'home', state: 'doubtful', params: { network: '10.0.0.0/24' } });
  });

  test.each([
    ['EACCES', 'bad forbidden'],
    ['EPERM', 'bad forbidden'],
    ['EADDRINUSE', 'bad taken'],
    ['EHOSTUNREACH', 'bad unreachable'],
    ['ENOBUFS', 'bad failed'],
    ['constructor', 'bad failed'],
  ])('the system says %s when something is announced: %s', (error, state) => {
    const problems = new Map([['wlan0', error]]);
    expect(lookAt('multicast', facts({}, { problems }))).toBe(state);
  });

  test('what the system says of a network that is not home is nobody’s trouble', () => {
    const problems = new Map([['tun0', 'EPERM']]);
    expect(lookAt('multicast', facts({}, { problems }))).toBe('good');
  });

  test('announcements that never come back, or not lately', () => {
    const deaf = { heardSelfMs: undefined };
    expect(lookAt('multicast', facts({}, deaf))).toBe('bad');
    expect(lookAt('multicast', facts({}, { heardSelfMs: NOW_MS - HOUR_MS }))).toBe('bad');
    expect(lookAt('multicast', facts({}, { ...deaf, visible: false }))).toBe('nothing');
  });

  test('nobody else is heard for a minute', () => {
    const alone = { heardOthersMs: undefined };
    expect(lookAt('others', facts({}, alone))).toBe('doubtful');
    expect(lookAt('others', facts({}, { heardOthersMs: NOW_MS - HOUR_MS }))).toBe('doubtful');
    expect(lookAt('others', facts({ runsMs: 5000 }, alone))).toBe('nothing');
  });

  test('seen but silent: one, or all of them', () => {
    const ana = seen('Ana', 'silent');
    expect(lookAt('calls', facts({ nearby: [ana] }))).toBe('bad');
    expect(lookAt('calls', facts({ nearby: [seen('Ben', 'answers'), ana] }))).toBe('doubtful');
    expect(lookAt('calls', facts({ nearby: [seen('Ben', 'seen')] }))).toBe('nothing');
  });

  test('we reach them, they never reach us', () => {
    const ana = friend('Ana', 'never');
    expect(judgeTroubles(facts({ friends: [ana] }))[0]).toEqual({
      id: 'called',
      state: 'bad',
      params: { friend: 'Ana', port: '24816' },
    });
    expect(lookAt('called', facts({ friends: [friend('Ben', 30), ana] }))).toBe('doubtful');
    expect(lookAt('called', facts({ friends: [friend('Ben', 30)] }))).toBe('good');
    expect(lookAt('called', facts({ friends: [friend('Ben', 40 * 86_400)] }))).toBe('bad');
  });

  test('who has just come, or says nothing of it, is not held against this computer', () => {
    const justNow = friend('Ana', 'never', NOW_MS - 5000);
    const older = friend('Ben', undefined);
    expect(lookAt('called', facts({ friends: [justNow, older] }))).toBe('nothing');
  });

  test('a VPN is only suspected while something else is wrong', () => {
    const both = on(
      network(),
      network({ id: 'v', kind: 'vpn', label: '10.8.0.0/24', home: false }),
    );
    expect(lookAt('vpn', facts({}, both))).toBe('good');
    expect(lookAt('vpn', facts({}, { ...both, heardOthersMs: undefined }))).toBe('doubtful');
  });

  test('an address that was called says what it turned out to be', () => {
    const address = { cause: 'refused', address: 'nas.local:24816' } as const;
    const [first] = judgeTroubles(facts({ address }));
    expect(first).toEqual({
      id: 'address',
      state: 'bad',
      params: { context: 'refused', address: 'nas.local:24816' },
    });
  });
});

const text = fc.string({ maxLength: 30 });
const anyNetwork = fc.record({
  id: text,
  label: text,
  interfaceName: fc.constantFrom('a', 'b', '__proto__'),
  kind: fc.constantFrom('cable', 'wireless', 'vpn', 'virtual', 'other'),
  addresses: fc.array(text, { maxLength: 3 }),
  hasRouter: fc.boolean(),
  home: fc.constantFrom(true, false, null),
} as const);
const anyTime = fc.oneof(fc.constantFrom(0, NOW_MS, Number.MAX_SAFE_INTEGER), fc.integer());
const anyFacts: fc.Arbitrary<TroubleFacts> = fc.record({
  nowMs: anyTime,
  runsMs: anyTime,
  port: fc.option(fc.integer(), { nil: undefined }),
  discovery: fc.record({
    networks: fc.record({
      networks: fc.array(anyNetwork, { maxLength: 4 }),
      announces: fc.boolean(),
    }),
    visible: fc.boolean(),
    heardSelfMs: fc.option(anyTime, { nil: undefined }),
    heardOthersMs: fc.option(anyTime, { nil: undefined }),
    problems: fc
      .array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.oneof(text, fc.constant('EACCES'))))
      .map((entries) => new Map(entries)),
  }),
  nearby: fc.array(
    fc.record({
      id: text,
      name: text,
      kind: fc.constant('laptop'),
      tail: fc.constant(null),
      address: text,
      network: text,
      state: fc.constantFrom('seen', 'answers', 'silent'),
    } as const),
    { maxLength: 4 },
  ),
  friends: fc.array(
    fc.record({
      name: text,
      presence: fc.record({
        state: fc.constantFrom('online', 'away', 'unknown'),
        sinceMs: fc.option(anyTime),
        address: fc.constant(null),
        trouble: fc.constant(null),
      } as const),
      called: fc.oneof(fc.integer(), fc.constantFrom('never', undefined)),
    } as const),
    { maxLength: 4 },
  ),
  address: fc.option(
    fc.record({
      cause: fc.constantFrom('friend', 'near', 'other', 'new-device'),
      address: text,
    } as const),
    { nil: undefined },
  ),
});

describe('whatever the facts are', () => {
  test('each thing is said once, the worst first, and everything said is in the list that has words', () => {
    const known = new Set(FINDINGS.map(({ id, state, cause }) => `${id} ${state} ${cause ?? ''}`));
    fc.assert(
      fc.property(anyFacts, (given) => {
        const found = judgeTroubles(given);
        for (const { id, state, params } of found)
          expect(known).toContain(`${id} ${state} ${params['context'] ?? ''}`);
        expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
        const ranks = found.map(({ state }) => ['bad', 'doubtful', 'good'].indexOf(state));
        expect(ranks).toEqual(ranks.toSorted((one, other) => one - other));
      }),
    );
  });
});

const PARAMS = {
  network: '192.168.1.0/24',
  name: 'Ana’s laptop',
  friend: 'Ana',
  address: 'nas.local:24816',
  port: '24816',
  error: 'EIO',
};
const PLATFORMS = ['linux', 'macos', 'windows', 'other'] as const;
const CATALOGUES = { en: commonEn, de: commonDe };

describe.each(['en', 'de'] as const)('the words of troubles, in %s', (language) => {
  const i18n = i18next.createInstance();
  const used = new Set<string>();
  const t = (key: string, params: Readonly<Record<string, unknown>> = {}) => {
    const { context } = params;
    const own = `${key}_${String(context)}`.replace('trouble.', '');
    const isOwn = Object.hasOwn(CATALOGUES[language].trouble, own);
    used.add(isOwn ? own : key.replace('trouble.', ''));
    return i18n.t(key, params);
  };

  test('say of every finding what it is, and of what is wrong how to mend it on each system', async () => {
    await i18n.init(i18nOptions(language));
    for (const { id, state, cause } of FINDINGS)
      for (const platform of PLATFORMS) {
        const params = cause === undefined ? PARAMS : { ...PARAMS, context: cause };
        const said = sayTrouble(t, { id, state, params }, platform);
        const words = [said.title, said.means, said.mend].filter((each) => each !== undefined);
        for (const sentence of words) {
          expect(sentence, `${id} ${state} ${cause} ${platform}`).not.toMatch(
            /trouble\.|\{\{|\}\}|undefined/,
          );
          expect(sentence).toMatch(/[.:]$/);
        }
        expect(said.mend === undefined).toBe(state === 'good');
        // A mend that ends in a colon has lines to copy below it, and none else has.
        expect(said.commands.length > 0).toBe(said.mend?.endsWith(':') ?? false);
        expect(said.title.length).toBeLessThanOrEqual(120);
      }
    for (const state of ['good', 'doubtful', 'bad']) used.add(`state-${state}`);
    expect(Object.keys(CATALOGUES[language].trouble).filter((key) => !used.has(key))).toEqual([]);
  });
});

describe('what is to be typed into a terminal', () => {
  test('names the port that this device listens on', () => {
    const trouble = { id: 'called', state: 'bad', params: PARAMS } as const;
    expect(sayTrouble((key) => key, trouble, 'linux').commands).toEqual([
      { of: 'ufw', text: 'sudo ufw allow 24816/tcp' },
      {
        of: 'firewalld',
        text: 'sudo firewall-cmd --permanent --add-port=24816/tcp && sudo firewall-cmd --reload',
      },
    ]);
  });

  test('is nothing, if the port is no figure', () => {
    const params = { ...PARAMS, port: '1; rm -rf ~' };
    expect(
      sayTrouble((key) => key, { id: 'called', state: 'bad', params }, 'linux').commands,
    ).toEqual([]);
  });
});
