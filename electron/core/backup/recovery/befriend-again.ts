import type { OwnerId } from '../../../../shared/ids.ts';
import type { Added } from '../../friends/friend-book.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';
import { readStatement } from '../../identity/statement.ts';
import { type AddressBook, type BookFriend, FRIENDS_MAX } from './address-book.ts';

/**
 * Friends that another installation of mine had are friends here too: two people compared digits there, and the keys of
 * then stand in a book that only my words open. Whoever was a friend here before and is none any more stays so. All of a book's
 * at once: cut off in between, somebody who is blocked would come back as one who is not. Who has a lost computer's keys can name
 * whomever he likes in every book: there come no more than one of mine could name.
 */
export async function befriendAgain(
  friends: Pick<FriendRegistry, 'addAll' | 'person' | 'knownDevice' | 'friends' | 'others'>,
  book: Pick<AddressBook, 'friends'>,
  { self, atMs }: { readonly self: OwnerId; readonly atMs: number },
): Promise<void> {
  const present = [...friends.friends(), ...friends.others()].filter(({ departed }) => !departed);
  let room = FRIENDS_MAX - present.length;
  const calls: Added[] = [];
  for (const friend of book.friends) {
    if (friend.owner === self) continue;
    const known = friends.person(friend.owner);
    if (known?.departed === true) continue;
    const isNew = known === undefined;
    if (isNew && room <= 0) continue;
    const devices = devicesOf(friends, friend, { isNew, atMs });
    if (devices.length === 0) continue;
    if (isNew) room -= 1;
    calls.push(...devices);
  }
  if (calls.length > 0) await friends.addAll(calls);
}

function devicesOf(
  friends: Pick<FriendRegistry, 'knownDevice'>,
  { owner, name, relation, devices, petName, givenAddress, blocked }: BookFriend,
  { isNew, atMs }: { readonly isNew: boolean; readonly atMs: number },
): readonly Added[] {
  const recalled = {
    petName: petName ?? undefined,
    givenAddress: givenAddress ?? undefined,
    blocked,
  };
  return devices.flatMap((each): readonly Added[] => {
    if (friends.knownDevice(each.device) !== undefined) return [];
    const statement = readStatement(each.signed);
    if (statement?.owner !== owner || statement.device !== each.device) return [];
    const { signed, addresses, kind } = each;
    const common = { statement, signed, addresses, kind, atMs };
    if (!isNew) return [{ ...common, name: each.name ?? name, isIntroduced: true }];
    return [{ ...common, name, recalled, ...(relation === 'host' ? { relation } : {}) }];
  });
}
