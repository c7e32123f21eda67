import { expect } from 'vitest';
import { BORROWED_GRACE_S, BORROWED_LEASE_S } from '../../../../shared/model/plot.ts';
import { type Asking, said, wordOf } from './asking.ts';
import type { Waiter } from './model-types.ts';
import type { Stage } from './stage.ts';
import { STEP_S } from './time.ts';

const BOUND_S = BORROWED_LEASE_S + BORROWED_GRACE_S + 2 * STEP_S;

/** What is undecided: asked about again, given up, answered by the owner. */
export function createWaiting(stage: Stage, { follow }: Pick<Asking, 'follow'>) {
  const { chance, pick, note, isSteady, reference, model, call, moment, disk } = stage;

  const end = (waiter: Waiter) => {
    model.waiting = model.waiting.filter((each) => each !== waiter);
  };

  /** It holds from when its friend has heard it, or has gone without hearing it. */
  const refuse = (owner: Waiter['ask']['owner'], wanted: bigint) =>
    model.nos.push({ owner, wanted, saidS: model.nowS, kept: true });

  function poll(waiter: Waiter | undefined = pick(model.waiting)): void {
    if (waiter === undefined) return;
    const { ticket, sinceS, approved, wanted } = waiter;
    const { owner } = waiter.ask;
    const brought = waiter.gather();
    const isOnAccount = 'account' in brought.gathered;
    const { gathered } = brought;
    const at = { owner, ticket, moment: moment(), disk: disk(), gathered };
    const line = reference.line();
    const place = line.indexOf(waiter);
    const ahead = place < 0 ? line : line.slice(0, place);
    const ask = { ...waiter.ask, shown: brought.shown() };
    const before = reference.judge(ask, ahead, { approved, waits: true });
    const isRepeatable = before.type !== 'gone' && !isOnAccount;
    const answer = brought.during(() => call(({ ledger }) => ledger.poll(at).answer, isRepeatable));
    const asked = { ...waiter.ask, shown: brought.shown() };
    if (approved === false) {
      expect(said(answer), 'polls').toBe('denied');
      note('the owner said no');
      brought.done({ type: 'denied', passes: false });
      end(waiter);
      refuse(owner, wanted);
      return;
    }
    const verdict = reference.judge(asked, ahead, { approved, waits: true });
    brought.done(verdict);
    const isPassing = verdict.type === 'denied' && verdict.passes;
    expect(said(answer), 'polls').toBe(isPassing ? waiter.why : wordOf(verdict));
    note(`poll ${isPassing ? 'in quiet hours' : verdict.type}`);
    if (isPassing) waiter.polledS = model.nowS;
    else if (verdict.type === 'queue' || verdict.type === 'owner-approval') {
      waiter.polledS = model.nowS;
      // One place in line each.
      const stands = line.some((each) => each !== waiter && each.ask.owner === owner);
      if (verdict.type !== 'queue' || !stands) waiter.why = verdict.type;
      if (isSteady && !waiter.scarce) {
        note('a bounded wait');
        expect(model.nowS - sinceS, 'the wait').toBeLessThanOrEqual(BOUND_S);
      }
    } else {
      if (approved === true && verdict.type === 'granted')
        note(`the owner said yes ${verdict.ground}`);
      end(waiter);
      follow(asked, verdict, answer);
    }
  }

  function withdraw(): void {
    const waiter = pick(model.waiting);
    if (waiter === undefined) return;
    const { ticket, approved, wanted } = waiter;
    const { owner } = waiter.ask;
    call(({ ledger }) => ledger.withdraw({ ticket, owner, moment: moment() }), true);
    end(waiter);
    if (approved === false) refuse(owner, wanted);
  }

  /** The owner's word; until it was heard he may change it. */
  function answer(): void {
    const waiter = pick(model.waiting);
    if (waiter === undefined) return;
    const approved = !chance(3);
    const { ticket, why } = waiter;
    const done = call(({ ledger }) => ledger.answerWaiting({ ticket, approved }), true);
    expect(done.ok, 'answers').toBe(why === 'owner-approval');
    if (done.ok) waiter.approved = approved;
  }
  return { poll, withdraw, answer };
}
