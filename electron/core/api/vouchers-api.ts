import type { Api } from '../../../shared/contract/api.ts';
import type { NamedOwner } from '../../../shared/contract/household-views.ts';
import { plain } from '../../../shared/contract/plain.ts';
import type {
  GuestView,
  HeldVoucherView,
  IssuedVoucherView,
  VouchersView,
} from '../../../shared/contract/voucher-views.ts';
import type { Fault } from '../../../shared/fault.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { ownerId } from '../../../shared/model/ids.ts';
import { ok, type Result } from '../../../shared/result.ts';
import type { HeldVoucher, IssuedVoucher } from '../vouchers/voucher-book.ts';
import type { CoreParts } from './core-parts.ts';
import { findPerson } from './friends/find-person.ts';
import { ownerName } from './people.ts';

type VouchersApi = Pick<
  Api,
  'vouchers.list' | 'vouchers.issue' | 'vouchers.withdraw' | 'vouchers.take'
>;

/** What doors can ask about introductions and guests. */
export function vouchersApi(parts: CoreParts): VouchersApi {
  const { friends, introductions } = parts;
  return {
    'vouchers.list': async () => ok(await vouchersView(parts)),
    'vouchers.issue': async ({ host, newcomer, bytes, days, delegable = false }) => {
      const at = findPerson(friends, host);
      if (!at.ok) return at;
      const who = ownerOf(parts, newcomer);
      if (!who.ok) return who;
      const wish = { host: at.value, newcomer: who.value, bytes, days, delegable };
      const issued = await introductions.issue(wish);
      if (!issued.ok) return issued;
      const { voucher, text } = issued.value;
      return ok({ voucher: issuedView(parts, voucher), text });
    },
    'vouchers.withdraw': async ({ id }) => {
      const withdrawn = await introductions.withdraw(id);
      return withdrawn.ok ? ok(issuedView(parts, withdrawn.value)) : withdrawn;
    },
    'vouchers.take': async ({ text, size }) => {
      const answered = await introductions.take(text, size);
      return answered.ok ? ok(plain(answered.value)) : answered;
    },
  };
}

/** A friend, somebody who is here already, or a stranger by the id that his own program shows. */
function ownerOf({ friends }: CoreParts, text: string): Result<OwnerId, Fault> {
  const id = ownerId.safeParse(text.trim().toLowerCase()).data;
  if (id !== undefined) return ok(id);
  const found = findPerson(friends, text);
  return found.ok ? ok(found.value.owner) : found;
}

export async function vouchersView(parts: CoreParts): Promise<VouchersView> {
  const [issued, held, holdings] = await Promise.all([
    parts.vouchers.issued(),
    parts.vouchers.held(),
    parts.holdings.holdings(),
  ]);
  const mine = new Set(holdings.map(({ plot }) => plot));
  return {
    issued: issued.map((voucher) => issuedView(parts, voucher)),
    held: held.map(({ plots, ...voucher }) =>
      heldView(parts, { ...voucher, plots: plots.filter((plot) => mine.has(plot)) }),
    ),
    guests: await guestViews(parts),
  };
}

function named(parts: CoreParts, owner: OwnerId): NamedOwner {
  return { owner, name: ownerName(parts, owner) };
}

function issuedView(parts: CoreParts, voucher: IssuedVoucher): IssuedVoucherView {
  const { id, host, newcomer, bytes, untilMs, usedBytes, withdrawnMs, told } = voucher;
  const isOver = untilMs <= parts.clock.nowMs();
  return {
    id,
    host: named(parts, host),
    newcomer: named(parts, newcomer),
    bytes: `${bytes}`,
    untilMs,
    usedBytes: usedBytes === undefined ? null : `${usedBytes}`,
    state: withdrawnMs !== undefined ? 'withdrawn' : isOver ? 'expired' : 'open',
    told,
  };
}

function heldView(parts: CoreParts, voucher: HeldVoucher): HeldVoucherView {
  const { id, host, introducer, introducerName, bytes, untilMs, plots } = voucher;
  const isKnown = parts.friends.person(introducer) !== undefined;
  return {
    id,
    host: named(parts, host),
    introducer: isKnown ? named(parts, introducer) : { owner: introducer, name: introducerName },
    bytes: `${bytes}`,
    untilMs,
    plots,
  };
}

async function guestViews(parts: CoreParts): Promise<readonly GuestView[]> {
  const guests = new Map(parts.friends.others().map((each) => [each.owner, each]));
  if (guests.size === 0) return [];
  const [rows, introducers, ended] = await Promise.all([
    parts.ledger.plots({ moment: parts.moment() }),
    parts.vouchers.introducers(),
    parts.vouchers.ended(),
  ]);
  const ending = new Set(ended);
  const by = new Map(introducers.map(({ plot, introducer }) => [plot, introducer]));
  return rows.flatMap((row): GuestView[] => {
    const guest = guests.get(row.owner);
    if (guest === undefined) return [];
    const introducer = by.get(row.plot);
    return [
      {
        ...named(parts, row.owner),
        introducer: introducer === undefined ? null : named(parts, introducer),
        ground: row.ground,
        plot: row.plot,
        promisedBytes: `${row.promisedBytes}`,
        writtenBytes: `${row.writtenBytes}`,
        leftS: row.leftS,
        blocked: guest.blocked,
        ends: ending.has(row.owner),
      },
    ];
  });
}
