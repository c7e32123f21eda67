import type { DeviceId } from '../../../shared/ids.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Clock } from '../ports.ts';
import type { Whose } from './sightings.ts';
import { dailyTag, dayOf, type Tag, tagsAround } from './tag.ts';

/** Whose the tags are that are heard: worked out anew when the day or the friends' devices change. */
export type TagTable = {
  readonly whose: Whose;
  readonly isFriend: (device: DeviceId) => boolean;
  /** The one under which this device announces itself today. */
  readonly ownTag: () => Tag;
  /** True: the answers may be others now. */
  readonly refresh: () => boolean;
};

export function createWhose({
  device,
  friends,
  clock,
}: {
  readonly device: DeviceId;
  readonly friends: Pick<FriendRegistry, 'friends'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}): TagTable {
  let devices: ReadonlySet<DeviceId> = new Set();
  let madeFor = '';
  let own: { readonly tag: Tag; readonly around: ReadonlySet<Tag> };
  /** Two weeks of tags of each device: worked out when the first one is heard, and nobody waits for it at a start. */
  let theirs: ReadonlyMap<Tag, DeviceId> | undefined;

  function whoseIs(tag: Tag): DeviceId | undefined {
    theirs ??= tagsAround([...devices], clock.nowMs());
    return theirs.get(tag);
  }

  /** Those that count: a device that was struck off is nobody's. */
  function present(): readonly DeviceId[] {
    return friends
      .friends()
      .filter(({ departed }) => !departed)
      .flatMap((friend) => friend.devices.filter(({ revoked }) => !revoked))
      .map((each) => each.device);
  }

  function refresh(): boolean {
    const nowMs = clock.nowMs();
    const now = present();
    const key = `${dayOf(nowMs)} ${[...now].sort().join(' ')}`;
    if (key === madeFor) return false;
    madeFor = key;
    devices = new Set(now);
    theirs = undefined;
    own = {
      tag: dailyTag(device, nowMs),
      around: new Set(tagsAround([device], nowMs).keys()),
    };
    return true;
  }

  refresh();
  return {
    whose: (tag) => (own.around.has(tag) ? 'self' : whoseIs(tag)),
    isFriend: (each) => devices.has(each),
    ownTag: () => own.tag,
    refresh,
  };
}
