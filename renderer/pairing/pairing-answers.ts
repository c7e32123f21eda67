import { create } from 'zustand';
import type {
  FriendDeviceView,
  FriendView,
  MyPlotView,
  PairingView,
} from '../../shared/contract/views.ts';

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
  if (friend === undefined || answers.putAway.has(id)) return [];
  // Of a friend's further device nothing is asked, nor of one that is being written down this moment.
  if (deviceOf(pairing, friend)?.isLater !== false) return [];
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

/** The device that was compared with, once it is written down as its owner's. */
export function deviceOf(
  { tail }: Pick<PairingView, 'tail'>,
  { devices }: Pick<FriendView, 'devices'>,
): FriendDeviceView | undefined {
  return devices.find(({ device, revoked }) => !revoked && device.endsWith(tail));
}
