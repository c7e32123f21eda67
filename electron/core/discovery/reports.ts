import type { NearbyView, NetworksView } from '../../../shared/contract/views.ts';
import type { DeviceId } from '../../../shared/ids.ts';
import { keyTail } from '../../../shared/words/key-text.ts';
import type { Sighting as FriendSighting } from './discovery.ts';
import type { Sighting, Sightings } from './sightings.ts';

/** What is told of who was heard: friends' devices that came, went or moved, and that a list changed. */
export type Reports = {
  /** Compares with what was told last, and tells the difference. */
  readonly look: () => void;
  readonly onSighting: (listener: (sighting: FriendSighting) => void) => () => void;
};

export function createReports({
  sightings,
  view,
  onChange,
}: {
  readonly sightings: Pick<Sightings, 'list'>;
  readonly view: () => NetworksView;
  readonly onChange: () => void;
}): Reports {
  const listeners = new Set<(sighting: FriendSighting) => void>();
  let told: ReadonlyMap<DeviceId, readonly string[]> = new Map();
  let shown = '';

  function tell(sighting: FriendSighting): void {
    for (const listener of listeners) listener(sighting);
  }

  return {
    look: () => {
      const list = sightings.list();
      const before = told;
      told = new Map(
        list.flatMap(({ friend, places }) => (friend === undefined ? [] : [[friend, places]])),
      );
      for (const device of before.keys()) if (!told.has(device)) tell({ type: 'lost', device });
      for (const [device, addresses] of told)
        if (before.get(device)?.join(' ') !== addresses.join(' '))
          tell({ type: 'seen', device, addresses });
      const now = JSON.stringify([nearbyOf(list), view()]);
      if (now === shown) return;
      shown = now;
      onChange();
    },
    onSighting: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Strangers by name; neither friends, who have a page of their own, nor this device itself. */
export function nearbyOf(sightings: readonly Sighting[]): readonly NearbyView[] {
  return sightings
    .filter(({ friend, answer }) => friend === undefined && answer !== 'self')
    .map((sighting): NearbyView => {
      const { key, name, kind, network, places, answer } = sighting;
      const address = places[0] ?? '';
      const shown = { id: key, name, kind, address, network };
      if (answer === undefined || answer === 'self') return { ...shown, tail: null, state: 'seen' };
      if (answer === 'silent') return { ...shown, tail: null, state: 'silent' };
      return { ...shown, tail: keyTail(answer), state: 'answers' };
    })
    .sort((one, other) => byName.compare(one.name, other.name) || (one.id < other.id ? -1 : 1));
}

const byName = new Intl.Collator('en', { sensitivity: 'base', numeric: true });
