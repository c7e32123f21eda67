import type { OwnerId, PlotId } from '../../shared/ids.ts';
import type { Ground } from '../../shared/model/policy.ts';
import { GB } from '../../shared/units.ts';
import { statementOf } from '../core/ledger/engine/stage.ts';
import { openYearHome, type YearHome } from './year-home.ts';

/** Who lives through the year, and who is friends with whom. */
export type Person = {
  readonly number: number;
  readonly owner: OwnerId;
  readonly home: YearHome;
  readonly friends: Set<Person>;
  /** Of his computer, by its own count. */
  serviceS: number;
  /** Since when it has been on without a break, in days of the year; undefined: it is off. */
  upSince: number | undefined;
  /** Off until this day. */
  backOn: number;
  hasJoined: boolean;
  /** Data objects that were sent, oldest first, by plot. */
  readonly sent: Map<PlotId, string[]>;
  /** Notes that he holds, by their issuer. */
  readonly notes: Map<OwnerId, { keyset: string; k: number; secret: Uint8Array }[]>;
};
/** Less than everybody would like to have, so that some are refused, wait, and are lent what others leave. */
const OFFER_BYTES_EACH = 4n * GB;
export const ACCOUNT = 'family';
const PLAN_BYTES = 30n * GB;

export function createPeople(count: number): readonly Person[] {
  return Array.from({ length: count }, (_, index) => {
    const home = openYearHome(index + 1);
    const offerBytes = OFFER_BYTES_EACH * BigInt(count);
    home.run(({ ledger }) =>
      ledger.setOffer({ folder: '/', offerBytes, keepFreeBytes: 0n, volume: 'v' }),
    );
    return {
      number: index,
      owner: home.owner,
      home,
      friends: new Set<Person>(),
      serviceS: 0,
      upSince: 0,
      backOn: 0,
      hasJoined: false,
      sent: new Map(),
      notes: new Map(),
    };
  });
}

/** The first keeps accounts for the next three, which count at everybody who comes after these. */
export const isKeeper = ({ number }: Person) => number === 0;
export const isMember = ({ number }: Person) => number >= 1 && number <= 3;
/** Two and two have a standing order: as much of mine for as much of yours, every thirty days. */
export function partnerOf(person: Person, people: readonly Person[]): Person | undefined {
  return person.number < 4 ? undefined : people[person.number ^ 1];
}

export function setPolicies(people: readonly Person[]): void {
  const [keeper] = people;
  for (const { home, number } of people) {
    const grounds: Ground[] = [{ kind: 'fair-share', weight: 1 }, { kind: 'notes' }];
    if (keeper !== undefined && number > 3)
      grounds.unshift({ kind: 'account', keepers: [keeper.owner] });
    home.run(({ ledger }) =>
      ledger.setPolicy({ owner: undefined, policy: { guards: {}, grounds } }),
    );
  }
  keeper?.home.run(({ accounts }) =>
    accounts.setAccount({
      account: ACCOUNT,
      planBytes: PLAN_BYTES,
      members: people.filter(isMember).map(({ owner }) => owner),
    }),
  );
}

/** Both write the other down. */
export function befriend(one: Person, other: Person, atMs: number): void {
  for (const [host, guest] of [
    [one, other],
    [other, one],
  ] as const) {
    const signed = { signed: '', signature: '' };
    const statement = statementOf(guest.owner);
    const who = { name: `number ${guest.number}`, statement, signed, addresses: [], atMs };
    host.home.run(({ friends }) => friends.add(who));
    host.friends.add(guest);
  }
}
