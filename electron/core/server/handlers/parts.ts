import type { Async } from '../../../../shared/async.ts';
import type { PlotId } from '../../../../shared/ids.ts';
import type { Moment } from '../../../../shared/model/moment.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';
import type { PairingTable } from '../../friends/pairing-table.ts';
import type { Identity } from '../../identity/identity.ts';
import type { DiskFacts, Ledger } from '../../ledger/ledger.ts';
import type { ServerLimits } from '../limits.ts';

/** What the handlers work with. */
export type Parts = {
  readonly identity: Pick<Identity, 'owner' | 'device' | 'statement'>;
  readonly name: () => string;
  readonly friends: FriendRegistry;
  readonly pairings: PairingTable;
  readonly ledger: Async<Ledger>;
  readonly moment: () => Moment;
  readonly disk: () => Promise<DiskFacts>;
  /** A plot was let go: its bytes can come off the disk. */
  readonly onReleased: (plot: PlotId) => void;
  readonly limits: ServerLimits;
};
