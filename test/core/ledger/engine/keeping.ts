import { expect } from 'vitest';
import { UNIT_BYTES } from '../../../../shared/model/notes.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import type { AnyReason } from '../../../../shared/model/allocate.ts';
import { DAY_S } from '../../../../shared/units.ts';
import { KEEP_ONLY_AFTER_S } from '../../../../shared/wire/upkeep.ts';
import { hashOf, testRequest } from '../../../fakes/test-ledger.ts';
import { HOST } from './books.ts';
import { promiseOf, writtenIn } from './model-types.ts';
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

  function renew(): void {
    const plot = pick(model.plots);
    if (plot === undefined) return;
    const want = (1 + random(31)) * DAY_S;
    const { requestId } = testRequest(1n);
    const { owner } = plot;
    const shows = plot.ground === 'notes' && !chance(4);
    const units = (promiseOf(plot) * BigInt(want)) / (UNIT_BYTES * BigInt(30 * DAY_S)) + 1n;
    const notes = shows ? someNotes(units) : [];
    const why: AnyReason[] = notes.length > 0 ? [{ kind: 'notes', notes: ['note'] }] : [];
    const request = { v: 1 as const, requestId, duration: { want }, why };
    const gathered = notes.length > 0 ? { notes: checked(notes) } : {};
    const input = { owner, plot: plot.plot, request, bodyHash: hashOf(request), gathered };
    const at = { ...input, moment: moment(), disk: disk() };
    const answer = call(({ ledger }) => ledger.renew(at).answer, true);
    const isRenewed = plot.state !== 'released' && reference.renew(plot, want, notes);
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
    call(({ ledger }) => ledger.release({ owner, plot: plot.plot, moment: moment() }), true);
    reference.release(plot);
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
    const isFit = size <= plot.size && size >= writtenIn(plot) + reference.reservedIn(plot);
    expect(answer.type).toBe(isFit ? 'granted' : 'denied');
    if (isFit) plot.size = size;
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
      plot.leavesS = named.includes(plot)
        ? undefined
        : (plot.leavesS ?? model.nowS + KEEP_ONLY_AFTER_S);
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
  return { renew, release, resize, keepOnly, giveNotice };
}
