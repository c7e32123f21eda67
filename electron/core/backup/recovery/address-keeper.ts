import { createHash } from 'node:crypto';
import type { Async } from '../../../../shared/async.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import { encodeJson } from '../../../../shared/wire/json.ts';
import type { Holding, HoldingsBook } from '../../client/holdings/holdings-book.ts';
import type { Friend } from '../../friends/friend-book.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';
import type { Identity } from '../../identity/identity.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { Opening } from '../copies/openings.ts';
import { type AddressBook, type BookSet, bounded, sealBook, sealedBytes } from './address-book.ts';
import { planText } from '../plan-text.ts';
import type { RecoveryBook } from './recovery-book.ts';
import type { Papers } from '../repository/repository-store.ts';
import type { SetBook } from '../set-book.ts';

/** Keeps this installation's address book in each of my plots up to date. */
export type AddressKeeper = {
  /** Once a minute: what changed since the last time comes together in one. */
  readonly tick: () => Promise<void>;
  /** A friend is there again: what could not be written there is written with the next tick. */
  readonly back: (owner: OwnerId) => void;
  /** As it is now, sealed: it also lies beside a repository on a disk. */
  readonly sealed: () => Promise<Uint8Array>;
  /** How long it was when it was last looked at, once a minute. */
  readonly bytes: () => Promise<number>;
};

export type AddressKeeperOptions = {
  readonly identity: Pick<
    Identity,
    'owner' | 'instance' | 'statement' | 'replaces' | 'addressBookKey'
  >;
  /** What this computer calls itself. */
  readonly name: () => string;
  readonly friends: Pick<FriendRegistry, 'friends' | 'others' | 'person' | 'statements'>;
  readonly holdings: Async<Pick<HoldingsBook, 'holdings'>>;
  readonly sets: Async<Pick<SetBook, 'sets'>>;
  readonly book: Async<RecoveryBook>;
  /** Undefined: the friend can't be reached now. */
  readonly papersAt: (host: Friend, plot: PlotId) => Papers | undefined;
  /** What lies there before it is written over: another installation's, or a newer one of my own. */
  readonly take: (content: Uint8Array, plot: PlotId, host: OwnerId) => Promise<unknown>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'debug'>;
};

/** A friend who doesn't answer, or says no, is not asked every minute. */
const RETRY_MS = 600_000;
const ADDRESSES_MAX = 8;

export function createAddressKeeper(options: AddressKeeperOptions): AddressKeeper {
  const { identity, name, friends, holdings, sets, book, papersAt, take, clock, logger } = options;
  const nextMs = new Map<OwnerId, number>();
  const stuckAt = new Map<OwnerId, PlotId>();
  let underWay: Promise<void> | undefined;
  let long: { readonly digest: string; readonly bytes: number } | undefined;
  let making: Promise<unknown> = Promise.resolve();

  async function contents(): Promise<Omit<AddressBook, 'sequence' | 'atMs'>> {
    const [statements, held, own, known, openings] = await Promise.all([
      friends.statements(),
      holdings.holdings(),
      sets.sets(),
      book.books(),
      book.openings(),
    ]);
    const { replaces } = identity;
    const older = known.find((each) => each.instance === replaces)?.before ?? [];
    const people = [...friends.friends(), ...friends.others()].filter(
      ({ departed, relation }) => !departed && relation !== 'guest',
    );
    return {
      v: 1,
      owner: identity.owner,
      instance: identity.instance,
      statement: identity.statement,
      before: replaces === undefined ? [] : [replaces, ...older],
      host: name(),
      friends: people.map((person) => ({
        owner: person.owner,
        relation: person.relation === undefined ? 'friend' : 'host',
        name: person.name,
        petName: person.petName ?? null,
        givenAddress: person.givenAddress ?? null,
        blocked: person.blocked,
        devices: person.devices.flatMap(({ device, kind, addresses, ...rest }) => {
          const signed = statements.get(device);
          if (rest.revoked || signed === undefined) return [];
          const reach = addresses.slice(0, ADDRESSES_MAX);
          return [{ device, kind, signed, name: rest.name ?? null, addresses: reach }];
        }),
      })),
      plots: held.map((each) => ({
        plot: each.plot,
        host: each.host,
        class: each.class,
        size: each.sizeBytes,
        untilMs: each.untilMs,
        graceS: each.graceS,
        set: each.set ?? null,
      })),
      sets: own.map((each) => ({
        name: each.name,
        folders: [...each.folders],
        hosts: [...each.hosts],
        plan: planText(each.plan),
        repository: each.repository ?? null,
        opening: textOf(openings.find(({ set }) => set === each.name)),
        sequence: each.sequence,
      })),
    };
  }

  /** The last one that was made, or the next if it isn't true any more. */
  async function present(): Promise<{ readonly book: AddressBook; readonly digest: string }> {
    // One after the other: of two at once both would bear the next number, and whoever reads them takes one for forged.
    const made = await (making = making.then(lastOrNext, lastOrNext));
    if (long?.digest !== made.digest) long = { digest: made.digest, bytes: sealedBytes(made.book) };
    return made;
  }

  async function lastOrNext(): ReturnType<typeof present> {
    const nowMs = clock.nowMs();
    const fresh = bounded({ ...(await contents()), sequence: 1, atMs: nowMs });
    const digest = digestOf(fresh);
    const last = (await book.books()).find(({ instance }) => instance === identity.instance);
    if (last !== undefined && digestOf(last) === digest) return { book: last, digest };
    // By the clock, so that it also rises where the books were lost; and above the last, if the clock was put back.
    const sequence = Math.max(nowMs, (last?.sequence ?? 0) + 1);
    const next = { ...fresh, sequence };
    await book.note({ book: next, atMs: nowMs });
    return { book: next, digest };
  }

  async function writeInto(
    host: Friend,
    { plot }: Holding,
    isFirst: boolean,
  ): Promise<'written' | 'not-written' | 'away'> {
    const papers = papersAt(host, plot);
    if (papers === undefined) return 'away';
    if (isFirst) {
      const there = await papers.read('address-book');
      if (there.ok) await take(there.value, plot, host.owner);
      else if (there.fault.code !== 'not-found' && there.fault.code !== 'damaged')
        return there.fault.code === 'unreachable' ? 'away' : 'not-written';
    }
    const { book: made, digest } = await present();
    const written = await papers.write('address-book', sealBook(identity.addressBookKey, made));
    if (written.ok) {
      await book.wrote({ plot, digest });
      return 'written';
    }
    logger.debug('no address book was left', { code: written.fault.code });
    return written.fault.code === 'unreachable' ? 'away' : 'not-written';
  }

  async function writeAt(
    host: Friend,
    due: readonly Holding[],
    places: ReadonlyMap<PlotId, string>,
  ): Promise<void> {
    let isWell = true;
    const after = due.findIndex(({ plot }) => plot === stuckAt.get(host.owner)) + 1;
    for (const holding of [...due.slice(after), ...due.slice(0, after)]) {
      const said = await writeInto(host, holding, !places.has(holding.plot));
      if (said !== 'written') isWell = false;
      if (said !== 'away') continue;
      // Each of his plots might take as long, while no other friend gets a book; the next time begins behind this one.
      stuckAt.set(host.owner, holding.plot);
      break;
    }
    if (!isWell) nextMs.set(host.owner, clock.monotonicMs() + RETRY_MS);
  }

  async function write(): Promise<void> {
    const held = await holdings.holdings();
    const places = await book.places();
    const plots = new Set(held.map(({ plot }) => plot));
    for (const plot of places.keys()) if (!plots.has(plot)) await book.forgetPlace(plot);
    if (held.length === 0) return;
    const { digest } = await present();
    const nowMs = clock.monotonicMs();
    const due = held.filter(
      ({ plot, host }) => places.get(plot) !== digest && nowMs >= (nextMs.get(host) ?? nowMs),
    );
    await Promise.all(
      [...Map.groupBy(due, ({ host }) => host)].map(async ([owner, at]) => {
        const host = friends.person(owner);
        if (host !== undefined && !host.departed) await writeAt(host, at, places);
      }),
    );
  }

  return {
    tick: () => {
      // A friend who takes longer than a minute is waited for once.
      underWay ??= write().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
    back: (owner) => void nextMs.delete(owner),
    sealed: async () => sealBook(identity.addressBookKey, (await present()).book),
    bytes: async () => {
      if (long === undefined) await present();
      return long?.bytes ?? 0;
    },
  };
}

function textOf(opening: Opening | undefined): BookSet['opening'] {
  if (opening === undefined) return undefined;
  const { config, keyName, keyFile } = opening;
  const text64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return { config: text64(config), keyName, keyFile: text64(keyFile) };
}

/**
 * The same for books that say the same: neither when it was made counts, nor leases, which only run on, nor which of a
 * friend's addresses answered last.
 */
function digestOf({
  sequence: _sequence,
  atMs: _atMs,
  plots,
  friends,
  ...rest
}: AddressBook): string {
  const steady = friends.map((friend) => ({
    ...friend,
    devices: friend.devices
      .map((each) => ({ ...each, addresses: each.addresses.toSorted() }))
      .toSorted((one, other) => (one.device < other.device ? -1 : 1)),
  }));
  const lasting = plots.map(({ untilMs: _untilMs, ...plot }) => plot);
  return createHash('sha256')
    .update(encodeJson({ ...rest, friends: steady, plots: lasting }))
    .digest('base64url');
}
