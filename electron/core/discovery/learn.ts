import { isIPv4 } from 'node:net';
import type { ShareState } from '../../../shared/model/allocate.ts';
import type { News } from '../../../shared/wire/messages.ts';
import {
  formatAddress,
  isLinkLocal,
  isLoopback,
  isZoned,
  parseAddress,
} from '../../../shared/address.ts';
import type { Friend, FriendDevice } from '../friends/friend-book.ts';
import { ADDRESSES_MAX } from '../friends/friend-registry.ts';
import { parseIp, text4 } from './ip.ts';

/** Of what a friend says of himself; the rest is for what has worked before. */
const SAID_MAX = 4;

export type Contact = {
  /** The address at which our own call was answered. */
  readonly proved?: string | undefined;
  /** The host that a call of theirs came from. */
  readonly from?: string | undefined;
};

/**
 * Where a device is looked for from now on: what worked first, then where its call came from, then what
 * it says, then what was known before. What it says is believed as far as calling there goes: the key is
 * checked before anything is sent, and it can't make this computer call itself.
 */
export function learnAddresses(
  known: readonly string[],
  said: readonly string[],
  { proved, from }: Contact,
): readonly string[] {
  const host = from ?? (proved === undefined ? undefined : parseAddress(proved)?.host);
  const isOverLoopback = host !== undefined && isLoopback(host);
  const believable = said.flatMap((text) => {
    const place = parseAddress(text);
    const meant = place === undefined ? undefined : plainHost(place.host);
    if (place === undefined || meant === undefined) return [];
    if (isLinkLocal(meant) || isNowhere(meant)) return [];
    return isLoopback(meant) && !isOverLoopback ? [] : [formatAddress(place)];
  });
  const worked = proved ?? known[0];
  const candidate = candidateOf(said, from);
  return [
    ...new Set([
      ...(worked === undefined ? [] : [worked]),
      ...(candidate === undefined ? [] : [candidate]),
      ...believable.slice(0, SAID_MAX),
      ...known,
    ]),
  ].slice(0, ADDRESSES_MAX);
}

/** The host that a call came from with the port that the caller says it listens at. */
export function candidateOf(said: readonly string[], from: string | undefined): string | undefined {
  // An address of one wire only is proved by our own connection or not at all.
  if (from === undefined || from === '' || isZoned(from)) return undefined;
  const port = said.map(parseAddress).find((place) => place !== undefined)?.port;
  return port === undefined ? undefined : formatAddress({ host: from, port });
}

/**
 * A host as it is usually written: one address has many spellings, and the system understands them all. Undefined: a number
 * that the system would take for an address of IPv4, such as `2130706433` or `0x7f.1` for this computer itself.
 */
function plainHost(host: string): string | undefined {
  const ip = host.includes(':') ? parseIp(host) : undefined;
  if (ip !== undefined && ip.value >> 32n === MAPPED_4) return text4(ip.value & 0xffff_ffffn);
  if (ip !== undefined && ip.value <= 1n) return ip.value === 1n ? '::1' : '::';
  return /(^|\.)(0x[0-9a-f]*|[0-9]+)\.?$/i.test(host) && !isIPv4(host) ? undefined : host;
}

/** IPv4 in IPv6 clothes (RFC 4291 §2.5.5.2). */
const MAPPED_4 = 0xffffn;

/** All of this computer's addresses, or a whole network at once. */
function isNowhere(host: string): boolean {
  return /^(::$|ff[0-9a-f]{2}:)/i.test(host) || /^(0|22[4-9]|23[0-9]|255)\.[0-9.]+$/.test(host);
}

/** A date that only drifts with the seconds it was told in is the same date. */
const SAME_DATE_MS = 60_000;
/** How old a friend's word of my share may look while nothing in it has changed. */
const TOLD_FRESH_MS = 240_000;

export type ToldNow = {
  readonly addresses: readonly string[];
  readonly leavesMs: number | undefined;
  readonly atMs: number;
};

/** Whether what a device says is worth a write: somebody may say the same in a loop. */
export function isNewToBook(
  { friend, device }: { readonly friend: Friend; readonly device: FriendDevice },
  { name, kind, share }: News,
  { addresses, leavesMs, atMs }: ToldNow,
): boolean {
  const { told } = friend;
  return (
    friend.name !== name ||
    device.name !== name ||
    device.kind !== kind ||
    device.addresses.join(' ') !== addresses.join(' ') ||
    !isSameDate(friend.leavesMs, leavesMs, atMs) ||
    !isSameDate(device.leavesMs, leavesMs, atMs) ||
    (share !== undefined &&
      (told === undefined ||
        told.shareBytes !== share.shareBytes ||
        told.useBytes !== share.useBytes ||
        told.mayAskBytes !== share.mayAskBytes ||
        told.lentBytes !== share.lentBytes ||
        told.mayBorrowBytes !== share.mayBorrowBytes ||
        told.lessBytes !== share.lessBytes ||
        !isSameDate(endOf(told, told.atMs), endOf(share, atMs), atMs) ||
        Math.abs(atMs - told.atMs) > TOLD_FRESH_MS))
  );
}

/** When what is over my share there ends. */
function endOf({ lessInS }: Pick<ShareState, 'lessInS'>, saidMs: number): number | undefined {
  return lessInS === undefined ? undefined : saidMs + lessInS * 1000;
}

function isSameDate(one: number | undefined, other: number | undefined, nowMs: number): boolean {
  if (one === undefined || other === undefined) return one === other;
  // What is over is over, however long ago it is said to be.
  return Math.abs(one - other) < SAME_DATE_MS || (one <= nowMs && other <= nowMs);
}

/** A disk that others fill too moves "may ask" with every file; a friend hears of it when it matters. */
const MAY_ASK_STEP_BYTES = 64n * 1024n * 1024n;
const MAY_ASK_PART = 50n;
const LEAVES_STEP_S = 3600;

/** Whether a friend who was told `before`, so many seconds ago, should hear `now`. */
export function isNewToFriend(before: News, now: News, elapsedS: number): boolean {
  return (
    before.name !== now.name ||
    before.kind !== now.kind ||
    before.plots !== now.plots ||
    before.addresses.join(' ') !== now.addresses.join(' ') ||
    isOtherShare(before.share, now.share) ||
    before.share?.lessBytes !== now.share?.lessBytes ||
    isOtherLeave(before.share?.lessInS, now.share?.lessInS, elapsedS) ||
    isOtherLeave(before.leavesInS, now.leavesInS, elapsedS)
  );
}

function isOtherShare(before: News['share'], now: News['share']): boolean {
  if (before === undefined || now === undefined) return before !== now;
  if (before.shareBytes !== now.shareBytes || before.useBytes !== now.useBytes) return true;
  if (before.lentBytes !== now.lentBytes) return true;
  return (
    isOtherRoom(before.mayAskBytes, now.mayAskBytes) ||
    isOtherRoom(before.mayBorrowBytes ?? 0n, now.mayBorrowBytes ?? 0n)
  );
}

function isOtherRoom(before: bigint, now: bigint): boolean {
  const step = before / MAY_ASK_PART;
  const least = step > MAY_ASK_STEP_BYTES ? step : MAY_ASK_STEP_BYTES;
  const moved = now - before;
  // Between something and nothing there is no small step.
  const isEdge = (now === 0n) !== (before === 0n);
  return isEdge || (moved < 0n ? -moved : moved) >= least;
}

function isOtherLeave(
  before: number | undefined,
  now: number | undefined,
  elapsedS: number,
): boolean {
  if (before === undefined || now === undefined) return before !== now;
  return (now === 0) !== (before === 0) || Math.abs(before - elapsedS - now) > LEAVES_STEP_S;
}
