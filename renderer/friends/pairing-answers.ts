import { create } from 'zustand';
import type { FriendView, MyPlotView, PairingView } from '../../shared/contract/views.ts';

/**
 * Which pairings this window need not show any more: looked at and put away, or their questions answered.
 * Only what is on the screen depends on it; what counts stands in the books.
 */
export type PairingAnswers = {
  readonly putAway: ReadonlySet<string>;
  readonly space: ReadonlySet<string>;
  readonly asked: ReadonlySet<string>;
};

export const usePairingAnswers = create<PairingAnswers>(() => ({
  putAway: new Set(),
  space: new Set(),
  asked: new Set(),
}));

export function answered(which: keyof PairingAnswers, id: string): void {
  usePairingAnswers.setState((before) => ({ [which]: new Set([...before[which], id]) }));
}

/** The two questions that follow a pairing, as far as they are open. */
export type Question = 'space' | 'ask';

export function openQuestions(
  pairing: PairingView,
  {
    friends,
    mine,
    answers,
  }: {
    readonly friends: readonly FriendView[];
    readonly mine: readonly Pick<MyPlotView, 'owner' | 'state'>[];
    readonly answers: PairingAnswers;
  },
): readonly Question[] {
  const { id } = pairing;
  const friend = pairedWith(pairing, friends);
  if (friend === undefined || answers.putAway.has(id) || isFurtherDevice(pairing, friend))
    return [];
  const isKept = mine.some(({ owner, state }) => owner === friend.owner && state !== 'gone');
  return [
    ...(answers.space.has(id) || friend.here.ownPolicy ? [] : (['space'] as const)),
    ...(answers.asked.has(id) || isKept ? [] : (['ask'] as const)),
  ];
}

export function pairedWith(
  { state, owner }: PairingView,
  friends: readonly FriendView[],
): FriendView | undefined {
  return state === 'paired'
    ? friends.find((each) => each.owner === owner && !each.departed)
    : undefined;
}

/**
 * It came when the friendship was there already, in place of another device or beside it: about its owner
 * nothing is to be asked again. Whoever comes back after a parting is a new friend with a known device.
 */
export function isFurtherDevice(
  { tail }: Pick<PairingView, 'tail'>,
  { devices, sinceMs }: Pick<FriendView, 'devices' | 'sinceMs'>,
): boolean {
  return devices.some(
    ({ device, addedMs, revoked }) => !revoked && device.endsWith(tail) && addedMs > sinceMs,
  );
}
