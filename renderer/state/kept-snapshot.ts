import type { AppSnapshot, Revisioned } from '../../shared/contract/views.ts';
import type { Door } from './door.ts';

/**
 * The last state that was seen, so that the window shows something at once, marked with its time. Only
 * shown, never believed: whatever does not look like this version's snapshot is thrown away.
 */
const KEY = 'allotment-snapshot-3';
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

const LISTS = [
  'friends',
  'hosted',
  'mine',
  'decisions',
  'pairings',
  'sets',
  'jobs',
  'notices',
  'overShare',
  'restores',
] as const satisfies readonly (keyof AppSnapshot)[];

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isSnapshot(value: unknown): value is Kept {
  if (!isObject(value)) return false;
  const parts = value;
  return (
    typeof parts['asOfMs'] === 'number' &&
    typeof parts['epoch'] === 'string' &&
    isObject(parts['status']) &&
    isObject(parts['settings']) &&
    isObject(parts['household']) &&
    isObject(parts['barter']) &&
    isObject(parts['vouchers']) &&
    isObject(parts['recovery']) &&
    LISTS.every((name) => Array.isArray(parts[name]))
  );
}
