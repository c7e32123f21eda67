import type { OwnerId } from '../../../shared/ids.ts';
import type { Sql } from '../database/open-database.ts';
import type { Ledger, PreviewBook, PreviewRow } from './ledger.ts';

/**
 * "What if": the offer or a policy is really changed, everybody's share is worked out by the code that
 * always does, and the savepoint is taken back. So a preview can't differ from what it announces.
 */
export function openPreview(
  sql: Sql,
  book: Pick<Ledger, 'offer' | 'setOffer' | 'setPolicy' | 'share'>,
): PreviewBook {
  const readFriends = sql.prepare<[], { owner: OwnerId; promised: bigint }>(
    `SELECT owner, (SELECT coalesce(sum(promised), 0) FROM usage WHERE usage.owner = friends.owner) AS promised
     FROM friends WHERE departed = 0 AND relation = 'friend' ORDER BY since_ms, owner`,
  );

  function change({ owner, policy, offerBytes }: Parameters<PreviewBook['preview']>[0]): void {
    const offer = book.offer();
    if (offer !== undefined && offerBytes !== undefined) book.setOffer({ ...offer, offerBytes });
    // The default can be another one, but there always is one.
    if (policy !== undefined && (policy !== null || owner !== undefined))
      book.setPolicy({ owner, policy: policy ?? undefined });
  }

  return {
    preview: (call) => {
      const { disk } = call;
      const before = readFriends.all().map(({ owner, promised }) => {
        const { shareBytes, lentBytes = 0n } = book.share({ owner, disk });
        return { owner, promisedBytes: promised, presentShareBytes: shareBytes, lentBytes };
      });
      sql.exec('SAVEPOINT preview');
      try {
        change(call);
        return before.map((friend): PreviewRow => {
          const wished = book.share({ owner: friend.owner, disk });
          const { shareBytes, mayAskBytes, mayBorrowBytes = 0n } = wished;
          return { ...friend, shareBytes, mayAskBytes, mayBorrowBytes };
        });
      } finally {
        sql.exec('ROLLBACK TO preview');
        sql.exec('RELEASE preview');
      }
    },
  };
}
