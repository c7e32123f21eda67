import type { NetworkView, NearbyView, TroubleView } from '../../../shared/contract/views.ts';
import { TROUBLE_IDS } from '../../../shared/contract/views.ts';
import { DAY_S } from '../../../shared/units.ts';
import type { FriendFacts, TroubleFacts } from './trouble-facts.ts';

/**
 * What keeps this device and others apart, judged from what could be found out. Nothing is said of what
 * can't be known: without a network there is nothing to say about announcing.
 */
export function judgeTroubles(facts: TroubleFacts): readonly TroubleView[] {
  const found = [address(facts), listening(facts), network(facts), ...more(facts)].filter(
    (each) => each !== undefined,
  );
  return found.toSorted((one, other) => rankOf(one) - rankOf(other));
}

type Judged = TroubleView | undefined;

/** A wire and a quiet house: who starts together hears each other within seconds. */
const SETTLED_MS = 60_000;
/** Announced anew whenever somebody looks. */
const SELF_MS = 60_000;
/** Others are asked once a minute; an answer or two may get lost. */
const OTHERS_MS = 300_000;
/** A friend who is there calls at least this often. */
const CALLED_WITHIN_S = DAY_S;
const STATES = ['bad', 'doubtful', 'good'] as const satisfies readonly TroubleView['state'][];

/** The worst first; of two alike, in the order in which one depends on the other. */
function rankOf({ id, state }: TroubleView): number {
  return STATES.indexOf(state) * TROUBLE_IDS.length + TROUBLE_IDS.indexOf(id);
}

function finding(
  id: TroubleView['id'],
  state: TroubleView['state'],
  params: Readonly<Record<string, string | undefined>> = {},
): TroubleView {
  const known = Object.entries(params).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { id, state, params: Object.fromEntries(known) };
}

/** Of networks that nobody looks at nothing can be said; how calls go is known all the same. */
function more(facts: TroubleFacts): readonly Judged[] {
  const { networks, isOff } = facts.discovery.networks;
  if (isOff === true) return [throughTo(facts)];
  return networks.some(isOutside) ? onNetworks(facts) : [];
}

function onNetworks(facts: TroubleFacts): readonly Judged[] {
  const heard = others(facts);
  const called = calls(facts);
  return [
    home(facts),
    // What is announced nowhere can't be heard anywhere.
    ...(homes(facts).length === 0 ? [] : [visible(facts), multicast(facts), heard]),
    called,
    throughTo(facts),
    vpn(facts, [heard, called]),
  ];
}

/** Networks between this computer and what runs inside it lead to nobody. */
function isOutside({ kind }: NetworkView): boolean {
  return kind !== 'virtual';
}

function homes({ discovery }: TroubleFacts): readonly NetworkView[] {
  return discovery.networks.networks.filter(({ home: isHome }) => isHome === true);
}

function labelsOf(networks: readonly NetworkView[]): string {
  return [...new Set(networks.map(({ label }) => label))].join(', ');
}

function listening({ port }: TroubleFacts): Judged {
  return port === undefined
    ? finding('listening', 'bad')
    : finding('listening', 'good', { port: `${port}` });
}

function network({ discovery }: TroubleFacts): Judged {
  if (discovery.networks.isOff === true) return finding('network', 'doubtful', { context: 'off' });
  const outside = discovery.networks.networks.filter(isOutside);
  return outside.length === 0
    ? finding('network', 'bad')
    : finding('network', 'good', { network: labelsOf(outside) });
}

function home(facts: TroubleFacts): Judged {
  const outside = facts.discovery.networks.networks.filter(isOutside);
  const unsaid = outside.filter(({ home: isHome }) => isHome === null);
  const present = homes(facts);
  if (present.length === 0)
    return unsaid.length === 0
      ? finding('home', 'bad', { network: labelsOf(outside) })
      : finding('home', 'bad', { context: 'unsaid', network: labelsOf(unsaid) });
  return unsaid.length === 0
    ? finding('home', 'good', { network: labelsOf(present) })
    : finding('home', 'doubtful', { network: labelsOf(unsaid) });
}

function visible({ discovery }: TroubleFacts): Judged {
  return finding('visible', discovery.visible ? 'good' : 'doubtful');
}

/** What the system says when it will not send, put into the few cases that are mended in different ways. */
const CAUSES: Readonly<Record<string, string>> = {
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  EADDRINUSE: 'taken',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
};

function multicast(facts: TroubleFacts): Judged {
  const { discovery, nowMs, port } = facts;
  const given = port === undefined ? undefined : `${port}`;
  for (const { interfaceName, label } of homes(facts)) {
    const error = discovery.problems.get(interfaceName);
    if (error !== undefined)
      return finding('multicast', 'bad', {
        context: causeOf(error),
        network: label,
        error,
        port: given,
      });
  }
  if (isLately(discovery.heardSelfMs, nowMs, SELF_MS)) return finding('multicast', 'good');
  // Who is invisible may have sent nothing that could come back.
  if (!discovery.visible || !discovery.networks.announces) return undefined;
  return finding('multicast', 'bad', { port: given });
}

/** By a clock that may have been put back in between. */
function isLately(atMs: number | undefined, nowMs: number, withinMs: number): boolean {
  return atMs !== undefined && Math.abs(nowMs - atMs) <= withinMs;
}

function causeOf(error: string): string {
  return Object.hasOwn(CAUSES, error) ? (CAUSES[error] ?? 'failed') : 'failed';
}

function others({ discovery, nearby, runsMs, nowMs }: TroubleFacts): Judged {
  if (nearby.length > 0 || isLately(discovery.heardOthersMs, nowMs, OTHERS_MS))
    return finding('others', 'good');
  return runsMs < SETTLED_MS ? undefined : finding('others', 'doubtful');
}

/** Announces itself and does not answer: the firewall over there. */
function calls({ nearby }: TroubleFacts): Judged {
  const silent = nearby.find(({ state }) => state === 'silent');
  const answers = nearby.find(({ state }) => state === 'answers');
  if (silent !== undefined)
    return finding('calls', answers === undefined ? 'bad' : 'doubtful', saidOf(silent));
  return answers === undefined ? undefined : finding('calls', 'good', saidOf(answers));
}

function saidOf({ name, address: at }: NearbyView): Readonly<Record<string, string>> {
  return { name, address: at };
}

/** A friend is reached from here and has never got through to here: the firewall of this computer. */
function throughTo({ friends, port, nowMs }: TroubleFacts): Judged {
  const asked = friends.filter((friend) => hasHadTime(friend, nowMs));
  const [first] = asked.filter((friend) => !getsThrough(friend));
  if (first === undefined) return asked.length === 0 ? undefined : finding('called', 'good');
  return finding('called', asked.some(getsThrough) ? 'doubtful' : 'bad', {
    friend: first.name,
    port: port === undefined ? undefined : `${port}`,
  });
}

function hasHadTime({ presence: { state, sinceMs }, called }: FriendFacts, nowMs: number): boolean {
  return (
    called !== undefined &&
    state === 'online' &&
    sinceMs !== null &&
    Math.abs(nowMs - sinceMs) >= SETTLED_MS
  );
}

function getsThrough({ called }: FriendFacts): boolean {
  return typeof called === 'number' && called <= CALLED_WITHIN_S;
}

function vpn({ discovery }: TroubleFacts, ways: readonly Judged[]): Judged {
  const vpns = discovery.networks.networks.filter(({ kind }) => kind === 'vpn');
  if (vpns.length === 0) return undefined;
  const isDoubtful = ways.some((way) => way !== undefined && way.state !== 'good');
  return finding('vpn', isDoubtful ? 'doubtful' : 'good', { network: labelsOf(vpns) });
}

function address({ address: probed }: TroubleFacts): Judged {
  if (probed === undefined) return undefined;
  const { cause, ...params } = probed;
  return finding('address', ADDRESS_STATES[cause], { context: cause, ...params });
}

/** How bad each thing is that an address can turn out to be. */
const ADDRESS_STATES = {
  friend: 'good',
  own: 'good',
  stranger: 'good',
  self: 'doubtful',
  'new-device': 'doubtful',
  former: 'doubtful',
  name: 'bad',
  refused: 'bad',
  near: 'bad',
  far: 'bad',
  absent: 'bad',
  route: 'bad',
  forbidden: 'bad',
  other: 'bad',
  silent: 'bad',
} as const satisfies Readonly<Record<string, TroubleView['state']>>;

export type AddressCause = keyof typeof ADDRESS_STATES;

/** Every finding there can be, with the causes that have words of their own. */
export const FINDINGS: readonly {
  readonly id: TroubleView['id'];
  readonly state: TroubleView['state'];
  readonly cause?: string;
}[] = [
  { id: 'listening', state: 'good' },
  { id: 'listening', state: 'bad' },
  { id: 'network', state: 'good' },
  { id: 'network', state: 'bad' },
  { id: 'network', state: 'doubtful', cause: 'off' },
  ...STATES.map((state) => ({ id: 'home', state }) as const),
  { id: 'home', state: 'bad', cause: 'unsaid' },
  { id: 'visible', state: 'good' },
  { id: 'visible', state: 'doubtful' },
  { id: 'multicast', state: 'good' },
  { id: 'multicast', state: 'bad' },
  ...[...new Set([...Object.values(CAUSES), 'failed'])].map(
    (cause) => ({ id: 'multicast', state: 'bad', cause }) as const,
  ),
  { id: 'others', state: 'good' },
  { id: 'others', state: 'doubtful' },
  ...STATES.map((state) => ({ id: 'calls', state }) as const),
  ...STATES.map((state) => ({ id: 'called', state }) as const),
  { id: 'vpn', state: 'good' },
  { id: 'vpn', state: 'doubtful' },
  ...Object.entries(ADDRESS_STATES).map(
    ([cause, state]) => ({ id: 'address', state, cause }) as const,
  ),
];
