import { expect } from 'vitest';
import { failed, ok } from '../../../../shared/result.ts';
import type { AllocateRequest, Answer, AnyReason } from '../../../../shared/model/allocate.ts';
import type { Ground } from '../../../../shared/model/policy.ts';
import { DAY_S, GB } from '../../../../shared/units.ts';
import { hashOf, testRequest } from '../../../fakes/test-ledger.ts';
import { HOST } from './books.ts';
import {
  type Brought,
  type ModelAsk,
  type ModelNote,
  promiseOf,
  type Verdict,
} from './model-types.ts';
import { createShowing, toLinks } from './showing.ts';
import {
  ACCOUNT,
  type Chain,
  FRIENDS,
  KEEPER_DEVICE,
  type Stage,
  statementOf,
  STRANGERS,
} from './stage.ts';

/** More open wishes of one friend at once are no wishes. */
const WAITING_MOST = 8;
const UNHEARD = { bytes: -1n, maxS: 0, isForGood: false } as const;

export type Asking = ReturnType<typeof createAsking>;
type Means = {
  readonly notes: readonly ModelNote[];
  readonly chain: Chain | undefined;
  readonly onAccount: boolean;
};

/** Requests: of friends and strangers, for new plots and larger ones, on whatever speaks for them. */
export function createAsking(stage: Stage) {
  const { chance, pick, random, note, crashes, reference, model, household, engine, call } = stage;
  const { moment, disk, someNotes, checked } = stage;
  const { atKeeper, aChain } = createShowing(stage);

  function ask(): void {
    const stranger = chance(6) ? pick(STRANGERS) : undefined;
    const owner = stranger ?? pick(FRIENDS) ?? HOST;
    if (stranger === undefined && reference.relation(owner) !== 'friend') return;
    const own = reference.alive(owner);
    const grows = own.length > 0 && chance(4) ? pick(own) : undefined;
    const accept = chance(2) ? 'borrowed' : 'guaranteed';
    const size = BigInt(1 + random(100)) * (GB / 10n);
    const wantS = (1 + random(accept === 'borrowed' || grows !== undefined ? 9 : 35)) * DAY_S;
    // Often less, or not so long, will do.
    const [minSize, minS] = chance(3)
      ? [(size * BigInt(1 + random(10))) / 10n, (wantS * (1 + random(4))) / 4]
      : [size, wantS];
    const plain = { owner, size, wantS, minSize, minS, accept, grows, shown: {} } as const;
    const why: AnyReason[] = [];
    const request = testRequest(size, {
      accept,
      duration: minS === wantS ? { want: wantS } : { want: wantS, min: minS },
      ...(minSize === size ? {} : { minSize }),
      why,
      ...(grows === undefined ? {} : { plot: grows.plot }),
    });
    const shows = (kind: Ground['kind'], oneIn: number) =>
      (grows === undefined || grows.ground === kind) && chance(grows === undefined ? oneIn : 1);
    const notes = shows('notes', 3) ? someNotes(reference.price(plain)) : [];
    if (notes.length > 0) why.push({ kind: 'notes', notes: ['note'] });
    const chain = shows('voucher', stranger === undefined ? 8 : 2) ? aChain(owner) : undefined;
    if (chain !== undefined) why.push({ kind: 'voucher', chain: ['chain'] });
    const onAccount = stranger === undefined && shows('account', 3);
    if (onAccount)
      why.push({
        kind: 'account',
        server: { device: KEEPER_DEVICE, addresses: [] },
        account: ACCOUNT,
      });
    const gather = () => bring(plain, request, { notes, chain, onAccount });
    const brought = gather();
    if (onAccount && chance(15)) return note('never decided');
    const bodyHash = hashOf(request);
    const input = {
      owner,
      request,
      bodyHash,
      gathered: brought.gathered,
      moment: moment(),
      disk: disk(),
    };
    const isStranger = reference.relation(owner) === 'gone' && stranger !== undefined;
    const quoted = isStranger ? undefined : engine.books().ledger.quote(input).answer;
    const offered =
      quoted?.type === 'counter' && !onAccount
        ? engine.books().ledger.quote({ ...input, request: toOffer(request, quoted.offer) }).answer
        : undefined;
    const inside = crashes.inside;
    const person = model.people.get(owner);
    const isRepeatable = !onAccount;
    const answer = brought.during(() =>
      isStranger
        ? call(
            ({ guests }) =>
              guests.admit({
                name: 'a stranger',
                statement: statementOf(owner),
                signed: { signed: '', signature: '' },
                ...input,
              })?.answer,
            isRepeatable,
          )
        : call(({ ledger }) => ledger.allocate(input).answer, isRepeatable),
    );
    const asked: ModelAsk = { ...plain, shown: brought.shown() };
    if (isStranger && person !== undefined) person.relation = 'guest';
    const verdict = reference.judge(asked);
    const waits = verdict.type === 'queue' || verdict.type === 'owner-approval';
    if (isStranger && verdict.type !== 'granted' && !waits && person !== undefined)
      person.relation = 'gone';
    const others = model.waiting.filter((each) => each.ask.owner === owner);
    const isCrowded =
      waits &&
      (others.length >= WAITING_MOST ||
        (verdict.type === 'queue' && others.some((each) => each.why === 'queue')));
    expect(said(answer), `${owner} asks`).toBe(isCrowded ? 'too-many-waiting' : wordOf(verdict));
    // A quote says what comes, and what is offered instead is to be had; on an account it would be set aside first.
    if (quoted !== undefined && crashes.inside === inside) {
      expect(said(quoted)).toBe(wordOf(verdict));
      if (offered !== undefined)
        expect(['granted', 'pending'], 'as offered').toContain(offered.type);
    }
    brought.done(verdict);
    follow(asked, verdict, answer);
    if (answer?.type === 'pending')
      model.waiting.push({
        ticket: answer.ticket,
        ask: { ...asked, shown: {} },
        gather,
        why: answer.why === 'queue' ? 'queue' : 'owner-approval',
        approved: undefined,
        wanted: reference.addedBytes(asked),
        sinceS: model.nowS,
        polledS: model.nowS,
        scarce: false,
      });
    // The same again is the same answer, and takes nothing twice.
    if (!isStranger && !onAccount && chance(4))
      expect(said(call(({ ledger }) => ledger.allocate(input).answer))).toBe(said(answer));
  }

  /** What speaks for a request as it is now: notes that may be spent, a chain that may be over, a keeper who is asked anew. */
  function bring(
    plain: ModelAsk,
    request: AllocateRequest,
    { notes, chain, onAccount }: Means,
  ): Brought {
    const isOver = chain !== undefined && (chain.at(-1)?.untilMs ?? 0) <= model.nowMs;
    const before = { ...crashes };
    const account = onAccount ? atKeeper(plain, request) : undefined;
    // What was begun before the program ended is given back when it starts.
    let isLost = false;
    return {
      gathered: {
        ...(notes.length === 0 ? {} : { notes: checked(notes) }),
        ...(chain === undefined
          ? {}
          : { voucher: [isOver ? failed('voucher-expired' as const) : ok(toLinks(chain))] }),
        ...(account === undefined
          ? {}
          : { account: { evidence: account.evidence, begun: account.begun } }),
      },
      during: (act) => {
        const isGivenBack = crashes.after > before.after;
        const { inside } = crashes;
        const answer = act();
        isLost = isGivenBack || crashes.inside > inside;
        return answer;
      },
      shown: () => ({
        notes,
        ...(chain === undefined || isOver ? {} : { chain }),
        ...(account?.shown === undefined
          ? {}
          : { account: isLost && account.begun.length > 0 ? UNHEARD : account.shown }),
      }),
      done: (verdict) => {
        for (const id of account?.begun ?? []) household.intents.delete(id);
        if (account?.evidence.type !== 'ticket') return;
        if (verdict.type === 'granted' && verdict.ground === 'account')
          household.spend(account.evidence.promise);
      },
    };
  }

  function follow(asked: ModelAsk, verdict: Verdict, answer: Answer | undefined): void {
    note(verdict.type === 'granted' ? `${verdict.ground} ${verdict.class}` : verdict.type);
    if (verdict.type === 'counter') note(`counter ${verdict.size < asked.size ? 'size' : 'time'}`);
    // A stranger who is sent away leaves no trace.
    const isKnown = reference.relation(asked.owner) !== 'gone';
    if ((answer?.type === 'denied' || answer?.type === 'counter') && isKnown) {
      const code = answer.reasons[0]?.code;
      if (code === 'no-space' || code === 'over-share')
        model.refusals.push({ owner: asked.owner, size: asked.size, atMs: model.nowMs });
    }
    if (verdict.type !== 'granted' || answer?.type !== 'granted') return;
    const before = reference.introducerOf;
    const plot = reference.grant(asked, verdict, answer.plot);
    const keptS = Math.min(plot.untilS, plot.leavesS ?? plot.untilS);
    expect(answer.ttl).toBe(Math.max(0, keptS - model.nowS));
    expect(answer.class).toBe(plot.class);
    // I1 at the moment of every grant.
    expect(reference.freeBytesFor([])).toBeGreaterThanOrEqual(0n);
    // Nobody vouches for more than he may have himself.
    const introducer = before(plot);
    if (introducer !== undefined && plot.bears === 'fair-share')
      expect(reference.useOf(introducer, 'fair-share')).toBeLessThanOrEqual(
        reference.shareOf(introducer) + promiseOf(plot),
      );
  }

  return { ask, follow };
}

export function wordOf(verdict: Verdict): string {
  if (verdict.type === 'granted') return `granted ${verdict.class}`;
  if (verdict.type === 'counter') return `counter ${verdict.size} ${verdict.s} ${verdict.class}`;
  return verdict.type === 'gone' ? 'denied' : verdict.type;
}

export function said(answer: Answer | undefined): string {
  if (answer === undefined) return 'denied';
  if (answer.type === 'granted') return `granted ${answer.class}`;
  if (answer.type === 'pending') return answer.why;
  if (answer.type === 'counter')
    return `counter ${answer.offer.size} ${answer.offer.duration} ${answer.offer.class}`;
  const code = answer.type === 'denied' ? answer.reasons[0]?.code : undefined;
  return code === 'too-many-waiting' ? code : answer.type;
}

/** As much, for as long, as the host has offered instead, and nothing less. */
function toOffer(
  request: AllocateRequest,
  { size, duration: want }: { readonly size: bigint; readonly duration: number },
): AllocateRequest {
  const { minSize: _, ...rest } = request;
  return { ...rest, size, duration: { want } };
}
