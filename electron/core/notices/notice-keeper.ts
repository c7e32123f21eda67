import type { Async } from '../../../shared/async.ts';
import type { NoticeView } from '../../../shared/contract/views.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import type { NoticeFacts } from '../../../shared/notices/facts.ts';
import type { Clock, Logger } from '../ports.ts';
import type { NoticeBook } from './notice-book.ts';

/** Looks when something has changed whether the owner should be told something, and keeps the list. */
export type NoticeKeeper = {
  /** Newest first. */
  readonly list: () => readonly NoticeView[];
  /** Something changed; looked at soon, and together with what else changes meanwhile. */
  readonly touch: () => void;
  /** Looks now. */
  readonly look: () => Promise<void>;
  readonly dismiss: (id: string) => Promise<boolean>;
  /** An upload of this friend's was refused because the disk was full. */
  readonly diskWasFull: (owner: OwnerId) => void;
  readonly close: () => Promise<void>;
};

/** Whoever knocks should be noticed at once ... */
const SOON_MS = 300;
/** ... but an upload changes figures all the time, and nothing in them is that urgent. */
const EVERY_MS = 5000;
/** With thousands of friends a look takes a while; it takes no more than this part of the time. */
const RESTS = 20;

export async function openNoticeKeeper({
  book,
  gather,
  clock,
  logger,
  onChange,
}: {
  readonly book: Async<NoticeBook>;
  /** The present state, with the requests since that decision. */
  readonly gather: (since: {
    readonly decision: number;
    readonly diskRefused: readonly OwnerId[];
  }) => Promise<NoticeFacts>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
}): Promise<NoticeKeeper> {
  let notices = await book.notices();
  let decision = await book.decision();
  const diskRefused = new Set<OwnerId>();
  let timer: NodeJS.Timeout | undefined;
  let lookedAtMs = -EVERY_MS;
  let everyMs = EVERY_MS;
  let looking: Promise<void> = Promise.resolve();
  let isClosed = false;

  function show(next: readonly NoticeView[]): void {
    const isSame = JSON.stringify(next) === JSON.stringify(notices);
    notices = next;
    if (!isSame) onChange();
  }

  async function lookOnce(): Promise<void> {
    if (isClosed) return;
    clearTimeout(timer);
    timer = undefined;
    const beganMs = clock.monotonicMs();
    lookedAtMs = beganMs;
    const refused = [...diskRefused];
    const facts = await gather({ decision, diskRefused: refused });
    const found = await book.look({ facts, nowMs: clock.nowMs() });
    for (const owner of refused) diskRefused.delete(owner);
    decision = found.decision;
    show(found.notices);
    everyMs = Math.max(EVERY_MS, (clock.monotonicMs() - beganMs) * RESTS);
  }

  /** One after the other, so that none works on facts older than the one before it. */
  function look(): Promise<void> {
    const next = looking.then(lookOnce);
    looking = next.catch(() => undefined);
    return next;
  }

  function touch(): void {
    if (timer !== undefined || isClosed) return;
    const waitMs = Math.max(SOON_MS, lookedAtMs + everyMs - clock.monotonicMs());
    timer = setTimeout(() => {
      look().catch((error: unknown) => {
        if (!isClosed) logger.error('no look at what to tell', { error: String(error) });
      });
    }, waitMs);
    timer.unref();
  }

  return {
    list: () => notices,
    touch,
    look,
    dismiss: async (id) => {
      const left = await book.dismiss(id);
      if (left === undefined) return false;
      show(left);
      return true;
    },
    diskWasFull: (owner) => {
      diskRefused.add(owner);
      touch();
    },
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
