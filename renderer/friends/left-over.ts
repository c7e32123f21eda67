import { create } from 'zustand';
import type { OverShareView } from '../../shared/contract/space-views.ts';
import { useWindow } from '../state/store.ts';

/**
 * Whose plots beyond their share the owner leaves as they are: the card on Home then stays away until it
 * gets worse. Only what this window shows depends on it, so this window keeps it.
 */
const KEY = 'allotment-left-over-1';
const KEPT_MAX = 200;

type Left = Readonly<Record<string, string>>;

const useLeft = create<{ readonly left: Left | undefined }>(() => ({ left: undefined }));

/** Tells of each whether it stands no worse than when the owner left it. */
export function useLeftOver(): (over: OverShareView) => boolean {
  const door = useWindow((state) => state.door);
  const left = useLeft((state) => state.left) ?? kept(door?.keep);
  return ({ owner, useBytes, shareBytes }) => {
    const overThen = left[owner];
    return overThen !== undefined && BigInt(useBytes) - BigInt(shareBytes) <= BigInt(overThen);
  };
}

/** The owner leaves it as it is. */
export function leaveAsItIs({ owner, useBytes, shareBytes }: OverShareView): void {
  const keep = useWindow.getState().door?.keep;
  const before = Object.entries(useLeft.getState().left ?? kept(keep)).slice(-KEPT_MAX);
  const left = {
    ...Object.fromEntries(before),
    [owner]: `${BigInt(useBytes) - BigInt(shareBytes)}`,
  };
  useLeft.setState({ left });
  try {
    keep?.setItem(KEY, JSON.stringify(left));
  } catch {
    // A full or forbidden storage: the card is back after the next start.
  }
}

type Keep = NonNullable<ReturnType<typeof useWindow.getState>['door']>['keep'];

function kept(keep: Keep | undefined): Left {
  try {
    const value: unknown = JSON.parse(keep?.getItem(KEY) ?? '{}');
    if (typeof value !== 'object' || value === null) return {};
    const sound = Object.entries(value).filter(
      (entry): entry is [string, string] =>
        typeof entry[1] === 'string' && /^[0-9]{1,20}$/.test(entry[1]),
    );
    return Object.fromEntries(sound);
  } catch {
    return {};
  }
}
