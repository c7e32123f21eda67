import type { Async } from '../../../shared/async.ts';
import type { DenialCode } from '../../../shared/denial.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import type { AllocateRequest, AnyReason } from '../../../shared/model/allocate.ts';
import { addedPromise } from '../../../shared/model/plot.ts';
import type { AccountEvidence, AccountPlace } from '../../../shared/policy/grounds/account.ts';
import { BYTES_MAX } from '../../../shared/units.ts';
import { accountId } from '../../../shared/wire/accounts.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Witness } from '../ledger/witnesses.ts';
import type { Clock } from '../ports.ts';
import type { AccountGathered, HostedBook } from './hosted-book.ts';
import { KEEPER_MS, type KeeperCalls, type Miss } from './keeper-calls.ts';
import { flawOf, readTicket } from './ticket.ts';

/**
 * Finds out whether an account covers a request: a ticket says it by itself, otherwise its keeper is asked to set the bytes
 * aside. Who he is stands in the owner's policy and in the books of friends; what a request says of a keeper's address
 * is never used (reference §10, 10).
 */
export function createAccountWitness({
  me,
  friends,
  hosted,
  calls,
  newId,
  clock,
}: {
  readonly me: { readonly owner: OwnerId; readonly device: DeviceId };
  readonly friends: Pick<FriendRegistry, 'byDevice'>;
  readonly hosted: Async<Pick<HostedBook, 'begin' | 'refused' | 'isSpent' | 'placeOf'>>;
  readonly calls: Pick<KeeperCalls, 'reserve'>;
  /** 128 random bits in base64url. */
  readonly newId: () => string;
  readonly clock: Clock;
}): Witness {
  type Asked = {
    readonly owner: OwnerId;
    readonly request: AllocateRequest;
    readonly isQuote: boolean;
    readonly bytes: bigint;
    readonly begun: string[];
    readonly signal: AbortSignal;
  };

  function keeperOf({ server }: AccountReason): OwnerId | undefined {
    if (server.device === me.device) return me.owner;
    return friends.byDevice(server.device)?.owner;
  }

  async function byTicket(
    { owner, request, isQuote }: Asked,
    place: AccountPlace,
    text: string,
  ): Promise<AccountEvidence> {
    const { device, account } = place;
    const ticket = readTicket(text, device);
    if (ticket === undefined) return refused('ticket-bad');
    const at = { device: me.device, member: owner, account, request, nowMs: clock.nowMs() };
    const flaw = flawOf(ticket, at);
    if (flaw !== undefined) return refused(flaw);
    const { jti, bytes, durationS: maxS } = ticket;
    if (isQuote && (await hosted.isSpent({ device, jti }))) return refused('ticket-replayed');
    return { ...place, type: 'ticket', promise: jti, bytes, maxS, others: [] };
  }

  async function byKeeper(
    asked: Asked,
    place: AccountPlace,
  ): Promise<AccountEvidence | 'answered'> {
    const { owner, request, isQuote, bytes, begun, signal } = asked;
    const { device, account } = place;
    const id = newId();
    if (!isQuote) {
      const { requestId } = request;
      const call = { id, place, owner, requestId, nowMs: clock.nowMs() };
      const state = await hosted.begin(call);
      if (state === 'answered') return state;
      if (state === 'full') return refused('account-server-unreachable');
      begun.push(id);
    }
    const ask = { reservation: id, account, member: owner, bytes };
    const said = await calls.reserve(device, isQuote ? { ...ask, quote: true } : ask, signal);
    if (said.ok) {
      const { plan: planBytes, charged: chargedBytes } = said.value;
      if (isQuote) return { type: 'room', planBytes, chargedBytes, isQuote };
      const others = begun.filter((other) => other !== id);
      return { ...place, type: 'reserved', promise: id, bytes, maxS: ENDLESS_S, others };
    }
    // Whatever was not heard may have been done.
    if (!isQuote && said.fault.code !== 'account-server-unreachable') await hosted.refused(id);
    return evidenceOf(said.fault, isQuote);
  }

  return {
    kind: 'account',
    gather: async ({
      owner,
      request,
      why,
      ground,
      isQuote,
    }): Promise<AccountGathered | undefined> => {
      if (request === undefined || ground.kind !== 'account') return undefined;
      const present = request.plot === undefined ? undefined : await hosted.placeOf(request.plot);
      const asked: Asked = {
        owner,
        request,
        isQuote,
        bytes: addedPromise(request.size, present?.sizeBytes),
        begun: [],
        signal: AbortSignal.timeout(KEEPER_MS),
      };
      // With its working room it is no number any more that could be said to anybody.
      if (asked.bytes > BYTES_MAX) return { evidence: refused('bad-size'), begun: [] };
      let nearest: AccountEvidence = refused('keeper-unknown');
      const silent = new Set<DeviceId>();
      for (const reason of ticketsFirst(why)) {
        const keeper = keeperOf(reason);
        const { device } = reason.server;
        // Whoever did not answer about one account is not waited for about the next.
        if (keeper === undefined || !ground.keepers.includes(keeper) || silent.has(device))
          continue;
        const { account } = reason;
        // A plot stays on its account; and no keeper has one with such a name.
        const isOne =
          accountId.safeParse(account).success &&
          (request.plot === undefined || isPlace(present, { device, account }));
        const place = { keeper, device, account };
        const said = isOne
          ? await (reason.ticket === undefined
              ? byKeeper(asked, place)
              : byTicket(asked, place, reason.ticket))
          : refused('account-unknown');
        if (said === 'answered') return undefined;
        if (said.type === 'reserved' || said.type === 'ticket')
          return { evidence: said, begun: asked.begun };
        if (said.type === 'refused' && said.code === 'account-server-unreachable')
          silent.add(device);
        if (nearness(said) > nearness(nearest)) nearest = said;
      }
      return { evidence: nearest, begun: asked.begun };
    },
  };
}

type AccountReason = Extract<AnyReason, { readonly kind: 'account' }>;

/** The keeper says how much, never for how long. */
const ENDLESS_S = Number.MAX_SAFE_INTEGER;

function ticketsFirst(why: readonly AnyReason[]): readonly AccountReason[] {
  const reasons = why.filter((reason): reason is AccountReason => reason.kind === 'account');
  return reasons.toSorted(
    (one, other) => Number(other.ticket !== undefined) - Number(one.ticket !== undefined),
  );
}

function isPlace(
  present: Pick<AccountPlace, 'device' | 'account'> | undefined,
  { device, account }: Pick<AccountPlace, 'device' | 'account'>,
): boolean {
  return present?.device === device && present.account === account;
}

function refused(code: DenialCode): AccountEvidence {
  return { type: 'refused', code };
}

function evidenceOf(miss: Miss, isQuote: boolean): AccountEvidence {
  if (miss.code !== 'account-over-plan') return refused(miss.code);
  const { planBytes, chargedBytes } = miss;
  return { type: 'room', planBytes, chargedBytes, isQuote };
}

/** Of several refusals the one that could most easily become a yes is told. */
const NEARNESS: Readonly<Partial<Record<DenialCode, number>>> = {
  'account-server-unreachable': 5,
  'ticket-expired': 4,
  'ticket-replayed': 4,
  'ticket-bad': 4,
  'account-closed': 3,
  'account-unknown': 2,
};

function nearness(evidence: AccountEvidence): number {
  if (evidence.type === 'room') return 6;
  return evidence.type === 'refused' ? (NEARNESS[evidence.code] ?? 0) : 7;
}
