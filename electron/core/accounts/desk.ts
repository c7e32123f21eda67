import type { Async } from '../../../shared/async.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type {
  ComparisonAnswer,
  ComparisonRequest,
  MemberAccounts,
  ReservationAnswer,
  ReservationRequest,
  Settlement,
  SettlementAnswer,
  TicketRequest,
} from '../../../shared/wire/accounts.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import { keyIn } from '../identity/device-key.ts';
import type { Identity } from '../identity/identity.ts';
import type { Clock } from '../ports.ts';
import type { Account, AccountBook } from './account-book.ts';
import { type Host, isClosed, type Refusal } from './charge-book.ts';
import { writeTicket } from './ticket.ts';

/** Where hosts and members come with what they have to say about accounts; who they are the server has made sure of. */
export type AccountDesk = {
  readonly look: (who: OwnerId) => Promise<MemberAccounts>;
  readonly reserve: (
    from: Host,
    ask: ReservationRequest,
  ) => Promise<Result<ReservationAnswer, Refusal>>;
  readonly ticket: (
    member: OwnerId,
    ask: TicketRequest,
  ) => Promise<Result<{ readonly ticket: string }, Refusal>>;
  readonly settle: (from: Host, items: readonly Settlement[]) => Promise<SettlementAnswer>;
  readonly compare: (from: Host, page: ComparisonRequest) => Promise<ComparisonAnswer>;
};

export function createAccountDesk({
  identity,
  book,
  friends,
  newId,
  clock,
  onChange,
}: {
  readonly identity: Pick<Identity, 'owner' | 'device' | 'certificatePem' | 'sign'>;
  readonly book: Async<AccountBook>;
  readonly friends: Pick<FriendRegistry, 'byDevice' | 'friend'>;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly onChange: () => void;
}): AccountDesk {
  const spki = keyIn(identity.certificatePem);

  function ownerOf(device: DeviceId): OwnerId | undefined {
    return device === identity.device ? identity.owner : friends.byDevice(device)?.owner;
  }

  function struckOff(host: OwnerId): readonly DeviceId[] {
    const devices = friends.friend(host)?.devices ?? [];
    return devices.filter(({ revoked }) => revoked).map(({ device }) => device);
  }

  return {
    look: async (who) => {
      const [accounts, countsHere] = await Promise.all([book.ofMember(who), book.countsAt(who)]);
      const nowMs = clock.nowMs();
      return { accounts: accounts.map((each) => toMember(each, nowMs)), countsHere };
    },
    reserve: async (from, ask) => {
      const reserved = await book.reserve({ ...ask, from, atMs: clock.nowMs() });
      if (reserved.ok && ask.quote !== true) onChange();
      return reserved;
    },
    ticket: async (member, ask) => {
      // For a device that this keeper doesn't know nobody could ever say what became of it.
      if (ownerOf(ask.device) !== ask.host) return failed({ code: 'account-unknown', params: {} });
      const keeper = identity.device;
      const call = { ...ask, keeper, member, newJti: newId(), atMs: clock.nowMs() };
      const issued = await book.issue(call);
      if (!issued.ok) return issued;
      onChange();
      return ok({ ticket: writeTicket(issued.value, { spki, sign: identity.sign }) });
    },
    settle: async (from, items) => {
      const settled = await book.settle({ from, items, atMs: clock.nowMs() });
      onChange();
      return settled;
    },
    compare: async (from, page) => {
      const answer = await book.compare({ ...page, from, atMs: clock.nowMs() });
      // What lay at a machine that another took the place of is told by that one, if it is there still.
      if (page.upTo === null) await book.gone(struckOff(from.owner));
      onChange();
      return answer;
    },
  };
}

function toMember(each: Account, nowMs: number): MemberAccounts['accounts'][number] {
  const { account, planBytes, untilMs, openBytes, heldBytes, hosts } = each;
  const closed = isClosed(each, nowMs);
  const charged = openBytes + heldBytes;
  const left = closed || charged > planBytes ? 0n : planBytes - charged;
  const end = untilMs === undefined ? {} : { untilMs };
  return { account, plan: planBytes, charged, left, closed, ...end, hosts: [...hosts] };
}
