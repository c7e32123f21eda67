import type { DeviceId } from '../../../../shared/ids.ts';
import type { Friend, FriendDevice } from '../../friends/friend-book.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';
import type { Identity } from '../../identity/identity.ts';
import { createIdleSockets } from './idle-sockets.ts';
import { openPeerSession, type PeerSession } from './peer-client.ts';

/** One session for each of the friends' devices that was called, with a handful of kept connections in all. */
export type PeerSessions = {
  readonly of: (device: DeviceId) => PeerSession;
  readonly closeIdle: () => void;
  readonly idleSockets: () => number;
  readonly close: () => void;
};

/** What was learnt, the latest first, and then what the friend gave for reaching him from anywhere. */
export function addressesOf(
  { givenAddress }: Friend,
  { addresses }: FriendDevice,
): readonly string[] {
  return givenAddress === undefined || addresses.includes(givenAddress)
    ? addresses
    : [...addresses, givenAddress];
}

export function createPeerSessions({
  identity,
  friends,
}: {
  readonly identity: Pick<Identity, 'keyPem' | 'certificatePem'>;
  readonly friends: FriendRegistry;
}): PeerSessions {
  const sessions = new Map<DeviceId, PeerSession>();
  const idle = createIdleSockets();
  let isClosed = false;

  /** Devices that no longer count are not talked to, also not over what is still open. */
  function closeGone(): void {
    for (const [device, open] of sessions) {
      if (friends.personByDevice(device) !== undefined) continue;
      open.close();
      sessions.delete(device);
    }
  }

  const stop = friends.subscribe(closeGone);
  return {
    of: (device) => {
      const open = sessions.get(device);
      if (open !== undefined) return open;
      const session = openPeerSession(
        identity,
        {
          device,
          // They may change while a backup runs through this session.
          addresses: () => {
            const known = friends.knownDevice(device);
            return known === undefined ? [] : addressesOf(known.friend, known.device);
          },
        },
        { onAnswer: (id, address) => friends.contacted(id, address), idle },
      );
      sessions.set(device, session);
      // Work that goes on a little longer than the core calls nobody any more.
      if (isClosed) session.close();
      return session;
    },
    closeIdle: () => {
      for (const open of sessions.values()) open.closeIdle();
    },
    idleSockets: idle.count,
    close: () => {
      isClosed = true;
      stop();
      for (const open of sessions.values()) open.close();
      sessions.clear();
    },
  };
}
