/**
 * The closed list of what a person is told unasked (design §7), each with its level. The sentences are
 * `notice.<kind>-title` and `notice.<kind>-body` of the catalogue.
 */
export const noticeKinds = {
  /** Somebody wants to be a friend, or waits for digits to be compared. */
  'pairing-asks': 'warning',
  /** A new friend has no space yet: how much? */
  'friend-waits': 'info',
  /** A friend's request waits for the owner's own word. */
  'friend-asks': 'warning',
  /** A friend's share is used up to a threshold (a warning once something was refused); towards the host. */
  'share-fills': 'info',
  /** What I offer, or the disk below it, is used up to a threshold. */
  'offer-fills': 'warning',
  'disk-fills': 'alarm',
  /** A friend's write or request was refused for want of room; towards the host. */
  'request-refused': 'warning',
  /** A plot of mine at a friend's is used up to a threshold; towards the guest. */
  'plot-fills': 'warning',
  'lease-ends': 'alarm',
  /** A friend holds more guaranteed than his share since somebody joined or the offer shrank; towards the host. */
  'over-share': 'info',
  /** The host asks to make do with less, or ends what is over the share; towards the guest. */
  'share-less': 'warning',
  /** My list of what to keep leaves plots of mine out: they go at a date. */
  'plots-leave': 'warning',
  /** A friend proposes a standing order; it begins with a yes. */
  'order-asks': 'warning',
  /** A standing order does not go on as agreed. */
  'order-stuck': 'warning',
  /** A friend's lease here is over; towards the host. */
  'plot-unrenewed': 'info',
  /** A friend has reserved space and never used it; towards the host. */
  'plot-idle': 'info',
  'backup-failed': 'warning',
  /** No copy for three days (warning); after five days an alarm. */
  'backup-stale': 'warning',
  /** A friend had no more room for a set; towards the guest. */
  'share-full': 'warning',
  /** Something in a copy of mine can't be read (an alarm if no other is whole); then, once, that it was repaired. */
  'copy-damaged': 'warning',
  /** Parts of a set that no copy has any more were given up. */
  'parts-lost': 'warning',
  /** A friend keeps a set no more, or a set has fewer copies than wanted. */
  'copy-gone': 'warning',
  /** Nobody has looked into a copy for longer than a pass should take. */
  'verify-late': 'warning',
  /** What the retention does not keep could not be removed for days, try after try. */
  'prune-stuck': 'warning',
  /** Once a month: try whether a file comes back. */
  'drill-offer': 'info',
  'friend-away': 'warning',
  /** A friend has another device from now on, or a new one in place of an old one. */
  'friend-device': 'info',
  /** Two devices of a friend claim to be the same installation. */
  'device-clash': 'alarm',
  /** Where a friend's device was, another answers; nothing was sent to it. */
  'friend-key': 'alarm',
  /** A friend's device says that this one was struck off by its owner. */
  'struck-off': 'alarm',
  /** A friend ends the friendship at a date; towards the one who has something there. */
  'friend-leaves': 'alarm',
  /** A friend has ended it; what is kept for him here waits for a word. */
  'friend-left': 'warning',
  /** Somebody compared digits with this device and they were not the same. */
  'pairing-attacked': 'alarm',
  'data-damaged': 'alarm',
  /** The disk gave back wrong bytes, as a guest noticed and this device has seen for itself; towards the host. */
  'drive-damaged': 'alarm',
  /** One of my devices wants what is deleted at a friend's to be kept for less, or let go of it; maybe it was not me. */
  'protection-falls': 'warning',
  'volume-missing': 'alarm',
  /** The program's files were replaced or removed while it ran: parts of it can't begin any more. */
  'program-replaced': 'warning',
} as const satisfies Record<string, NoticeLevel>;

export type NoticeLevel = 'info' | 'warning' | 'alarm';
export type NoticeKind = keyof typeof noticeKinds;
