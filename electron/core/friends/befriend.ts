import type { Clock, Logger } from '../ports.ts';
import type { FriendRegistry } from './friend-registry.ts';
import type { PairingTable } from './pairing-table.ts';

/** Whoever was paired with becomes a friend, from either side. Returns how to stop that. */
export function befriendPaired({
  pairings,
  friends,
  clock,
  logger,
}: {
  readonly pairings: PairingTable;
  readonly friends: FriendRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
}): () => void {
  return pairings.subscribe(({ state, other }) => {
    if (state !== 'paired') return;
    const { name, kind, statement, signed, address } = other;
    const addresses = address === '' ? [] : [address];
    friends
      .add({ name, kind, statement, signed, addresses, atMs: clock.nowMs() })
      .then((added) => {
        // Struck off while the digits were compared.
        if (!added.ok) logger.warn('a device was paired that does not count', { why: added.fault });
      })
      // Whoever compares digits again doesn't want it to end.
      .then((added) =>
        added.ok ? friends.setLeaving({ owner: statement.owner, atService: undefined }) : undefined,
      )
      .catch((error: unknown) => logger.error('a friend was not kept', { error: String(error) }));
  });
}
