import { backupPlan, PLAN_AT_FIRST } from '../../../../shared/model/backup-plan.ts';
import type { PlotStatus } from '../../../../shared/wire/messages.ts';
import type { Holding } from '../../client/holdings/holdings-book.ts';
import type { Friend } from '../../friends/friend-book.ts';
import { nameOf } from '../../friends/friend-registry.ts';
import type { AddressBook, BookSet } from './address-book.ts';
import type { BackupSet } from '../set-book.ts';

/**
 * Sets of this owner's other installations, as their address books tell of them. They can be read here, by a name with a
 * slash, which no set of this one's own can have; only their own device writes to them.
 */
export type OtherSet = {
  /** "Laptop/Documents". */
  readonly name: string;
  readonly from: Pick<AddressBook, 'host' | 'instance' | 'plots' | 'atMs'>;
  readonly set: BookSet;
};

/**
 * Installations whose place another one took are old, of two books about one repository the newer counts, and what goes on
 * here is no other's.
 */
export function otherSets(
  books: readonly AddressBook[],
  own: {
    readonly instance: string;
    readonly replaces: string | undefined;
    readonly sets: readonly Pick<BackupSet, 'repository'>[];
    readonly holdings: readonly Pick<Holding, 'plot'>[];
  },
): readonly OtherSet[] {
  const old = new Set([own.instance, own.replaces, ...books.flatMap(({ before }) => before)]);
  const taken = new Set(own.sets.map(({ repository }) => repository));
  const held = new Set(own.holdings.map(({ plot }) => plot));
  const found: OtherSet[] = [];
  const newestFirst = books
    .filter(({ instance }) => !old.has(instance))
    .toSorted((one, other) => other.atMs - one.atMs);
  for (const from of newestFirst)
    for (const set of from.sets) {
      if (plotsOf({ from, set }).some(({ plot }) => held.has(plot))) continue;
      if (set.repository !== null) {
        if (taken.has(set.repository)) continue;
        taken.add(set.repository);
      }
      found.push({ name: freeName(found, from, set), from, set });
    }
  return found;
}

function freeName(
  found: readonly OtherSet[],
  { host, instance }: OtherSet['from'],
  { name }: BookSet,
): string {
  const plain = `${host.replaceAll('/', '-')}/${name}`;
  return found.some((each) => each.name === plain)
    ? `${host.replaceAll('/', '-')} ${instance.slice(0, 6)}/${name}`
    : plain;
}

/** As whoever reads it knows a set. */
export function asSet({ name, from, set }: OtherSet): BackupSet {
  return {
    name,
    folders: set.folders,
    plan: backupPlan.parse(set.plan ?? PLAN_AT_FIRST),
    hosts: [...new Set([...set.hosts, ...plotsOf({ from, set }).map(({ host }) => host)])],
    createdMs: from.atMs,
    lastRunMs: undefined,
    lastBytes: undefined,
    lastFault: undefined,
    sequence: set.sequence,
    repository: set.repository ?? undefined,
    pause: undefined,
    lastTryMs: undefined,
    failures: 0,
    prunedMs: undefined,
    drilledMs: undefined,
    falls: undefined,
  };
}

/** Where it lies, under the name it has here. */
export function asHoldings(other: OtherSet): readonly Holding[] {
  return plotsOf(other).map(({ plot, host, class: plotClass, size, untilMs, graceS }) => ({
    plot,
    host,
    class: plotClass,
    sizeBytes: size,
    writtenBytes: 0n,
    untilMs,
    graceS,
    leavesMs: undefined,
    set: other.name,
  }));
}

export function plotsOf({ from, set }: Pick<OtherSet, 'from' | 'set'>): AddressBook['plots'] {
  return from.plots.filter((each) => each.set === set.name);
}

/**
 * A plot of this owner's that no address book tells of, because its own can't be read or was never written: it can still
 * be looked into, under the name of whoever keeps it.
 */
export function strayPlot(host: Friend, status: PlotStatus): OtherSet {
  const { plot, class: plotClass, size, grace } = status;
  const name = plot.slice(0, STRAY_CHARS);
  const { owner } = host;
  return {
    name: `${nameOf(host).replaceAll('/', '-')}/${name}`,
    from: {
      host: nameOf(host),
      instance: '',
      atMs: 0,
      plots: [{ plot, host: owner, class: plotClass, size, untilMs: 0, graceS: grace, set: name }],
    },
    set: { name, folders: [], hosts: [owner], plan: null, repository: null, sequence: 0 },
  };
}

const STRAY_CHARS = 6;
