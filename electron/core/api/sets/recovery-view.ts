import type { RecoverySheetView, RecoveryView } from '../../../../shared/contract/backup-views.ts';
import { addressesOf } from '../../client/connection/peer-sessions.ts';
import { nameOf } from '../../friends/friend-registry.ts';
import type { CoreParts } from '../core-parts.ts';

/** How far coming back is, and what to keep on paper for it. */

export async function recoveryView({ recovering }: CoreParts): Promise<RecoveryView> {
  const [view, possible] = await Promise.all([recovering.recovery.view(), recovering.isFresh()]);
  return { ...view, possible };
}

export async function sheetView(parts: CoreParts): Promise<RecoverySheetView> {
  const { identity, friends, clock } = parts;
  const [own, held] = await Promise.all([parts.sets.sets(), parts.holdings.holdings()]);
  const people = [...friends.friends(), ...friends.others()].filter(
    ({ departed, relation }) => !departed && relation !== 'guest',
  );
  const lines = people.flatMap((person) => {
    const keeps = held.filter(({ host }) => host === person.owner);
    const keepsSets = [...new Set(keeps.flatMap(({ set }) => set ?? []))];
    return person.devices
      .filter(({ revoked }) => !revoked)
      .map((device) => ({
        name: nameOf(person),
        owner: person.owner,
        device: device.device,
        addresses: addressesOf(person, device),
        keepsSets,
        keeps: keeps.length,
      }));
  });
  return {
    owner: identity.owner,
    name: parts.name(),
    instance: identity.instance,
    sets: own.map(({ name, folders }) => ({ name, folders })),
    // Whoever keeps something leads back to all the others.
    friends: lines
      .toSorted((one, other) => other.keeps - one.keeps)
      .map(({ keeps: _keeps, ...line }) => line),
    madeMs: clock.nowMs(),
  };
}
