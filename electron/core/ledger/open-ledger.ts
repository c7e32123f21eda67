import type { Sql } from '../database/open-database.ts';
import { openDamageBook } from './damage-book.ts';
import { type Minting, openDecisionBook } from './decision-book.ts';
import { openDecisionLog } from './decision-log.ts';
import { type GroundBook, groundBooks } from './ground-book.ts';
import type { Ledger } from './ledger.ts';
import { openHonour } from './honour.ts';
import { openLending } from './lending.ts';
import { openOverShare } from './over-share.ts';
import { openPaperBook } from './paper-book.ts';
import { openPlotBook } from './plot-book.ts';
import { openPolicyBook } from './policy-book.ts';
import { openPreview } from './preview.ts';
import { openRaisePromise } from './raise-promise.ts';
import { openRenewals } from './renewals.ts';
import { openTrashBook } from './trash-book.ts';
import { openUpkeepBook } from './upkeep-book.ts';
import { openUploadBook } from './upload-book.ts';
import { openUseBook } from './use-book.ts';
import { openWaitingBook } from './waiting-book.ts';

/** The ledger over an open database. Every method expects to run inside a transaction of its caller. */
export function openLedger(
  sql: Sql,
  minting: Minting,
  /** The books behind grounds that rest on more than sizes. */
  books: readonly GroundBook[] = [],
): Ledger {
  const grounds = groundBooks(books);
  const waiting = openWaitingBook(sql);
  const lending = openLending(sql, waiting);
  const standing = openPolicyBook(sql, waiting, grounds);
  const log = openDecisionLog(sql);
  const { offer, setOffer, policy, setPolicy, totals, pause, setPause } = standing;
  const overShare = openOverShare(sql);
  const decisions = openDecisionBook(sql, { standing, log, waiting, minting, grounds, overShare });
  const common = { standing, log, waiting, overShare, grounds };
  const renewals = openRenewals(sql, { ...common, lending, minting });
  const { renew } = renewals;
  const { forget, ...upkeep } = openUpkeepBook(sql, { standing, overShare, renew });
  const raise = openRaisePromise(sql, log);
  const { forget: forgetPapers, ...papers } = openPaperBook(sql, { standing, raise });
  const { book: trashBook, trash } = openTrashBook(sql, { log, grounds });
  return {
    ...decisions,
    ...openPreview(sql, { offer, setOffer, setPolicy, share: decisions.share }),
    ...openPlotBook(sql, {
      ...common,
      renewals,
      forget: (moment) => {
        forget(moment);
        trash.settle(moment);
      },
      emptied: (plot) => {
        forgetPapers(plot);
        trash.clear(plot);
      },
    }),
    ...trashBook,
    ...openDamageBook(sql),
    ...papers,
    ...upkeep,
    renew,
    ...openUseBook(sql),
    ...openUploadBook(sql, { standing, raise, trash, grounds }),
    decisions: log.decisions,
    offer,
    setOffer,
    policy,
    setPolicy,
    ...openHonour({ policy, setPolicy }),
    totals,
    pause,
    setPause,
  };
}
