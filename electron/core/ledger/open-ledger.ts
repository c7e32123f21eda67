import type { Sql } from '../database/open-database.ts';
import { type Minting, openDecisionBook } from './decision-book.ts';
import { openDecisionLog } from './decision-log.ts';
import type { Ledger } from './ledger.ts';
import { openLending } from './lending.ts';
import { openPlotBook } from './plot-book.ts';
import { openPolicyBook } from './policy-book.ts';
import { openPreview } from './preview.ts';
import { openUploadBook } from './upload-book.ts';
import { openWaitingBook } from './waiting-book.ts';

/** The ledger over an open database. Every method expects to run inside a transaction of its caller. */
export function openLedger(sql: Sql, minting: Minting): Ledger {
  const waiting = openWaitingBook(sql);
  const lending = openLending(sql, waiting);
  const standing = openPolicyBook(sql, waiting);
  const log = openDecisionLog(sql);
  const { offer, setOffer, policy, setPolicy, totals, pause, setPause } = standing;
  const decisions = openDecisionBook(sql, { standing, log, waiting, minting });
  return {
    ...decisions,
    ...openPreview(sql, { offer, setOffer, setPolicy, share: decisions.share }),
    ...openPlotBook(sql, { standing, log, waiting, lending, minting }),
    ...openUploadBook(sql, { standing, log }),
    decisions: log.decisions,
    offer,
    setOffer,
    policy,
    setPolicy,
    totals,
    pause,
    setPause,
  };
}
