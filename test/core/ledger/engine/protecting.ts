import { expect } from 'vitest';
import { ok } from '../../../../shared/result.ts';
import { DAY_S } from '../../../../shared/units.ts';
import { total, trashIn } from './model-types.ts';
import type { Stage } from './stage.ts';
import { nameOf, typeOf } from './writing.ts';

/** Plots whose guest can't delete at once: how long it stays, what is brought back, and what goes when its time is over. */
export function createProtecting(stage: Stage) {
  const { chance, pick, random, note, reference, model, call, moment } = stage;

  function protect(): void {
    const plot = pick(reference.alive());
    if (plot === undefined) return;
    const days = random(3) * random(10);
    const { owner, protectDays: before } = plot;
    const at = { owner, plot: plot.plot, days, moment: moment() };
    const done = call(({ ledger }) => ledger.protect(at), true);
    reference.protect(plot, days);
    const { protectDays, falls } = plot;
    const later = falls && { fallsTo: falls.toDays, fallsInS: falls.atS - model.nowS };
    expect(done).toEqual(ok({ protectDays, ...later }));
    note(days < before ? 'less protected later' : 'protected');
  }

  function bringBack(): void {
    const plot =
      pick(reference.alive().filter(({ trash }) => trash.size > 0)) ?? pick(reference.alive());
    if (plot === undefined) return;
    const sinceS = random(5) * DAY_S;
    const isNamed = chance(2);
    const back = isNamed
      ? [...plot.trash.keys()].filter(() => chance(2))
      : [...plot.trash]
          .filter(([, each]) => each.sinceS >= model.nowS - sinceS)
          .map(([key]) => key);
    const names = back.map((key) => ({ type: typeOf(key), name: nameOf(key) }));
    const what = isNamed ? { names } : { sinceS };
    const { owner } = plot;
    const page = call(({ ledger }) =>
      ledger.trash({ owner, plot: plot.plot, after: undefined, limit: 1000, moment: moment() }),
    );
    const lies = [...plot.trash].map(([key, each]) => `${key} ${each.goesS - model.nowS}`);
    expect(
      page.ok &&
        page.value.objects.map((each) => `${each.type} ${each.name} ${each.goesInS}`).toSorted(),
      'in the trash',
    ).toEqual(lies.toSorted());
    const stays = (plot.leavesS ?? plot.falls ?? plot.shrinks) !== undefined;
    const at = { owner, plot: plot.plot, what, limit: 1000, moment: moment() };
    const done = call(({ ledger }) => ledger.restore(at));
    const bytes = total(back.map((key) => plot.trash.get(key)?.size ?? 0n));
    expect(done).toEqual(ok({ objects: back.length, bytes, stays, isMore: false }));
    reference.bringBack(plot, back);
    note(back.length > 0 ? 'brought back' : 'stays after all');
  }

  /** What has lain there long enough goes, in two halves; and nothing before. */
  function emptyTrash(): void {
    const due = call(({ ledger }) => ledger.dueTrash({ limit: 1000, moment: moment() }));
    const dueKeys = reference
      .alive()
      .flatMap((plot) =>
        [...plot.trash]
          .filter(([, { goesS }]) => goesS <= model.nowS)
          .map(([key]) => `${plot.plot} ${key}`),
      );
    expect(due.map(({ plot, type, name }) => `${plot} ${type} ${name}`).toSorted()).toEqual(
      dueKeys.toSorted(),
    );
    for (const object of due) {
      const plot = model.plots.find((each) => each.plot === object.plot);
      const key = `${object.type} ${object.name}`;
      const lay = plot?.trash.get(key);
      if (plot === undefined || lay === undefined || chance(4)) continue;
      call(({ ledger }) => ledger.dropTrash({ ...object, moment: moment() }), false);
      plot.trash.delete(key);
      plot.removals.set(key, lay.size);
      note('gone from the trash');
    }
    const lies = total(model.plots.map(trashIn));
    expect(
      call(({ ledger }) => ledger.trashBytes()),
      'trash',
    ).toBe(lies);
  }
  return { protect, bringBack, emptyTrash };
}
