import type {
  FriendView,
  NearbyView,
  NetworksView,
  NetworkView,
  PresenceView,
  TroubleView,
} from '../../shared/contract/views.ts';
import { type Fault, fault } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { sayTrouble } from '../../shared/words/say-trouble.ts';
import type { Translate } from '../../shared/words/say.ts';
import { badArguments, type Command, type CommandContext, type Outcome } from './command.ts';
import { dateTime, plainText, table } from './output.ts';

/** Commands about who is near, on which networks, and what keeps devices apart. */
export const nearCommands: Readonly<Record<string, Command>> = {
  nearby: {
    usage: 'nearby',
    help: 'devices on your home networks that are nobody’s you know; pair NAME calls one',
    words: [0, 0],
    run: async ({ call }) => {
      const found = await call('nearby.list', {});
      if (!found.ok) return found;
      const head = ['name', 'kind', 'key ends in', 'address', 'network', 'state'];
      const text =
        found.value.length === 0
          ? 'Nobody new is near. If somebody should be: allotment troubles'
          : table(head, found.value.map(nearbyRow));
      return ok({ value: found.value, text });
    },
  },
  networks: {
    usage: 'networks',
    help: 'the networks this computer is on, and which of them you called home',
    words: [0, 0],
    run: async ({ call, t }) => {
      const found = await call('networks.get', {});
      return found.ok ? ok({ value: found.value, text: networksText(found.value, t) }) : found;
    },
  },
  'networks home': {
    usage: 'networks home NETWORK|INTERFACE',
    help: 'devices there see this one and can ask to be your friends',
    words: [1, 1],
    run: (context) => callIt(context, true),
  },
  'networks away': {
    usage: 'networks away NETWORK|INTERFACE',
    help: 'nothing is announced there',
    words: [1, 1],
    run: (context) => callIt(context, false),
  },
  invisible: {
    usage: 'invisible on|off',
    help: 'on: nothing is announced anywhere, you still see others',
    words: [1, 1],
    run: async ({ call, words: [wish] }) => {
      if (wish !== 'on' && wish !== 'off') return badArguments('invisible on or invisible off');
      const set = await call('settings.set', { visible: wish === 'off' });
      if (!set.ok) return set;
      const text = set.value.visible
        ? 'Devices on your home networks see this one.'
        : 'This device is announced nowhere. Friends who know its address still get through.';
      return ok({ value: set.value, text });
    },
  },
  'friends try': {
    usage: 'friends try FRIEND',
    help: 'call a friend now, at every address known',
    words: [1, 1],
    run: async ({ call, words: [friend = ''] }) => {
      const tried = await call('friends.try', { friend });
      if (!tried.ok) return tried;
      const { name, presence } = tried.value;
      const at = presence.address === null ? '' : ` at ${plainText(presence.address)}`;
      return ok({ value: tried.value, text: `${plainText(name)} answers${at}.` });
    },
  },
  'friends address': {
    usage: 'friends address FRIEND HOST:PORT|none',
    help: 'an address your friend gave you for reaching them from anywhere',
    words: [2, 2],
    run: async ({ call, words: [friend = '', given = ''] }) => {
      const address = given === 'none' ? null : given;
      const set = await call('friends.set-address', { friend, address });
      return set.ok ? ok({ value: set.value, text: addressText(set.value) }) : set;
    },
  },
  troubles: {
    usage: 'troubles [ADDRESS]',
    help: 'what keeps this device and others apart, and how to mend it; with an address, what is there',
    words: [0, 1],
    run: async ({ call, words: [address], t }) => {
      const found = await call('troubles.look', address === undefined ? {} : { address });
      if (!found.ok) return found;
      const status = await call('status.get', {});
      if (!status.ok) return status;
      const { platform } = status.value.shell;
      // What was asked about comes first, the rest as it is: the worst first.
      const lines = [
        ...found.value.troubles.filter(({ id }) => id === 'address'),
        ...found.value.troubles.filter(({ id }) => id !== 'address'),
      ].map((each) => troubleText(t, each, platform));
      const text = lines.join('\n');
      return ok({ value: found.value, text });
    },
  },
};

/**
 * What `pairings.start` is to call: an address where one was written, or whoever near has that name.
 * A name that looks like an address is none, or somebody could call himself like another's.
 */
export async function whomToCall(
  { call }: Pick<CommandContext, 'call'>,
  text: string,
): Promise<Result<{ readonly address: string } | { readonly nearby: string }, Fault>> {
  if (/:[0-9]+$/.test(text)) return ok({ address: text });
  const found = await call('nearby.list', {});
  if (!found.ok) return found;
  const wanted = text.trim().toLowerCase();
  const named = found.value.filter(({ name }) => name.toLowerCase() === wanted);
  const [first, second] = named;
  if (first === undefined)
    return badArguments(
      `nobody near is called “${plainText(text)}”; “allotment nearby” lists who is there, and an address is written like 192.168.1.20:24816`,
    );
  if (second === undefined) return ok({ nearby: first.id });
  const addresses = named.map(({ address }) => plainText(address)).join(', ');
  return badArguments(
    `more than one device near is called “${plainText(text)}”; write its address: ${addresses}`,
  );
}

/** Whether a friend can be reached, for the list of friends. */
export function presenceText({ state, sinceMs }: PresenceView): string {
  switch (state) {
    case 'online':
      return 'online';
    case 'away':
      return sinceMs === null ? 'away' : `away since ${dateTime(sinceMs)}`;
    case 'unknown':
      return 'not known yet';
  }
}

function nearbyRow(device: NearbyView): readonly string[] {
  const { name, kind, tail, address, network, state } = device;
  return [name, kind, tail ?? '–', address, network, state];
}

function networksText({ networks, announces, isOff }: NetworksView, t: Translate): string {
  if (isOff === true) return t('trouble.network-doubtful_off');
  if (networks.length === 0) return 'This computer is on no network.';
  const rows = networks.map((network) => [
    network.label,
    t(`network-kind.${network.kind}`),
    network.interfaceName,
    network.addresses.join(', '),
    homeText(network),
  ]);
  const head = ['network', 'kind', 'interface', 'addresses', 'home'];
  const said = announces
    ? 'This device is announced on those that are home.'
    : 'This device is announced nowhere now.';
  return `${table(head, rows)}\n${said}`;
}

function homeText({ home }: NetworkView): string {
  if (home === null) return 'not said yet';
  return home ? 'home' : 'away';
}

async function callIt(
  { call, words: [which = ''], t }: CommandContext,
  home: boolean,
): Promise<Result<Outcome, Fault>> {
  const present = await call('networks.get', {});
  if (!present.ok) return present;
  const wanted = which.toLowerCase();
  const matches = present.value.networks.filter(({ label, interfaceName }) =>
    // Where no router tells a network apart, its label names the interface behind the addresses.
    [label, label.split(' ')[0] ?? '', interfaceName].some((name) => name.toLowerCase() === wanted),
  );
  const [first, second] = matches;
  if (first === undefined) return failed(fault('network-unknown'));
  if (second !== undefined)
    return badArguments(
      `more than one network is called “${plainText(which)}”; write its interface: ${matches.map(({ interfaceName }) => interfaceName).join(', ')}`,
    );
  const set = await call('networks.set', { network: first.id, home });
  return set.ok ? ok({ value: set.value, text: networksText(set.value, t) }) : set;
}

function addressText({ name, givenAddress }: FriendView): string {
  return givenAddress === null
    ? `No address is kept for ${plainText(name)} but those that were learnt.`
    : `${plainText(name)} is called at ${plainText(givenAddress)} too.`;
}

/** What is a switch in the window is a command here. */
function hereOf({ id, state }: TroubleView): readonly string[] {
  if (state === 'good') return [];
  if (id === 'home') return ['allotment networks, then allotment networks home NETWORK'];
  return id === 'visible' ? ['allotment invisible off'] : [];
}

function troubleText(
  t: Translate,
  trouble: TroubleView,
  platform: Parameters<typeof sayTrouble>[2],
): string {
  const { title, means, mend, commands } = sayTrouble(t, trouble, platform);
  return [
    `${t(`trouble.state-${trouble.state}`)}: ${title}`,
    ...[means, mend].filter((each) => each !== undefined).map((line) => `    ${line}`),
    ...commands.map(({ of, text }) => `        ${of}: ${text}`),
    ...hereOf(trouble).map((line) => `        ${line}`),
  ]
    .map(plainText)
    .join('\n');
}
