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

export type Befriending = {
  /**
   * Resolves when whoever was paired is written down, so that nobody is told what a crash would undo. Where the books could not
   * be written it is tried again each time somebody asks.
   */
  readonly kept: (id: string) => Promise<void>;
  readonly stop: () => void;
};

/** Whoever was paired with becomes a friend, from either side. */
export function befriendPaired({
  pairings,
  friends,
  clock,
  logger,
}: {
  readonly pairings: Pick<PairingTable, 'subscribe'>;
  readonly friends: Pick<FriendRegistry, 'add'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
}): Befriending {
  const keeping = new Map<string, Promise<void>>();
  const unkept = new Map<string, Other>();

  async function befriend({ name, kind, statement, signed, address }: Other): Promise<void> {
    const addresses = address === '' ? [] : [address];
    const atMs = clock.nowMs();
    const added = await friends.add({ name, kind, statement, signed, addresses, atMs });
    // Struck off while the digits were compared.
    if (!added.ok) logger.warn('a device was paired that does not count', { why: added.fault });
  }

  function keep(id: string, other: Other): Promise<void> {
    unkept.set(id, other);
    const kept = befriend(other)
      .then(() => void unkept.delete(id))
      .finally(() => keeping.delete(id));
    keeping.set(id, kept);
    kept.catch((error: unknown) => logger.error('a friend was not kept', { error: String(error) }));
    return kept;
  }

  const stop = pairings.subscribe(({ id, state, other }) => {
    if (state === 'paired') void keep(id, other);
  });
  return {
    kept: async (id) => {
      const other = unkept.get(id);
      if (other !== undefined) await (keeping.get(id) ?? keep(id, other));
    },
    stop,
  };
}
