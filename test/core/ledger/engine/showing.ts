import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { Link } from '../../../../electron/core/vouchers/voucher.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import type { AllocateRequest } from '../../../../shared/model/allocate.ts';
import type { AccountEvidence } from '../../../../shared/policy/grounds/account.ts';
import { DAY_S, GB, MB } from '../../../../shared/units.ts';
import { testPlotId } from '../../../fakes/test-ledger.ts';
import { DEVICE, HOST, newPromise } from './books.ts';
import type { ModelAsk, ModelLink, Shown } from './model-types.ts';
import {
  ACCOUNT,
  AS_HOST,
  type Chain,
  FRIENDS,
  KEEPER,
  KEEPER_DEVICE,
  type Stage,
  statementOf,
} from './stage.ts';

const PLACE = { keeper: KEEPER, device: KEEPER_DEVICE, account: ACCOUNT };

/** What a request shows for itself besides notes: the word of a keeper, an introduction. */
export function createShowing(stage: Stage) {
  const {
    chance,
    pick,
    random,
    next,
    note,
    seed,
    reference,
    model,
    household,
    keeper,
    call,
    vouchers,
  } = stage;

  const ticketed = new Set<string>();

  /** Asks the keeper as the witness would; what comes of it, and whether the host may rely on it. */
  function atKeeper(
    { owner, grows, size, wantS }: ModelAsk,
    request: AllocateRequest,
  ): { evidence: AccountEvidence; begun: readonly string[]; shown: Shown['account'] } {
    const bytes = reference.addedBytes({ size, grows });
    const no = { type: 'refused', code: 'account-server-unreachable' } as const;
    const unheard = { bytes: -1n, maxS: 0, isForGood: false } as const;
    const ticket = chance(5) ? pick([...household.tickets.entries()]) : undefined;
    if (ticket !== undefined && ticket[1].untilMs >= model.nowMs) {
      // One from before: for less, for more, or spent long ago.
      const [promise, { bytes: covers, maxS, spent }] = ticket;
      const evidence = {
        ...PLACE,
        type: 'ticket',
        promise,
        bytes: covers,
        maxS,
        others: [],
      } as const;
      note(spent ? 'a used ticket' : 'a ticket');
      return {
        evidence,
        begun: [],
        shown: spent ? unheard : { bytes: covers, maxS, isForGood: false },
      };
    }
    // One request has one ticket, however often it is asked about.
    if (!ticketed.has(request.requestId) && chance(5)) {
      ticketed.add(request.requestId);
      const jti = newPromise();
      const issued = keeper.book.issue({
        v: 1,
        keeper: KEEPER_DEVICE,
        member: owner,
        account: ACCOUNT,
        host: HOST,
        device: DEVICE,
        requestId: request.requestId,
        requestHash: 'h'.repeat(43),
        bytes,
        durationS: wantS,
        newJti: jti,
        atMs: model.nowMs,
      });
      expect(issued.ok).toBe(household.reserve(jti, owner, bytes));
      if (!issued.ok) return { evidence: no, begun: [], shown: unheard };
      household.tickets.set(jti, {
        bytes,
        maxS: wantS,
        untilMs: issued.value.untilMs,
        spent: false,
      });
      const evidence = {
        ...PLACE,
        type: 'ticket',
        promise: jti,
        bytes,
        maxS: wantS,
        others: [],
      } as const;
      note('a ticket');
      return { evidence, begun: [], shown: { bytes, maxS: wantS, isForGood: false } };
    }
    const id = newPromise();
    call(({ hosted }) =>
      hosted.begin({ id, place: PLACE, owner, requestId: request.requestId, nowMs: model.nowMs }),
    );
    household.intents.set(id, model.nowMs);
    if (chance(8)) return { evidence: no, begun: [id], shown: unheard };
    const ask = { v: 1 as const, reservation: id, account: ACCOUNT, member: owner, bytes };
    const said = keeper.book.reserve({ ...ask, from: AS_HOST, atMs: model.nowMs });
    expect(said.ok).toBe(household.reserve(id, owner, bytes));
    if (chance(8)) keeper.book.reserve({ ...ask, from: AS_HOST, atMs: model.nowMs });
    if (chance(8)) return { evidence: no, begun: [id], shown: unheard };
    if (!said.ok) {
      note('beyond the plan');
      call(({ hosted }) => hosted.refused(id));
      household.intents.delete(id);
      const { code } = said.fault;
      if (code === 'account-over-plan') {
        // How much it would be the keeper says, and nothing is set aside.
        const planBytes = household.plan;
        const chargedBytes = household.openBytes() + household.heldBytes();
        const room = { type: 'room', planBytes, chargedBytes, isQuote: false } as const;
        const leftBytes = planBytes - chargedBytes;
        return { evidence: room, begun: [], shown: { ...unheard, leftBytes } };
      }
      const shown = { ...unheard, isForGood: true };
      return { evidence: { type: 'refused', code }, begun: [], shown };
    }
    const evidence = {
      ...PLACE,
      type: 'reserved',
      promise: id,
      bytes,
      maxS: 1e12,
      others: [],
    } as const;
    return { evidence, begun: [id], shown: { bytes, maxS: 1e12, isForGood: false } };
  }

  function aChain(owner: OwnerId): Chain | undefined {
    const own = vouchers.filter((chain) => chain.at(-1)?.newcomer === owner);
    if (own.length > 0 && !chance(3)) return pick(own);
    const above = pick(vouchers.filter((chain) => chain.length < 3 && goesOn(chain, owner)));
    const introducer = pick(FRIENDS.filter((each) => each !== owner));
    if (introducer === undefined) return undefined;
    const parent = above?.at(-1);
    const most = parent?.bytes ?? 8n * GB;
    const bytes = BigInt(1 + random(80)) * 100n * MB;
    const untilMs = model.nowMs + (1 + random(60)) * DAY_S * 1000;
    const link = {
      hash: createHash('sha256').update(`${seed} voucher ${next()}`).digest('base64url'),
      id: testPlotId(next()),
      introducer: parent?.newcomer ?? introducer,
      newcomer: owner,
      bytes: bytes < most ? bytes : most,
      untilMs: Math.min(untilMs, parent?.untilMs ?? untilMs),
      ...(parent === undefined ? {} : { parent: parent.hash }),
    };
    const chain = [...(above ?? []), link];
    vouchers.push(chain);
    return chain;
  }
  return { atKeeper, aChain };
}

function goesOn(chain: readonly ModelLink[], owner: OwnerId): boolean {
  return chain.every((each) => each.introducer !== owner && each.newcomer !== owner);
}
export const toLinks = (chain: Chain): readonly Link[] =>
  chain.map((link) => ({
    ...link,
    host: HOST,
    delegable: true,
    statement: statementOf(link.introducer),
  }));
