import { expect } from 'vitest';
import { failed, ok } from '../../../../shared/result.ts';
import type { Answer, AnyReason } from '../../../../shared/model/allocate.ts';
import { BORROWED_GRACE_S, BORROWED_LEASE_S } from '../../../../shared/model/plot.ts';
import type { Ground } from '../../../../shared/model/policy.ts';
import { DAY_S, GB } from '../../../../shared/units.ts';
import { hashOf, testRequest } from '../../../fakes/test-ledger.ts';
import { HOST } from './books.ts';
import { type ModelAsk, promiseOf, type Shown, type Verdict, type Waiter } from './model-types.ts';
import { createShowing, toLinks } from './showing.ts';
import { ACCOUNT, FRIENDS, KEEPER_DEVICE, type Stage, statementOf, STRANGERS } from './stage.ts';
import { STEP_S } from './time.ts';

const BOUND_S = BORROWED_LEASE_S + BORROWED_GRACE_S + 2 * STEP_S;

/** Requests: of friends and strangers, for new plots and larger ones, on whatever speaks for them. */
export function createAsking(stage: Stage) {
  const {
    chance,
    pick,
    random,
    note,
    isSteady,
    crashes,
    reference,
    model,
    household,
    engine,
    call,
  } = stage;
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
    const wantS = (1 + random(accept === 'borrowed' || grows !== undefined ? 7 : 31)) * DAY_S;
    const plain = { owner, size, wantS, accept, grows, shown: {} } as const;
    const why: AnyReason[] = [];
    const request = testRequest(size, {
      accept,
      duration: { want: wantS },
      why,
      ...(grows === undefined ? {} : { plot: grows.plot }),
    });
    const shows = (kind: Ground['kind'], oneIn: number) =>
      (grows === undefined || grows.ground === kind) && chance(grows === undefined ? oneIn : 1);
    const notes = shows('notes', 3) ? someNotes(reference.price(plain)) : [];
    if (notes.length > 0) why.push({ kind: 'notes', notes: ['note'] });
    const chain = shows('voucher', stranger === undefined ? 8 : 2) ? aChain(owner) : undefined;
    if (chain !== undefined) why.push({ kind: 'voucher', chain: ['chain'] });
    const isOver = chain !== undefined && (chain.at(-1)?.untilMs ?? 0) <= model.nowMs;
    const before = crashes.after;
    const account =
      stranger === undefined && shows('account', 3) ? atKeeper(plain, request) : undefined;
    if (account !== undefined)
      why.push({
        kind: 'account',
        server: { device: KEEPER_DEVICE, addresses: [] },
        account: ACCOUNT,
      });
    if (account !== undefined && chance(15)) return note('never decided');
    const gathered = {
      ...(notes.length === 0 ? {} : { notes: checked(notes) }),
      ...(chain === undefined
        ? {}
        : { voucher: [isOver ? failed('voucher-expired' as const) : ok(toLinks(chain))] }),
      ...(account === undefined
        ? {}
        : { account: { evidence: account.evidence, begun: account.begun } }),
    };
    const bodyHash = hashOf(request);
    const input = { owner, request, bodyHash, gathered, moment: moment(), disk: disk() };
    const isStranger = reference.relation(owner) === 'gone' && stranger !== undefined;
    const quoted = isStranger ? undefined : engine.books().ledger.quote(input).answer;
    const isGivenBack = crashes.after > before;
    const inside = crashes.inside;
    const person = model.people.get(owner);
    const answer = isStranger
      ? call(
          ({ guests }) =>
            guests.admit({
              name: 'a stranger',
              statement: statementOf(owner),
              signed: { signed: '', signature: '' },
              ...input,
            })?.answer,
          true,
        )
      : call(({ ledger }) => ledger.allocate(input).answer, true);
    // What was begun before the program ended is given back when it starts.
    const isLost = isGivenBack || crashes.inside > inside;
    const shown: Shown = {
      notes,
      ...(chain === undefined || isOver ? {} : { chain }),
      ...(account?.shown === undefined || (isLost && account.begun.length > 0)
        ? {}
        : { account: account.shown }),
    };
    const asked: ModelAsk = { ...plain, shown };
    if (isStranger && person !== undefined) person.relation = 'guest';
    const verdict = reference.judge(asked);
    if (isStranger && verdict.type !== 'granted' && person !== undefined) person.relation = 'gone';
    const stands = model.line.some((each) => each.ask.owner === owner);
    expect(said(answer), `${owner} asks`).toBe(
      verdict.type === 'queue' && stands ? 'too-many-waiting' : wordOf(verdict),
    );
    // A quote says what comes.
    if (quoted !== undefined && crashes.inside === inside)
      expect(said(quoted)).toBe(wordOf(verdict));
    for (const id of account?.begun ?? []) household.intents.delete(id);
    follow(asked, verdict, answer);
    if (
      account?.evidence.type === 'ticket' &&
      verdict.type === 'granted' &&
      verdict.ground === 'account'
    )
      household.spend(account.evidence.promise);
    if (answer?.type === 'pending' && !stands)
      model.line.push({
        ticket: answer.ticket,
        ask: { ...asked, shown: {} },
        wanted: reference.addedBytes(asked),
        sinceS: model.nowS,
        polledS: model.nowS,
        scarce: false,
      });
    // The same again is the same answer, and takes nothing twice.
    if (!isStranger && chance(4))
      expect(said(call(({ ledger }) => ledger.allocate(input).answer))).toBe(said(answer));
  }

  function follow(asked: ModelAsk, verdict: Verdict, answer: Answer | undefined): void {
    note(verdict.type === 'granted' ? `${verdict.ground} ${verdict.class}` : verdict.type);
    // A stranger who is sent away leaves no trace.
    const isKnown = reference.relation(asked.owner) !== 'gone';
    if (verdict.type === 'denied' && answer?.type === 'denied' && isKnown) {
      const code = answer.reasons[0]?.code;
      if (code === 'no-space' || code === 'over-share')
        model.refusals.push({ owner: asked.owner, atMs: model.nowMs });
    }
    if (verdict.type !== 'granted' || answer?.type !== 'granted') return;
    const before = reference.introducerOf;
    const plot = reference.grant(asked, verdict, answer.plot);
    expect(answer.ttl).toBe(plot.untilS - model.nowS);
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

  function poll(waiter: Waiter | undefined = pick(model.line)): void {
    if (waiter === undefined) return;
    const { ticket, ask: asked, sinceS } = waiter;
    const ahead = model.line.slice(0, model.line.indexOf(waiter));
    const verdict = reference.judge(asked, ahead);
    const { owner } = asked;
    const at = { owner, ticket, moment: moment(), disk: disk() };
    const answer = call(({ ledger }) => ledger.poll(at).answer, verdict.type !== 'gone');
    expect(said(answer), 'polls').toBe(wordOf(verdict));
    note(`poll ${verdict.type}`);
    if (verdict.type === 'queue') {
      waiter.polledS = model.nowS;
      if (isSteady && !waiter.scarce) {
        note('a bounded wait');
        expect(model.nowS - sinceS, 'the wait').toBeLessThanOrEqual(BOUND_S);
      }
    } else model.line = model.line.filter((each) => each !== waiter);
    follow(asked, verdict, answer);
  }

  function withdraw(): void {
    const waiter = pick(model.line);
    if (waiter === undefined) return;
    const { ticket, ask: asked } = waiter;
    call(({ ledger }) => ledger.withdraw({ ticket, owner: asked.owner }), true);
    model.line = model.line.filter((each) => each !== waiter);
  }

  return { ask, poll, withdraw };
}

const wordOf = (verdict: Verdict) =>
  verdict.type === 'granted'
    ? `granted ${verdict.class}`
    : verdict.type === 'gone'
      ? 'denied'
      : verdict.type;

function said(answer: Answer | undefined): string {
  if (answer === undefined) return 'denied';
  if (answer.type === 'granted') return `granted ${answer.class}`;
  if (answer.type === 'pending') return 'queue';
  const code = answer.type === 'denied' ? answer.reasons[0]?.code : undefined;
  return code === 'too-many-waiting' ? code : answer.type;
}
