import type { FriendView } from '../../shared/contract/views.ts';
import { keyTail } from '../../shared/words/key-text.ts';
import { nameInSentence, shortName } from '../../shared/words/short-name.ts';

/** Whoever is chosen from a list; of somebody who is no friend the devices are not known. */
type Somebody = Pick<FriendView, 'owner' | 'name'> &
  Partial<{
    readonly devices: readonly Pick<FriendView['devices'][number], 'device' | 'revoked'>[];
  }>;

/**
 * What friends are called where one of them is chosen. Everybody calls himself what he likes, also what another one is
 * called; those who would read the same are told apart by the ends of their keys, which stand on their pages. Pure.
 */
export function labelsOf(people: readonly Somebody[], max = 24): (owner: string) => string {
  const readAs = ({ name }: Somebody) => shortName(name, max).toLowerCase();
  const alike = Map.groupBy(people, readAs);
  const labels = new Map(
    people.map((each) => [
      each.owner,
      (alike.get(readAs(each))?.length ?? 0) > 1
        ? `${nameInSentence(each.name, max)} (…${tailOf(each)})`
        : shortName(each.name, max),
    ]),
  );
  return (owner) => labels.get(owner) ?? '?';
}

function tailOf({ owner, devices = [] }: Somebody): string {
  return keyTail(devices.find(({ revoked }) => !revoked)?.device ?? owner);
}
