import type { AppSnapshot, Revisioned } from '../../shared/contract/views.ts';
import type { Door } from './door.ts';

/**
 * The last state that was seen, so that the window shows something at once, marked with its time. Only
 * shown, never believed: whatever does not look like this version's snapshot is thrown away. The figure in the key is one
 * more where something that was always there is new inside a part, which nobody looks into here.
 */
const KEY = 'allotment-snapshot-4';
const CHARACTERS_MAX = 1_000_000;

type Kept = Revisioned & AppSnapshot;

export function keepSnapshot(keep: Door['keep'], snapshot: Kept): void {
  try {
    const text = JSON.stringify(snapshot);
    if (text.length <= CHARACTERS_MAX) keep.setItem(KEY, text);
    else keep.removeItem(KEY);
  } catch {
    // A full or forbidden storage costs the next start its first picture and nothing else.
  }
}

export function keptSnapshot(keep: Door['keep']): Kept | undefined {
  try {
    const text = keep.getItem(KEY);
    const value: unknown = text === null ? undefined : JSON.parse(text);
    return isSnapshot(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What each part of a snapshot is at least; the compiler asks for those that are added. */
const PARTS = {
  status: isObject,
  offer: (value) => value === null || isObject(value),
  friends: Array.isArray,
  hosted: Array.isArray,
  mine: Array.isArray,
  decisions: Array.isArray,
  pairings: Array.isArray,
  sets: Array.isArray,
  jobs: Array.isArray,
  restores: Array.isArray,
  recovery: isObject,
  settings: isObject,
  nearby: Array.isArray,
  networks: isObject,
  wishes: Array.isArray,
  requests: Array.isArray,
  household: isObject,
  barter: isObject,
  vouchers: isObject,
  overShare: Array.isArray,
  notices: Array.isArray,
} as const satisfies Readonly<Record<keyof AppSnapshot, (value: unknown) => boolean>>;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isSnapshot(value: unknown): value is Kept {
  return (
    isObject(value) &&
    typeof value['asOfMs'] === 'number' &&
    typeof value['epoch'] === 'string' &&
    Object.entries(PARTS).every(([name, isSound]) => isSound(value[name]))
  );
}
