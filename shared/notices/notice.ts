/**
 * The closed list of what a person is told unasked (design §7), each with its level. The sentences are
 * `notice.<kind>-title` and `notice.<kind>-body` of the catalogue.
 */
export const noticeKinds = {
  /** Somebody wants to be a friend, or waits for digits to be compared. */
  'pairing-asks': 'warning',
  /** A new friend has no space yet: how much? */
  'friend-waits': 'info',
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
  'backup-failed': 'warning',
  /** No copy for three days (warning); after five days an alarm. */
  'backup-stale': 'warning',
  'friend-away': 'warning',
  'data-damaged': 'alarm',
  'volume-missing': 'alarm',
} as const satisfies Record<string, NoticeLevel>;

export type NoticeLevel = 'info' | 'warning' | 'alarm';
export type NoticeKind = keyof typeof noticeKinds;
