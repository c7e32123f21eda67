import { expect } from 'vitest';
import { UNIT_BYTES } from '../../../../shared/model/notes.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import type { AnyReason } from '../../../../shared/model/allocate.ts';
import { ok } from '../../../../shared/result.ts';
import { DAY_S } from '../../../../shared/units.ts';
import { hashOf, testRequest } from '../../../fakes/test-ledger.ts';
import { HOST } from './books.ts';
import { promiseOf } from './model-types.ts';
import { FRIENDS, type Stage, STRANGERS } from './stage.ts';

/** What becomes of plots by their guests' and the owner's word: renewed, let go of, made smaller, not on the list, given notice. */
export function createKeeping(stage: Stage) {
  const {
    chance,
    pick,
    random,
    note,
    reference,
    model,
    call,
    moment,
    disk,
    someNotes,
    checked,
    erase,
  } = stage;
  const sequences = new Map<OwnerId, number>();

  function renew(plot = pick(model.plots)): void {
    if (plot === undefined) return;
    const want = (1 + random(31)) * DAY_S;
    const { requestId } = testRequest(1n);
    const { owner } = plot;
    const named = [...plot.delegates.keys()];
    const others = named.length > 0 && !chance(4) ? named : [...FRIENDS, ...STRANGERS];
    const caller = chance(4) ? (pick(others) ?? owner) : owner;
    const shows = plot.ground === 'notes' && !chance(4);
    const units = (promiseOf(plot) * BigInt(want)) / (UNIT_BYTES * BigInt(30 * DAY_S)) + 1n;
    const notes = shows ? someNotes(units) : [];
    const why: AnyReason[] = notes.length > 0 ? [{ kind: 'notes', notes: ['note'] }] : [];
    const request = { v: 1 as const, requestId, duration: { want }, why };
    const gathered = notes.length > 0 ? { notes: checked(notes) } : {};
    const input = { owner: caller, plot: plot.plot, request, bodyHash: hashOf(request), gathered };
    const at = { ...input, moment: moment(), disk: disk() };
    const answer = call(({ ledger }) => ledger.renew(at).answer, true);
    const isHis = caller === owner || reference.isDelegate(plot, caller);
    const isRenewed = isHis && plot.state !== 'released' && reference.renew(plot, want, notes);
    if (caller !== owner) {
      note(
        isRenewed ? 'renewed for another' : isHis ? 'not renewed for another' : 'not his to renew',
      );
      const code = !isHis
        ? 'plot-unknown'
        : plot.state === 'released'
          ? 'plot-ended'
          : 'stop-renewing';
      // Whose it is, how large, and why not, is nothing to whoever only renews it.
      if (answer.type === 'denied') expect(answer.reasons.map((each) => each.code)).toEqual([code]);
      else expect(answer).toMatchObject({ size: 0n, steps: [], share: { useBytes: 0n } });
    }
    expect(answer.type, `renews ${plot.ground} ${plot.state}`).toBe(
      isRenewed ? 'granted' : 'denied',
    );
    if (answer.type === 'granted')
      expect(answer.ttl).toBe(
        Math.max(0, Math.min(plot.untilS, plot.leavesS ?? plot.untilS) - model.nowS),
      );
    note(`${isRenewed ? 'renewed' : 'not renewed'} ${plot.ground}`);
  }

  function release(): void {
    const plot = pick(reference.alive());
    if (plot === undefined) return;
    const { owner } = plot;
    const done = call(
      ({ ledger }) => ledger.release({ owner, plot: plot.plot, moment: moment() }),
      true,
    );
    reference.letGo(plot);
    const leavesInS = plot.leavesS === undefined ? undefined : plot.leavesS - model.nowS;
    if (plot.protectDays > 0) {
      expect(done).toEqual(ok({ state: plot.state, leavesInS }));
      return note('let go later');
    }
    erase([plot.plot]);
  }

  function resize(): void {
    const plot = pick(reference.alive());
    if (plot === undefined) return;
    const { requestId } = testRequest(1n);
    const size = (plot.size * BigInt(1 + random(12))) / 10n + 1n;
    const request = { v: 1 as const, requestId, size };
    const input = { owner: plot.owner, plot: plot.plot, request, bodyHash: hashOf(request) };
    const at = { ...input, moment: moment(), disk: disk() };
    const answer = call(({ ledger }) => ledger.resize(at).answer, true);
    const isFit = reference.resize(plot, size);
    expect(answer.type).toBe(isFit ? 'granted' : 'denied');
    if (plot.shrinks !== undefined) note('smaller later');
    note(isFit ? 'resized' : 'not resized');
  }

  function keepOnly(): void {
    const owner = pick([...FRIENDS, ...STRANGERS]) ?? HOST;
    if (reference.relation(owner) === 'gone') return;
    const sequence = (sequences.get(owner) ?? 0) + 1;
    sequences.set(owner, sequence);
    const named = reference.alive(owner).filter(() => !chance(3));
    const { requestId } = testRequest(1n);
    const request = { v: 1 as const, requestId, plots: named.map(({ plot }) => plot), sequence };
    const input = { owner, request, bodyHash: hashOf(request), moment: moment() };
    call(({ ledger }) => ledger.keepOnly(input), true);
    for (const plot of reference.alive(owner))
      if (named.includes(plot)) plot.leavesS = undefined;
      else reference.notListed(plot);
    note('a list');
  }

  function giveNotice(): void {
    const owner = pick(FRIENDS.filter((each) => reference.overBytes(each) > 0n));
    if (owner === undefined) return;
    const inS = chance(4) ? undefined : random(12) * DAY_S;
    call(({ ledger }) => ledger.endOver({ owner, inS, moment: moment(), disk: disk() }));
    model.told.set(owner, reference.shareOf(owner));
    if (inS === undefined) model.ends.delete(owner);
    else model.ends.set(owner, model.nowS + inS);
    note('notice');
  }
  /** Somebody else may renew it for a while, or may not any more; a list of such plots is for him alone. */
  function delegate(): void {
    const plot = pick(reference.alive());
    const to = pick([...FRIENDS, ...STRANGERS]);
    if (plot === undefined || to === undefined || to === plot.owner) return;
    const forS = chance(4) ? 0 : (1 + random(40)) * DAY_S;
    const { owner } = plot;
    const at = { plot: plot.plot, moment: moment() };
    const done = call(({ ledger }) => ledger.delegate({ owner, to, forS, ...at }), true);
    if (forS === 0) plot.delegates.delete(to);
    else plot.delegates.set(to, model.nowS + forS);
    const stays = [...plot.delegates].filter(([, untilS]) => untilS > model.nowS);
    const named = stays.map(([each, untilS]) => ({ to: each, forS: untilS - model.nowS }));
    expect(done).toEqual(
      ok({ delegates: named.toSorted((one, other) => (one.to < other.to ? -1 : 1)) }),
    );
    const errands = reference.errandsOf(to).map((each) => ({
      plot: each.plot,
      class: each.class,
      ttl: each.untilS - model.nowS,
      forS: (each.delegates.get(to) ?? 0) - model.nowS,
    }));
    expect(call(({ ledger }) => ledger.errands({ owner: to, moment: moment() }))).toEqual(errands);
    note('delegated');
  }
  return { renew, release, resize, keepOnly, giveNotice, delegate };
}
