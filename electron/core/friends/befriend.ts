import type { Clock, Logger } from '../ports.ts';
import type { FriendRegistry } from './friend-registry.ts';
import type { Unfit } from './judge-statement.ts';
import type { Other } from './pairing-entry.ts';
import type { PairingTable } from './pairing-table.ts';

/**
 * Why two people need not compare digits for this device; `undefined`: they may. That there seem to be
 * two of it is written down, so that the owner hears of it wherever the second one turned up.
 */
export async function unfitToPair(
  friends: Pick<FriendRegistry, 'judge' | 'add'>,
  { name, kind, statement, signed }: Omit<Other, 'address'>,
  atMs: number,
): Promise<Unfit['code'] | undefined> {
  const unfit = friends.judge(statement);
  if (unfit === 'serial-clash')
    await friends.add({ name, kind, statement, signed, addresses: [], atMs, isIntroduced: true });
  return unfit;
}

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
  async function befriend({ name, kind, statement, signed, address }: Other): Promise<void> {
    const addresses = address === '' ? [] : [address];
    const atMs = clock.nowMs();
    const added = await friends.add({ name, kind, statement, signed, addresses, atMs });
    // Whoever compares digits again doesn't want it to end.
    if (added.ok) await friends.setLeaving({ owner: statement.owner, atService: undefined });
    // Struck off while the digits were compared.
    else logger.warn('a device was paired that does not count', { why: added.fault });
  }

  return pairings.subscribe(({ state, other }) => {
    if (state !== 'paired') return;
    befriend(other).catch((error: unknown) =>
      logger.error('a friend was not kept', { error: String(error) }),
    );
  });
}
