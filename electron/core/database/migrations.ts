import { ledger } from './migrations/0001-ledger.ts';
import { guest } from './migrations/0002-guest.ts';
import { usage } from './migrations/0003-usage.ts';
import { notices } from './migrations/0004-notices.ts';
import { nearness } from './migrations/0005-nearness.ts';
import { lending } from './migrations/0006-lending.ts';
import { grounds } from './migrations/0007-grounds.ts';
import { accounts } from './migrations/0008-accounts.ts';
import { barter } from './migrations/0009-barter.ts';
import { vouchers } from './migrations/0010-vouchers.ts';
import { upkeep } from './migrations/0011-upkeep.ts';
import { orders } from './migrations/0012-orders.ts';
import { scale } from './migrations/0013-scale.ts';
import { notice } from './migrations/0014-notice.ts';
import { backups } from './migrations/0015-backups.ts';
import { trash } from './migrations/0016-trash.ts';
import { recovery } from './migrations/0017-recovery.ts';
import { answers } from './migrations/0018-answers.ts';
import { snapshots } from './migrations/0019-snapshots.ts';
import { seen } from './migrations/0020-seen.ts';
import { crowds } from './migrations/0021-crowds.ts';
import { heldBack } from './migrations/0022-held-back.ts';
import { openings } from './migrations/0023-openings.ts';

/**
 * The schema's history, in order; the number of a migration is its place here. An applied one is
 * never edited, a change is a new one at the end.
 */
export const migrations: readonly string[] = [
  ledger,
  guest,
  usage,
  notices,
  nearness,
  lending,
  grounds,
  accounts,
  barter,
  vouchers,
  upkeep,
  orders,
  scale,
  notice,
  backups,
  trash,
  recovery,
  answers,
  snapshots,
  seen,
  crowds,
  heldBack,
  openings,
];
