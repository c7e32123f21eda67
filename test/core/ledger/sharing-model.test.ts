import { describe, expect, it } from 'vitest';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { Answer } from '../../../shared/model/allocate.ts';
import { BORROWED_LEASE_S, GUARANTEED_LEASE_S, promisedBytes } from '../../../shared/model/plot.ts';
import { DAY_S, GB } from '../../../shared/units.ts';
import { agree } from '../../fakes/agree.ts';
import {
  addFriend,
  hashOf,
  openTestLedger,
  testOwnerId,
  testRequest,
} from '../../fakes/test-ledger.ts';
import { createModel, type Verdict } from './sharing-model.ts';

/**
 * Random commands to the ledger and to the reference model, which must agree after each of them. SEED=…
 * begins elsewhere, `npm run simulate` goes on for a million; a failure names the seed of its world.
 */
const COMMANDS = Number(process.env['COMMANDS'] ?? (process.env['CI'] ? 100_000 : 20_000));
const SEED = Number(process.env['SEED'] ?? 1);
const COMMANDS_EACH = 250;
const OWNERS = [1, 2, 3, 4].map(testOwnerId);

function randomOf(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

function verdictOf(answer: Answer): Verdict | 'ticket-unknown' | 'counter' {
  if (answer.type === 'granted') return answer.class;
  if (answer.type === 'pending') return 'queue';
  if (answer.type === 'counter') return 'counter';
  const code = answer.reasons[0]?.code;
  return code === 'too-many-waiting' || code === 'ticket-unknown' ? code : 'denied';
}

/** One host and four friends for some hundred commands. */
function live(seed: number): Readonly<Record<string, number>> {
  const random = randomOf(seed);
  const { sql, ledger } = openTestLedger();
  const reference = createModel(OWNERS, 40n * GB);
  const { model } = reference;
  const seen: Record<string, number> = {};
  const disk = { volumePresent: true, freeBytes: 10_000n * GB };
  const moment = () => ({ nowMs: model.nowS * 1000, serviceS: model.nowS });
  for (const owner of OWNERS) addFriend(sql, owner, 'somebody');
  const setOffer = () =>
    ledger.setOffer({ folder: '/', offerBytes: model.offerBytes, keepFreeBytes: 0n, volume: 'v' });
  setOffer();
  const setPolicy = (owner: OwnerId | undefined, weight: number, strict: boolean) =>
    ledger.setPolicy({
      owner,
      policy: {
        guards: {},
        grounds: [{ kind: 'fair-share', weight, ...(strict ? { strict } : {}) }],
      },
    });
  setPolicy(undefined, 1, false);

  const pick = <T>(from: readonly T[]): T | undefined => from[random(Math.max(1, from.length))];
  const somebody = () => OWNERS[random(OWNERS.length)] ?? testOwnerId(1);
  function note(what: string): void {
    seen[what] = (seen[what] ?? 0) + 1;
  }
  function promised(answer: Answer, owner: OwnerId, wantS: number): void {
    if (answer.type !== 'granted') return;
    const { plot, class: plotClass, size } = answer;
    const untilS = model.nowS + wantS;
    const terms = { plot, owner, class: plotClass, promised: promisedBytes(size), untilS };
    model.plots.push({ ...terms, state: 'active' });
    // I1 at the moment of every grant.
    expect(reference.sum(model.plots)).toBeLessThanOrEqual(model.offerBytes);
  }

  function ask(): void {
    const owner = somebody();
    const accept = random(2) === 0 ? 'borrowed' : 'guaranteed';
    const size = BigInt(1 + random(200)) * (GB / 10n);
    const wantS = accept === 'borrowed' ? BORROWED_LEASE_S : GUARANTEED_LEASE_S;
    const stands = model.line.some((each) => each.owner === owner);
    const judged = reference.judge({ owner, size, accept }, model.line);
    const expected = judged === 'queue' && stands ? 'too-many-waiting' : judged;
    if (expected === 'denied') reference.refuse(owner, size, model.line);
    const request = testRequest(size, { accept, duration: { want: wantS } });
    const call = { owner, request, bodyHash: hashOf(request), moment: moment(), disk };
    // A quote says what comes.
    const quoted = verdictOf(ledger.quote(call).answer);
    const { answer } = ledger.allocate(call);
    expect(verdictOf(answer)).toBe(expected);
    expect(quoted).toBe(judged);
    note(expected);
    if (answer.type === 'pending')
      model.line.push({ ticket: answer.ticket, owner, size, wantS, polledS: model.nowS });
    promised(answer, owner, wantS);
    if (random(4) === 0) expect(verdictOf(ledger.allocate(call).answer)).toBe(expected);
  }

  function poll(): void {
    const waiter = pick(model.line);
    if (waiter === undefined) return;
    const { ticket, owner, size, wantS } = waiter;
    const ahead = model.line.slice(0, model.line.indexOf(waiter));
    const expected = reference.judge({ owner, size, accept: 'guaranteed' }, ahead);
    const { answer } = ledger.poll({ owner, ticket, moment: moment(), disk });
    expect(verdictOf(answer)).toBe(expected);
    note(`poll ${expected}`);
    if (expected === 'denied') reference.refuse(owner, size, ahead);
    if (expected === 'queue') waiter.polledS = model.nowS;
    else model.line = model.line.filter((each) => each !== waiter);
    promised(answer, owner, wantS);
  }

  function renew(): void {
    const plot = pick(model.plots);
    if (plot === undefined) return;
    const { requestId } = testRequest(1n);
    const request = {
      v: 1 as const,
      requestId,
      duration: { want: (1 + random(40)) * DAY_S },
      why: [],
    };
    const call = { owner: plot.owner, plot: plot.plot, request, bodyHash: hashOf(request) };
    const { answer } = ledger.renew({ ...call, moment: moment(), disk });
    const expected = reference.renew(plot, request.duration.want);
    expect(answer.type).toBe(expected ? 'granted' : 'denied');
    note(expected ? 'renewed' : 'not renewed');
  }

  function erase(plots: readonly PlotId[]): void {
    for (const plot of plots) ledger.erased({ plot, moment: moment() });
  }

  function release(): void {
    const plot = pick(model.plots);
    if (plot === undefined) return;
    ledger.release({ owner: plot.owner, plot: plot.plot, moment: moment() });
    erase([plot.plot]);
    reference.drop(plot.plot);
  }

  function withdraw(): void {
    const waiter = pick(model.line);
    if (waiter === undefined) return;
    ledger.withdraw({ ...waiter, moment: moment() });
    model.line = model.line.filter((each) => each !== waiter);
  }

  function timePasses(): void {
    model.nowS += random(12) === 0 ? random(40 * DAY_S) : random(DAY_S);
    for (let minute = 0; minute < 3; minute += 1) {
      reference.sweep();
      const { toErase } = ledger.sweep({ moment: moment(), mayEndOn: disk, disk });
      if (toErase.length > 0) note('reclaimed');
      for (const plot of toErase)
        if (ledger.plot({ plot, moment: moment() })?.class === 'guaranteed')
          note('ended by notice');
      erase(toErase);
    }
  }

  function joinOrShrink(): void {
    if (random(2) === 0) {
      model.offerBytes = BigInt(20 + random(40)) * GB;
      setOffer();
      return;
    }
    const owner = somebody();
    const weight = random(5);
    const strict = random(4) === 0;
    model.weights.set(owner, BigInt(weight));
    if (strict) model.strict.add(owner);
    else model.strict.delete(owner);
    setPolicy(owner, weight / 2, strict);
  }

  /** The owner ends what somebody holds over his share, or thinks better of it. */
  function giveNotice(): void {
    const owner = pick(OWNERS.filter((each) => reference.overBytes(each) > 0n));
    if (owner === undefined) return;
    const inS = random(4) === 0 ? undefined : random(12) * DAY_S;
    ledger.endOver({ owner, inS, moment: moment(), disk });
    model.told.set(owner, reference.shareOf(owner));
    if (inS === undefined) model.ends.delete(owner);
    else model.ends.set(owner, model.nowS + inS);
    note('notice');
  }

  function agrees(): void {
    const totals = ledger.totals({ disk });
    agree(totals.promisedBytes, reference.sum(model.plots));
    agree(totals.lentBytes, reference.sum(reference.lent()));
    agree(totals.fairBytes, reference.fairBytes());
    for (const owner of OWNERS) {
      const share = ledger.share({ owner, disk });
      agree(share.useBytes, reference.useOf(owner));
      agree(share.shareBytes, reference.shareOf(owner));
    }
    const over = OWNERS.filter((owner) => {
      const bytes = reference.overBytes(owner);
      return bytes * 100n > reference.shareOf(owner) || (bytes > 0n && model.ends.has(owner));
    });
    agree(
      ledger.overShare({ disk, moment: moment() }).map(({ owner }) => owner),
      over,
    );
    const rows = ledger.plots({ moment: moment() });
    agree(
      rows.map(({ plot, state, leftS }) => `${plot} ${state} ${leftS}`),
      model.plots.map(({ plot, state, untilS }) => `${plot} ${state} ${untilS - model.nowS}`),
    );
    agree(
      ledger.waiting().map(({ ticket }) => ticket),
      model.line.map(({ ticket }) => ticket),
    );
  }

  const commands = (
    [
      [16, ask],
      [12, poll],
      [12, renew],
      [4, release],
      [12, timePasses],
      [1, withdraw],
      [1, joinOrShrink],
      [3, giveNotice],
    ] as const
  ).flatMap(([times, command]) => Array.from({ length: times }, () => command));
  for (let command = 0; command < COMMANDS_EACH; command += 1) {
    (pick(commands) ?? ask)();
    agrees();
  }
  sql.close();
  return seen;
}

describe('fair sharing with loans', () => {
  it('is what the reference model says, after every command', { timeout: 3_600_000 }, () => {
    const seen: Record<string, number> = {};
    for (let world = 0; world < COMMANDS / COMMANDS_EACH; world += 1) {
      const seed = SEED + world;
      try {
        for (const [what, times] of Object.entries(live(seed)))
          seen[what] = (seen[what] ?? 0) + times;
      } catch (error) {
        throw new Error(`this world comes back with SEED=${seed} COMMANDS=${COMMANDS_EACH}`, {
          cause: error,
        });
      }
    }
    // All of it happens in these worlds.
    for (const what of [
      'guaranteed',
      'borrowed',
      'queue',
      'denied',
      'too-many-waiting',
      'poll guaranteed',
      'poll queue',
      'poll denied',
      'renewed',
      'not renewed',
      'reclaimed',
      'notice',
      'ended by notice',
    ])
      expect(seen[what] ?? 0, what).toBeGreaterThan(0);
  });
});
