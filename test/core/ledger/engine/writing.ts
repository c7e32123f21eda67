import { expect } from 'vitest';
import { failed } from '../../../../shared/result.ts';
import { DAY_S } from '../../../../shared/units.ts';
import { promiseOf, writtenIn } from './model-types.ts';
import type { Stage } from './stage.ts';

/** Objects that come and go, each in two halves. */
export function createWriting(stage: Stage) {
  const { chance, pick, random, note, reference, model, call, moment } = stage;
  const { reservedIn } = reference;

  function reserve(): void {
    const plot = pick(model.plots);
    if (plot === undefined) return;
    const type = pick(['data', 'data', 'locks', 'index'] as const) ?? 'data';
    const key = `${type} ${random(5).toString(16).padStart(64, '0')}`;
    if (plot.removals.has(key)) return;
    const size = (plot.size * BigInt(random(60))) / 100n;
    const { owner } = plot;
    const object = { plot: plot.plot, type, name: nameOf(key) };
    const done = call(({ ledger }) =>
      ledger.reserve({ ...object, owner, sizeBytes: size, moment: moment() }),
    );
    const isOpen = plot.state === 'active' || (plot.state !== 'released' && type === 'locks');
    const lay = isOpen ? plot.trash.get(key) : undefined;
    if (lay !== undefined) {
      // What was deleted and comes again lies there still.
      expect(done).toEqual(failed({ code: 'exists', sizeBytes: lay.size }));
      reference.backFromTrash(plot, key);
      return note('deleted and sent again');
    }
    const limit = type === 'data' ? plot.size : promiseOf(plot);
    const fits = size <= limit - writtenIn(plot) - reservedIn(plot) || (size === 0n && isOpen);
    expect(done.ok, `reserves ${key}`).toBe(
      isOpen && !plot.objects.has(key) && fits && (type === 'locks' || !model.isPaused),
    );
    if (done.ok) model.uploads.push({ reservation: done.value.reservation, plot, key, size });
    note(done.ok ? 'reserved' : 'not reserved');
  }

  function settle(): void {
    const upload = pick(model.uploads);
    if (upload === undefined) return;
    const { reservation, plot, key, size } = upload;
    const isKept = !chance(5);
    const isPosted = call(({ ledger }) =>
      isKept
        ? ledger.post({ reservation, moment: moment() })
        : ledger.void({ reservation, moment: moment() }),
    );
    model.uploads = model.uploads.filter((each) => each !== upload);
    if (!isKept) return;
    const isNew = !plot.objects.has(key) && !plot.removals.has(key);
    expect(isPosted).toBe(!plot.objects.has(key));
    if (!isPosted) return;
    expect(isNew).toBe(true);
    plot.objects.set(key, size);
    // Whoever puts more there than makes a repository of it uses it, whatever he calls it.
    const isUsed = typeOf(key) === 'data' || writtenIn(plot) > promiseOf(plot) - plot.size;
    if (!isUsed || plot.begun) return;
    plot.begun = true;
    if (plot.ground === 'notes') reference.spend(plot);
    note('begun');
  }

  function takeAway(): void {
    const plot = pick(
      model.plots.filter(({ objects, removals }) => objects.size + removals.size > 0),
    );
    if (plot === undefined) return;
    const [half] = plot.removals.keys();
    const key = half ?? pick([...plot.objects.keys()]) ?? '';
    if (model.uploads.some((each) => each.plot === plot && each.key === key)) return;
    const object = { plot: plot.plot, type: typeOf(key), name: nameOf(key), moment: moment() };
    if (half !== undefined) {
      call(({ ledger }) => ledger.removed(object));
      plot.removals.delete(half);
      return;
    }
    const done = call(({ ledger }) => ledger.remove({ ...object, owner: plot.owner }));
    expect(done.ok).toBe(plot.state !== 'released');
    if (!done.ok) return;
    const size = plot.objects.get(key) ?? 0n;
    plot.objects.delete(key);
    const isKept = plot.protectDays > 0 && typeOf(key) !== 'locks';
    expect(done.value).toEqual({ sizeBytes: size, isKept });
    const goesS = model.nowS + plot.protectDays * DAY_S;
    if (isKept) plot.trash.set(key, { size, sinceS: model.nowS, goesS });
    else plot.removals.set(key, size);
    note(isKept ? 'deleted and kept' : 'removed');
  }
  return { reserve, settle, takeAway };
}

export const nameOf = (key: string) => key.slice(key.indexOf(' ') + 1);
export const typeOf = (key: string) => key.slice(0, key.indexOf(' ')) as 'data' | 'locks' | 'index';
