import type { OwnerId } from '../../../../shared/ids.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';
import { readStatement } from '../../identity/statement.ts';
import type { AddressBook, BookFriend } from './address-book.ts';

/**
 * Friends that another installation of mine had are friends here too: two people compared digits there, and the keys of
 * then stand in a book that only my words open. Whoever was a friend here before and is none any more stays so.
 */
export async function befriendAgain(
  friends: Pick<
    FriendRegistry,
    'add' | 'person' | 'knownDevice' | 'rename' | 'setGivenAddress' | 'setBlocked'
  >,
  book: Pick<AddressBook, 'friends'>,
  { self, atMs }: { readonly self: OwnerId; readonly atMs: number },
): Promise<void> {
  for (const friend of book.friends) {
    if (friend.owner === self) continue;
    const known = friends.person(friend.owner);
    if (known?.departed === true) continue;
    const isNew = known === undefined;
    await addDevices(friends, friend, { isNew, atMs });
    if (isNew) await recall(friends, friend);
  }
}

async function addDevices(
  friends: Pick<FriendRegistry, 'add' | 'knownDevice'>,
  { owner, name, relation, devices }: BookFriend,
  { isNew, atMs }: { readonly isNew: boolean; readonly atMs: number },
): Promise<void> {
  for (const each of devices) {
    const statement = readStatement(each.signed);
    if (statement?.owner !== owner || statement.device !== each.device) continue;
    if (friends.knownDevice(each.device) !== undefined) continue;
    const { signed, addresses, kind } = each;
    const common = { statement, signed, addresses, kind, atMs };
    const deviceName = each.name ?? name;
    if (!isNew) await friends.add({ ...common, name: deviceName, isIntroduced: true });
    else if (relation === 'host') await friends.add({ ...common, name, relation });
    else await friends.add({ ...common, name });
  }
}

async function recall(
  friends: Pick<FriendRegistry, 'person' | 'rename' | 'setGivenAddress' | 'setBlocked'>,
  { owner, petName, givenAddress, blocked }: BookFriend,
): Promise<void> {
  // None of his devices counted.
  if (friends.person(owner) === undefined) return;
  if (petName !== null) await friends.rename({ owner, petName });
  if (givenAddress !== null) await friends.setGivenAddress({ owner, address: givenAddress });
  if (blocked) await friends.setBlocked({ owner, blocked });
}
