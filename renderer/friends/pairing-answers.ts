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
  { id, state, owner, tail }: PairingView,
  {
    friends,
    mine,
    answers,
  }: {
    readonly friends: readonly FriendView[];
    readonly mine: readonly Pick<MyPlotView, 'owner'>[];
    readonly answers: PairingAnswers;
  },
): readonly Question[] {
  if (state !== 'paired' || owner === null || answers.putAway.has(id)) return [];
  const friend = friends.find((each) => each.owner === owner && !each.departed);
  if (friend === undefined || isFurtherDevice(friend, tail)) return [];
  return [
    ...(answers.space.has(id) || friend.here.ownPolicy ? [] : (['space'] as const)),
    ...(answers.asked.has(id) || mine.some((plot) => plot.owner === owner)
      ? []
      : (['ask'] as const)),
  ];
}

/** Who was a friend before has been asked about; another device changes nothing. */
function isFurtherDevice({ devices }: FriendView, tail: string): boolean {
  return devices.some(({ device, revoked }) => !revoked && !device.endsWith(tail));
}
