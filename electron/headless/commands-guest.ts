import type { MyPlotView, PairingView, Plain } from '../../shared/contract/views.ts';
import { type Fault, faults } from '../../shared/fault.ts';
import type { Answer } from '../../shared/model/allocate.ts';
import { BORROWED_LEASE_S } from '../../shared/model/plot.ts';
import { ok, type Result } from '../../shared/result.ts';
import { DAY_S } from '../../shared/units.ts';
import { say, type Translate } from '../../shared/words/say.ts';
import {
  type Command,
  type CommandContext,
  durationOption,
  type Outcome,
  readJson,
  sizeOption,
  textOption,
} from './command.ts';
import { whomToCall } from './commands-near.ts';
import { dateTime, inShell, left, plainText, size, table } from './output.ts';

/** Commands about this device as a guest: pairing, asking, plots. */

const ASKED = {
  size: { type: 'string' },
  'min-size': { type: 'string' },
  for: { type: 'string' },
  purpose: { type: 'string' },
  why: { type: 'string' },
  borrow: { type: 'boolean' },
} as const;

export const guestCommands: Readonly<Record<string, Command>> = {
  pair: {
    usage: 'pair [NAME|ADDRESS]',
    help: 'call a friend’s device that is near, or at an address; without either: who is calling',
    words: [0, 1],
    run: async (context) => {
      const { call, words, note, ask } = context;
      const [whom] = words;
      if (whom === undefined) return listPairings(context);
      const there = await whomToCall(context, whom);
      if (!there.ok) return there;
      const begun = await call('pairings.start', there.value);
      if (!begun.ok) return begun;
      const { name, digits } = begun.value;
      note(
        `${plainText(name)} answers. Your screen shows ${spaced(digits)}; ${plainText(name)} types that.`,
      );
      const code = await ask(`Type the six digits that ${plainText(name)}’s screen shows: `);
      if (code === undefined)
        return ok({
          value: begun.value,
          text: `Then: allotment pair confirm CODE, with the six digits that ${plainText(name)}’s screen shows (or pair reject CODE).`,
        });
      const confirmed = await call('pairings.confirm', { code, id: begun.value.id });
      if (!confirmed.ok) return confirmed;
      return ok({ value: confirmed.value, text: pairingText(confirmed.value.state, name) });
    },
  },
  'pair confirm': {
    usage: 'pair confirm CODE',
    help: 'the code is the one that the other screen shows',
    words: [1, 1],
    run: async ({ call, words: [code = ''] }) => {
      const confirmed = await call('pairings.confirm', { code });
      if (!confirmed.ok) return confirmed;
      const { state, name } = confirmed.value;
      return ok({ value: confirmed.value, text: pairingText(state, name) });
    },
  },
  'pair reject': {
    usage: 'pair reject CODE',
    help: 'the digits differ, or it was nobody you know',
    words: [1, 1],
    run: async ({ call, words: [code = ''] }) => {
      const rejected = await call('pairings.reject', { code });
      return rejected.ok
        ? ok({ value: rejected.value, text: 'Rejected. Nothing was shared.' })
        : rejected;
    },
  },
  ask: {
    usage:
      'ask FRIEND --size 1GB [--min-size 500MB] [--for 30d] [--purpose TEXT] [--why FILE] [--borrow]',
    help: 'please allocate some space for some duration for me; with --borrow a loan will do',
    options: ASKED,
    words: [1, 1],
    run: (context) => askOrQuote(context, 'allocations.ask'),
  },
  quote: {
    usage: 'quote FRIEND --size 1GB [--for 30d] [--why FILE] [--borrow]',
    help: 'what the answer would be, without asking',
    options: ASKED,
    words: [1, 1],
    run: (context) => askOrQuote(context, 'allocations.quote'),
  },
  plots: {
    usage: 'plots [--hosted|--mine]',
    help: 'what friends keep here, and what they keep for you',
    options: { hosted: { type: 'boolean' }, mine: { type: 'boolean' } },
    words: [0, 0],
    run: listPlots,
  },
  renew: {
    usage: 'renew PLOT [--for 30d]',
    help: 'a longer lease for a plot of yours',
    options: { for: { type: 'string' } },
    words: [1, 1],
    run: async ({ call, words: [plot = ''], values, t }) => {
      const durationS = durationOption(values, 'for', 0);
      if (!durationS.ok) return durationS;
      const wish = durationS.value === 0 ? { plot } : { plot, durationS: durationS.value };
      const renewed = await call('plots.renew', wish);
      return renewed.ok ? ok(answered(t, renewed.value)) : renewed;
    },
  },
  release: {
    usage: 'release PLOT',
    help: 'let go of a plot of yours; its data is deleted',
    words: [1, 1],
    run: async ({ call, words: [plot = ''] }) => {
      const released = await call('plots.release', { plot });
      if (!released.ok) return released;
      const { leavesMs } = released.value;
      const text =
        leavesMs === undefined
          ? 'Let go.'
          : `It is protected: what lies there stays until ${dateTime(leavesMs)}, and goes then.`;
      return ok({ value: released.value, text });
    },
  },
};

function spaced(digits: string | null): string {
  return digits === null ? '…' : `${digits.slice(0, 3)} ${digits.slice(3)}`;
}

function pairingText(state: string, name: string): string {
  return state === 'paired'
    ? `${plainText(name)} is your friend now. How much space? allotment policy set ${inShell(name)} fair-share=1`
    : `Confirmed here; waiting for ${plainText(name)} to do the same.`;
}

const PAIRING_STATES: Readonly<Record<PairingView['state'], string>> = {
  comparing: 'compare the digits',
  'confirmed-here': 'confirmed here',
  paired: 'friends',
  rejected: 'ended by one of you',
  expired: 'too late',
  failed: 'broken off',
};

async function listPairings({ call }: CommandContext): Promise<Result<Outcome, Fault>> {
  const pairings = await call('pairings.list', {});
  if (!pairings.ok) return pairings;
  const isOpen = ({ state }: PairingView) => state === 'comparing' || state === 'confirmed-here';
  // Old ones stay for a while; digits are to be compared with those that count now.
  const sorted = pairings.value.toSorted((a, b) => Number(isOpen(b)) - Number(isOpen(a)));
  const rows = sorted.map(({ name, digits, state, leftS, began }) => [
    name,
    began === 'here' ? 'you called' : 'calls you',
    spaced(digits),
    PAIRING_STATES[state],
    state === 'comparing' || state === 'confirmed-here' ? left(leftS) : '',
  ]);
  const head = ['who', '', 'your screen shows', 'state', 'left'];
  const text = rows.length === 0 ? 'Nobody is calling: allotment pair ADDRESS' : table(head, rows);
  return ok({ value: pairings.value, text });
}

async function askOrQuote(
  { call, words, values, t }: CommandContext,
  channel: 'allocations.ask' | 'allocations.quote',
): Promise<Result<Outcome, Fault>> {
  const wanted = sizeOption(values, 'size');
  if (!wanted.ok) return wanted;
  const least = values['min-size'] === undefined ? undefined : sizeOption(values, 'min-size');
  if (least?.ok === false) return least;
  const isLoan = values['borrow'] === true;
  const durationS = durationOption(values, 'for', isLoan ? BORROWED_LEASE_S : 30 * DAY_S);
  if (!durationS.ok) return durationS;
  const file = textOption(values, 'why');
  const why = file === undefined ? ok(undefined) : await readJson(file);
  if (!why.ok) return why;
  const purpose = textOption(values, 'purpose');
  const result = await call(channel, {
    friend: words[0] ?? '',
    size: wanted.value,
    durationS: durationS.value,
    ...(isLoan ? { accept: 'borrowed' } : {}),
    ...(least === undefined ? {} : { minSize: least.value }),
    ...(purpose === undefined ? {} : { purpose }),
    // The door parses it; here it is only carried.
    ...(why.value === undefined ? {} : { why: why.value as never }),
  });
  if (!result.ok) return result;
  return ok(channel === 'allocations.ask' ? answered(t, result.value) : quoted(t, result.value));
}

/** Nothing was asked: there is no plot, and nobody waits. */
function quoted(t: Translate, answer: Plain<Answer>): Outcome {
  const outcome = answered(t, answer);
  switch (answer.type) {
    case 'granted': {
      const word = answer.class === 'borrowed' ? 'lent' : 'granted';
      const text = `It would be ${word}: ${size(answer.size)} for ${left(answer.ttl)}. ${share(answer.share)}`;
      return { ...outcome, text };
    }
    case 'pending':
      return { ...outcome, text: `It would wait for ${t(`waits-for.${answer.why}`)}.` };
    default:
      return outcome;
  }
}

/** An answer in words; a refusal is an answer, and its exit code says so. */
function answered(t: Translate, answer: Plain<Answer>): Outcome {
  switch (answer.type) {
    case 'granted':
      return {
        value: answer,
        text: `${answer.class === 'borrowed' ? 'Lent' : 'Granted'}: ${size(answer.size)} in plot ${answer.plot}, for ${left(answer.ttl)}. ${share(answer.share)}`,
      };
    case 'counter':
      return {
        value: answer,
        text: `Offered instead: ${size(answer.offer.size)} for ${left(answer.offer.duration)}. ${share(answer.share)}`,
        exit: faults.refused.exit,
      };
    case 'pending':
      return {
        value: answer,
        text: `Not decided yet: it waits for ${t(`waits-for.${answer.why}`)}. This computer asks again by itself; allotment wishes shows it.`,
        exit: faults.refused.exit,
      };
    default: {
      const lines = answer.reasons.map((reason) =>
        say(t, { key: `denial.${reason.code}`, params: reason.params }),
      );
      return { value: answer, text: `No: ${lines.join(' Also, ')}`, exit: faults.refused.exit };
    }
  }
}

function share(state: {
  readonly useBytes: string;
  readonly mayAskBytes: string;
  readonly shareBytes?: string | undefined;
}): string {
  const of = state.shareBytes === undefined ? '' : ` of ${size(state.shareBytes)}`;
  return `In use: ${size(state.useBytes)}${of}; ${size(state.mayAskBytes)} more could be asked for.`;
}

async function listPlots({ call, values, t }: CommandContext): Promise<Result<Outcome, Fault>> {
  const both = values['hosted'] !== true && values['mine'] !== true;
  const parts: string[] = [];
  const value: Record<string, unknown> = {};
  if (both || values['hosted'] === true) {
    const hosted = await call('plots.hosted', {});
    if (!hosted.ok) return hosted;
    value['hosted'] = hosted.value;
    const rows = hosted.value.map((plot) => [
      plot.plot,
      plot.friend,
      t(`ground.${plot.ground}`),
      stateOf(plot, t),
      size(plot.sizeBytes),
      size(plot.writtenBytes),
      leaseOf(plot),
    ]);
    const head = ['hosted here', 'friend', 'ground', 'state', 'size', 'written', 'lease'];
    parts.push(rows.length === 0 ? 'Nobody keeps anything here yet.' : table(head, rows));
  }
  if (both || values['mine'] === true) {
    const mine = await call('plots.mine', {});
    if (!mine.ok) return mine;
    value['mine'] = mine.value;
    const rows = mine.value.map((plot) => [
      plot.plot,
      plot.friend,
      plot.set ?? '',
      stateOf(plot, t),
      size(plot.sizeBytes),
      size(plot.writtenBytes),
      leaseOf(plot),
    ]);
    const head = ['mine', 'at', 'set', 'state', 'size', 'written', 'lease'];
    parts.push(rows.length === 0 ? 'Nothing of yours lies at a friend’s yet.' : table(head, rows));
  }
  return ok({ value, text: parts.join('\n\n') });
}

/** No lease holds what its guest's own list lets go. */
function leaseOf({ leftS, leavesMs }: Pick<MyPlotView, 'leftS' | 'leavesMs'>): string {
  return leavesMs === undefined ? left(leftS) : `goes ${dateTime(leavesMs)}`;
}

function stateOf(plot: Pick<MyPlotView, 'class' | 'state'>, t: Translate): string {
  const state = t(`plot-state.${plot.state}`);
  return plot.class === 'borrowed' ? `${state}, lent` : state;
}
