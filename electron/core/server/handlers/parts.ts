import type { DenialCode } from '../../../../shared/denial.ts';
import type { Async } from '../../../../shared/async.ts';
import type { DeviceId, PlotId } from '../../../../shared/ids.ts';
import type { MachineKind } from '../../../../shared/model/machine.ts';
import type { Moment } from '../../../../shared/model/moment.ts';
import type { News } from '../../../../shared/wire/messages.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';
import type { PairingTable } from '../../friends/pairing-table.ts';
import type { Identity } from '../../identity/identity.ts';
import type { DiskFacts, Ledger } from '../../ledger/ledger.ts';
import type { Witnesses } from '../../ledger/witnesses.ts';
import type { AccountDesk } from '../../accounts/desk.ts';
import type { OrderDoor } from '../../barter/orders/order-door.ts';
import type { BarterDesk } from './mint.ts';
import type { Examine } from '../../plots/examine.ts';
import type { GuestBook } from '../../vouchers/guest-book.ts';
import type { VoucherBook } from '../../vouchers/voucher-book.ts';
import type { Clock } from '../../ports.ts';
import type { ServerLimits } from '../limits.ts';

/** What the handlers work with. */
export type Parts = {
  readonly identity: Pick<Identity, 'owner' | 'device' | 'statement'>;
  readonly name: () => string;
  readonly kind: () => MachineKind;
  readonly friends: FriendRegistry;
  readonly pairings: PairingTable;
  /** Resolves when whoever was paired is written down. */
  readonly kept: (pairing: string) => Promise<void>;
  readonly ledger: Async<Ledger>;
  /** Asked before a request is decided that gives a reason of theirs. */
  readonly witnesses: Witnesses;
  /** What this device keeps for a household's members. */
  readonly accounts: AccountDesk;
  /** This device's mint and purse. */
  readonly barter: BarterDesk;
  readonly orders: OrderDoor;
  /** Where strangers who are spoken for become guests. */
  readonly guests: Pick<Async<GuestBook>, 'admit'>;
  readonly vouchers: Pick<Async<VoucherBook>, 'takeBack' | 'vouchedBy'>;
  readonly moment: () => Moment;
  readonly disk: () => Promise<DiskFacts>;
  /** Reads objects again that a guest found damaged. */
  readonly examine: Examine;
  /** A plot was let go: its bytes can come off the disk. */
  readonly onReleased: (plot: PlotId) => void;
  /** News of a friend's device; the answer is ours for it. `address`: where the call came from. */
  readonly onNews: (device: DeviceId, news: News, address: string) => Promise<News | DenialCode>;
  readonly limits: ServerLimits;
  readonly clock: Clock;
};
