import { expect } from 'vitest';
import type { OwnerId } from '../../../../shared/ids.ts';
import { DAY_S, GB, HOUR_S } from '../../../../shared/units.ts';
import { HOST } from './books.ts';
import { FRIENDS, type Stage } from './stage.ts';

/** In a steady world time goes in steps, and whoever waits asks after each. */
export const STEP_S = 8 * HOUR_S;

/** Time passes, and the owner changes his mind. */
export function createPassing(
  stage: Stage,
  {
    poll,
    renew,
  }: {
    readonly poll: (waiter: Stage['model']['waiting'][number]) => void;
    readonly renew: (plot: Stage['model']['plots'][number]) => void;
  },
) {
  const { chance, pick, random, note, isSteady, reference, model, household, call, moment, disk } =
    stage;
  const { setOffer, befriend, setPolicy, setGuestsPolicy, setPause, erase } = stage;

  function timePasses(): void {
    const jumps = !isSteady && chance(12);
    const byS = jumps ? random(40 * DAY_S) : isSteady ? STEP_S - random(STEP_S / 2) : random(DAY_S);
    model.nowS += byS;
    model.nowMs += byS * 1000;
    // A wall clock that is set changes no lease.
    if (!isSteady && chance(40)) model.nowMs += (random(21) - 10) * DAY_S * 1000;
    for (let minute = 0; minute < 3; minute += 1) {
      const mayEnd = isSteady || !chance(4);
      const before = new Map(model.plots.map((each) => [each.plot, { ...each }]));
      const at = { moment: moment(), disk: disk() };
      const { toErase } = call(
        ({ ledger }) => ledger.sweep({ ...at, ...(mayEnd ? { mayEndOn: disk() } : {}) }),
        true,
      );
      reference.sweep(mayEnd);
      for (const plot of toErase) {
        const was = before.get(plot);
        if (was === undefined || was.state === 'released') continue;
        // I4: nothing goes before its lease and its grace, but by its guest's own list.
        note(`ended ${was.ground}`);
        if ((was.leavesS ?? Number.POSITIVE_INFINITY) > model.nowS)
          expect(was.state).toBe('reclaimable');
      }
      erase(toErase);
    }
    call(({ mint }) => mint.tidy({ moment: moment() }), true);
    reference.tidyNotes();
    call(({ guests }) => guests.forget(moment()), true);
    reference.tidyGuests();
    call(({ hosted }) => hosted.tidy({ nowMs: model.nowMs }), true);
    household.tidy(model.nowMs);
    // Whoever was lent something keeps it for as long as he may.
    if (isSteady) for (const plot of reference.lent()) if (model.plots.includes(plot)) renew(plot);
    if (isSteady) for (const waiter of model.waiting) poll(waiter);
  }

  function joinOrShrink(): void {
    if (isSteady) return;
    const owner = pick(FRIENDS) ?? HOST;
    switch (random(9)) {
      case 0:
        setOffer(BigInt(20 + random(40)) * GB);
        return;
      case 1:
        model.freeBytes = chance(3) ? BigInt(random(40)) * GB : 10_000n * GB;
        return;
      case 2:
        if (reference.relation(owner) === 'gone') befriend(owner);
        else leaves(owner);
        return;
      case 3:
        setPause(!model.isPaused && chance(2));
        return;
      case 4:
        setGuestsPolicy();
        return;
      default:
        if (reference.relation(owner) === 'gone') befriend(owner);
        setPolicy(owner);
    }
  }

  function leaves(owner: OwnerId): void {
    call(({ friends }) => friends.depart({ owner, moment: moment() }), true);
    for (const plot of reference.alive(owner)) reference.release(plot);
    model.waiting = model.waiting.filter((each) => each.ask.owner !== owner);
    reference.forgive(owner);
    model.ends.delete(owner);
    const person = model.people.get(owner);
    if (person !== undefined) person.relation = 'gone';
    note('left');
  }
  return { timePasses, joinOrShrink };
}
