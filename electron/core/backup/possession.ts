import { createHash, randomInt } from 'node:crypto';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { Peers } from '../client/peers.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import { createPlotRepositoryStore } from './plot-repository-store.ts';
import { loadIndex, openRepository, type RepositoryFault } from './repository/repository.ts';
import type { RepositoryStore, StoreFault } from './repository/repository-store.ts';

/**
 * Does a friend still have what he keeps for me? Names and sizes of the packs come from the index, which only my key
 * can have sealed; random ones of them are fetched whole and must be what their names say. Undefined: nobody
 * answered, or there is nothing that I know of.
 */
async function lookIntoPlot(
  store: RepositoryStore,
  password: string,
): Promise<{ readonly knownBytes: bigint; readonly passed: boolean } | undefined> {
  const opened = await openRepository(store, password);
  if (!opened.ok) return verdictOf(opened.fault);
  const index = await loadIndex(opened.value);
  if (!index.ok) return verdictOf(index.fault);
  // Each once, however many index files name it.
  const packs = [...new Map(index.value.packs.map((pack) => [pack.name, pack])).values()];
  const knownBytes = packs.reduce((sum, { sizeBytes }) => sum + BigInt(sizeBytes), 0n);
  for (const pack of someOf(packs, PACKS_FETCHED)) {
    const fault = (await fetchPack(store, pack)) && (await fetchPack(store, pack));
    if (fault?.code === 'unreachable') {
      // He answers, and just this one does not come: then it is not there.
      const isThere = (await store.stat({ type: 'config', name: '' })).ok;
      return isThere ? MISSING : undefined;
    }
    if (fault !== undefined) return verdictOf(fault);
  }
  return { knownBytes, passed: true };
}

/** Looks into a plot of mine at whoever keeps it. */
export function createLook({
  friends,
  peers,
  password,
}: {
  readonly friends: Pick<FriendRegistry, 'friend'>;
  readonly peers: Pick<Peers, 'session'>;
  readonly password: string;
}): (mine: { readonly plot: PlotId; readonly host: OwnerId }) => ReturnType<typeof lookIntoPlot> {
  return async ({ plot, host }) => {
    const friend = friends.friend(host);
    const session = friend === undefined ? undefined : peers.session(friend);
    if (session?.ok !== true) return undefined;
    const { stream } = session.value;
    const store = createPlotRepositoryStore({ plot, stream, grow: async () => false });
    return lookIntoPlot(store, password);
  };
}

/** With nine tenths of it he is found out within a week, with half of it today. */
const PACKS_FETCHED = 3;
const MISSING = { knownBytes: 0n, passed: false } as const;

/** What is not there, or is not what it was, counts against him; that nobody answers doesn't. */
function verdictOf(fault: RepositoryFault): typeof MISSING | undefined {
  switch (fault.code) {
    case 'not-found':
    case 'damaged':
    case 'no-repository':
      return MISSING;
    case 'refused':
      return SAYS_NOTHING.has(fault.reason) ? undefined : MISSING;
    default:
      return undefined;
  }
}

/** Reasons for which nothing can be looked at now, whatever is there. */
const SAYS_NOTHING: ReadonlySet<string> = new Set([
  'volume-missing',
  'shutting-down',
  'books-unwritable',
  'rate-limited',
  'wrong-key',
]);

/** What is wrong with a pack there; undefined: it is what its name says. */
async function fetchPack(
  store: RepositoryStore,
  { name, sizeBytes }: { readonly name: string; readonly sizeBytes: number },
): Promise<StoreFault | undefined> {
  // No more than it should be: whoever sends something else need not send much of it.
  const range = { offset: 0, length: sizeBytes };
  const loaded = await store.load({ type: 'data', name }, { range });
  if (!loaded.ok) return loaded.fault;
  const isWhole = createHash('sha256').update(loaded.value).digest('hex') === name;
  return isWhole ? undefined : { code: 'damaged', detail: name };
}

function someOf<T>(all: readonly T[], count: number): readonly T[] {
  const rest = [...all];
  const chosen: T[] = [];
  while (chosen.length < count && rest.length > 0)
    chosen.push(...rest.splice(randomInt(rest.length), 1));
  return chosen;
}
