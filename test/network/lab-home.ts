import { type ChildHome, startChildHome } from '../../electron/headless/child-home.ts';
import type { FriendView, NearbyView, NetworksView } from '../../shared/contract/views.ts';
import { pause } from '../fakes/homes.ts';
import type { LabHost } from './namespaces.ts';

/** The real app, headless, on a host of a lab; told what to do over its control socket, which is a file. */
export type LabHome = ChildHome & { readonly name: string };

export async function startLabHome(
  host: LabHost,
  folder: string,
  name = host.name,
): Promise<LabHome> {
  const home = await startChildHome(`${folder}/${host.namespace}`, name, (program, args) =>
    host.spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  return { ...home, name };
}

/** Often enough for a person, seldom enough not to keep a small machine busy with asking. */
const LOOK_MS = 50;

/** Waits for something that must come; the test's own time limit ends the wait. */
export async function until<T>(
  look: () => Promise<T | undefined> | T | undefined,
  everyMs = LOOK_MS,
): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(everyMs);
  }
}

/** What a home is on, once it has seen so many networks. */
export function networksOf(home: LabHome, count = 1): Promise<NetworksView> {
  return until(async () => {
    const view = await home.call('networks.get', {});
    return view.networks.length === count ? view : undefined;
  });
}

/** The owner says "I am at home here" on every network. */
export async function callAllHome(home: LabHome, count = 1): Promise<void> {
  const { networks } = await networksOf(home, count);
  for (const { id } of networks) await home.call('networks.set', { network: id, home: true });
}

export function seesNearby(home: LabHome, name: string): Promise<NearbyView> {
  return until(async () =>
    (await home.call('nearby.list', {})).find(
      (nearby) => nearby.name === name && nearby.state === 'answers',
    ),
  );
}

export async function friendOf(home: LabHome, name: string): Promise<FriendView | undefined> {
  return (await home.call('friends.list', {})).find((friend) => friend.name === name);
}

/** Waits until the friend is `online` or `away`. */
export function sees(
  home: LabHome,
  name: string,
  state: 'online' | 'away',
  everyMs?: number,
): Promise<FriendView['presence']> {
  return until(async () => {
    const presence = (await friendOf(home, name))?.presence;
    return presence?.state === state ? presence : undefined;
  }, everyMs);
}

/** One picks the other from the list of those nearby; both people compare and confirm. */
export async function pairNearby(one: LabHome, other: LabHome): Promise<void> {
  const { id } = await seesNearby(one, other.name);
  const mine = await one.call('pairings.start', { nearby: id });
  const theirs = await until(async () =>
    (await other.call('pairings.list', {})).find((pairing) => pairing.digits === mine.digits),
  );
  await other.call('pairings.confirm', { code: mine.digits ?? '', id: theirs.id });
  await one.call('pairings.confirm', { code: theirs.digits ?? '', id: mine.id });
  await until(() => friendOf(one, other.name));
  await until(() => friendOf(other, one.name));
}
