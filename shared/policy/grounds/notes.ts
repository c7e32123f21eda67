import { z } from 'zod';
import type { DenialCode } from '../../denial.ts';
import { bytes } from '../../model/ids.ts';
import { affordableBytes, affordableS, priceOf, UNIT_BYTES } from '../../model/notes.ts';
import { promisedBytes } from '../../model/plot.ts';
import type { Ruling } from '../decision.ts';
import type { Ask, Facts } from '../facts.ts';
import { defineWitnessedGround } from '../ground.ts';
import { askableBytes, positive } from '../guards.ts';

/** What the mint knows of the notes that a request brings (design §3.6). */
export type NotesEvidence = {
  /** Of those that are this host's, still run and were not spent. */
  readonly units: bigint;
  /** What is wrong with the others; then nothing is taken, so that nobody loses some in a heap of bad ones. */
  readonly problem?: DenialCode | undefined;
  /** The plot that grows or is renewed: what it is promised and for how long that is paid; negative: it was over. */
  readonly plot?: { readonly promisedBytes: bigint; readonly leftS: number } | undefined;
};

const NOTHING: NotesEvidence = { units: 0n };

/** Whoever hands over notes that this host has issued gets what they are worth. */
export const notes = defineWitnessedGround<NotesEvidence>()({
  kind: 'notes',
  schema: z.strictObject({
    kind: z.literal('notes'),
    /** The most that is promised to one friend for notes. */
    maxBytes: bytes.optional(),
  }),
  judge: ({ ground, ask, facts, evidence = NOTHING }) => {
    // What is asked beside a request (how much may I ask for?) brings no notes, whatever the request does.
    const brings = ask.why.some(({ kind }) => kind === 'notes');
    const { plot } = evidence;
    const units = brings ? evidence.units : 0n;
    const problem = brings ? evidence.problem : undefined;
    if (problem !== undefined) return { verdict: 'deny', code: problem, params: {} };
    const short = () => ({
      code: 'notes-short' as const,
      params: { needUnits: `${priceFor(ask, plot)}`, haveUnits: `${units}` },
    });
    const ruling = units === 0n ? undefined : allowance(ask, { units, plot }, priceFor(ask, plot));
    if (ruling === undefined) return { verdict: 'deny', short };
    const { maxBytes } = ground;
    const cap = maxBytes === undefined ? undefined : capOf(maxBytes, ask, facts);
    if (cap !== undefined && cap.maxBytes < ruling.maxBytes)
      return cap.maxBytes === 0n ? { verdict: 'deny', ...cap.short() } : { ...ruling, ...cap };
    return { ...ruling, short };
  },
  judgeRenewal: ({ ground, ask, evidence = NOTHING }) => {
    const { units, problem, plot } = evidence;
    if (plot === undefined) return { verdict: 'allow', maxS: Number.MAX_SAFE_INTEGER };
    const paid = {
      afterBytes: plot.promisedBytes,
      beforeBytes: plot.promisedBytes,
      leftS: plot.leftS,
    };
    const needUnits = priceOf({ ...paid, forS: ask.wantS });
    // A lease that is long enough already costs nothing and becomes no longer.
    if (needUnits === 0n) return { verdict: 'allow', maxS: Number.MAX_SAFE_INTEGER };
    if (ground === undefined) return { verdict: 'deny', code: 'barter-off', params: {} };
    if (problem !== undefined) return { verdict: 'deny', code: problem, params: {} };
    const maxS = affordableS(units, paid);
    return units === 0n || maxS <= Math.max(0, plot.leftS)
      ? {
          verdict: 'deny',
          code: 'notes-short',
          params: { needUnits: `${needUnits}`, haveUnits: `${units}` },
        }
      : { verdict: 'allow', maxS };
  },
  entitlementBytes: () => undefined,
});

type Allowance = Extract<Ruling, { verdict: 'allow' }>;

function priceFor(ask: Ask, plot: NotesEvidence['plot']): bigint {
  const { beforeBytes, leftS } = before(plot);
  return priceOf({
    afterBytes: promiseAfter(ask, plot),
    forS: leaseAfter(ask.wantS, plot),
    beforeBytes,
    leftS,
  });
}

/** All of it, or all of the size for less time, or less of it: whatever of that is of use. */
function allowance(
  ask: Ask,
  { units, plot }: NotesEvidence,
  needUnits: bigint,
): Allowance | undefined {
  const spent = units < needUnits ? units : needUnits;
  const freesBytes = spent * UNIT_BYTES;
  if (units >= needUnits)
    return { verdict: 'allow', maxBytes: ask.sizeBytes, maxS: ask.wantS, freesBytes };
  const maxS = affordableS(units, { afterBytes: promiseAfter(ask, plot), ...before(plot) });
  if (maxS >= Math.max(ask.minS, plot?.leftS ?? 0))
    return { verdict: 'allow', maxBytes: ask.sizeBytes, maxS, freesBytes };
  for (const wantS of [ask.wantS, ask.minS]) {
    const forS = leaseAfter(wantS, plot);
    const promise = affordableBytes(units, { forS, ...before(plot) });
    const maxBytes = askableBytes(ask, positive(promise - (plot?.promisedBytes ?? 0n)));
    if (maxBytes > 0n && maxBytes >= ask.minSizeBytes)
      return { verdict: 'allow', maxBytes, maxS: wantS, freesBytes };
  }
  return undefined;
}

function before(plot: NotesEvidence['plot']): { beforeBytes: bigint; leftS: number } {
  return { beforeBytes: plot?.promisedBytes ?? 0n, leftS: plot?.leftS ?? 0 };
}

/** As the ledger has it: what was found on the disk beyond a promise has raised it, and growth does not lower that. */
function promiseAfter(ask: Ask, plot: NotesEvidence['plot']): bigint {
  const promised = promisedBytes(ask.sizeBytes + (ask.grows?.sizeBytes ?? 0n));
  const present = plot?.promisedBytes ?? 0n;
  return promised > present ? promised : present;
}

/** A plot that grows keeps a lease that is longer already. */
function leaseAfter(wantS: number, plot: NotesEvidence['plot']): number {
  return Math.max(wantS, plot?.leftS ?? 0);
}

/** The owner takes notes for so much and no more. */
function capOf(
  quotaBytes: bigint,
  ask: Ask,
  facts: Facts,
): Required<Pick<Allowance, 'maxBytes' | 'short'>> {
  const useBytes = facts.useByGround['notes'] ?? 0n;
  const maxBytes = askableBytes(ask, positive(quotaBytes - useBytes));
  return {
    maxBytes,
    short: () => ({
      code: 'quota' as const,
      params: {
        quotaBytes: `${quotaBytes}`,
        useBytes: `${useBytes}`,
        requestedBytes: `${ask.sizeBytes}`,
        mayAskBytes: `${maxBytes}`,
      },
    }),
  };
}
