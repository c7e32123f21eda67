import { expect } from 'vitest';
import { GB } from '../../../../shared/units.ts';
import { testPlotId } from '../../../fakes/test-ledger.ts';
import { HOST } from './books.ts';
import { ACCOUNT, AS_HOST, FRIENDS, KEEPER, KEEPER_DEVICE, type Stage } from './stage.ts';

/** What others say: the household's keeper, friends who keep something for this host, and who takes back an introduction. */
export function createHearing(stage: Stage) {
  const {
    chance,
    pick,
    random,
    note,
    reference,
    model,
    household,
    keeper,
    engine,
    crashes,
    call,
    vouchers,
  } = stage;

  function deliver(): void {
    const items = engine.books().hosted.next(KEEPER_DEVICE);
    if (items.length === 0 || chance(6)) return;
    for (let times = chance(5) ? 2 : 1; times > 0; times -= 1) {
      keeper.book.settle({ from: AS_HOST, items, atMs: model.nowMs });
      household.settle(items);
    }
    if (chance(6)) return note('an answer was lost');
    const upTo = items.at(-1)?.seq ?? 0;
    call(({ hosted }) => hosted.told({ device: KEEPER_DEVICE, upTo, seq: household.seen() }));
  }

  function compare(): void {
    const { nowMs } = model;
    const before = crashes.after;
    const page = call(({ hosted }) => hosted.page({ device: KEEPER_DEVICE, after: null, nowMs }));
    // What a program has read before it ended is told to nobody; what it gives back at its start is not in it.
    if (crashes.after > before) return;
    if (page !== undefined) {
      const answer = keeper.book.compare({ v: 1, ...page, from: AS_HOST, atMs: model.nowMs });
      // Everything was told, so neither side has drifted.
      expect(answer.corrected, 'corrected').toEqual([]);
      expect(answer.dropped, 'dropped').toEqual([]);
      for (const { promise } of answer.open)
        expect(household.intents.has(promise) || household.tickets.has(promise)).toBe(true);
      const at = {
        from: { keeper: KEEPER, device: KEEPER_DEVICE },
        page,
        answer,
        isHonoured: true,
      };
      call(({ hosted }) => hosted.compared({ ...at, serviceS: model.nowS, nowMs: model.nowMs }));
      household.compared(model.nowMs);
      for (const plot of reference.alive().filter(({ ground }) => ground === 'account')) {
        plot.covered = household.covers(plot.owner);
        if (plot.covered) plot.goodS = model.nowS;
      }
      note('compared');
    }
  }

  function changePlan(): void {
    household.plan = BigInt(4 + random(16)) * GB;
    household.closed = chance(5);
    const member = pick(FRIENDS) ?? HOST;
    if (!household.members.delete(member)) household.members.add(member);
    keeper.book.setAccount({
      account: ACCOUNT,
      planBytes: household.plan,
      closed: household.closed,
      members: [...household.members],
    });
  }

  function look(): void {
    const host = pick(FRIENDS) ?? HOST;
    const plot = testPlotId(FRIENDS.indexOf(host) + 500_000);
    const [known, written] = [BigInt(random(9)) * GB, BigInt(random(9)) * GB];
    const passed = !chance(4);
    call(({ sql, kept }) => {
      kept.noteLook({ plot, host, knownBytes: known, passed, serviceS: model.nowS });
      sql
        .prepare(
          `INSERT INTO holdings (plot, host, class, size, written, until_ms, grace_s, receipt)
           VALUES (?, ?, 'guaranteed', 9000000000, ?, 0, 0, '{}') ON CONFLICT (plot) DO UPDATE SET written = excluded.written`,
        )
        .run(plot, host, written);
    });
    const before = model.kept.find((each) => each.host === host);
    const knows = passed ? known : (before?.known ?? known);
    model.kept = model.kept.filter((each) => each !== before);
    model.kept.push({
      host,
      known: knows,
      bytes: knows < written ? knows : written,
      passedS: passed ? model.nowS : (before?.passedS ?? Number.NEGATIVE_INFINITY),
      failed: !passed,
    });
  }

  function takeBack(): void {
    const link = pick(pick(vouchers) ?? []);
    if (link === undefined) return;
    const { introducer, id } = link;
    call(({ vouchers: book }) => book.takeBack({ introducer, ids: [id], atMs: model.nowMs }));
    model.withdrawn.add(`${introducer} ${id}`);
    note('taken back');
  }
  return { deliver, compare, changePlan, look, takeBack };
}
