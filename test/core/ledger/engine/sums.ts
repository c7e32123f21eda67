import type { OwnerId } from '../../../../shared/ids.ts';
import { UNIT_BYTES } from '../../../../shared/model/notes.ts';
import type { GroundKind } from '../../../../shared/model/policy.ts';
import { steadyCapacity } from '../../../../shared/policy/steady.ts';
import { DAY_S, HOUR_S } from '../../../../shared/units.ts';
import {
  type ModelClaim,
  type ModelLink,
  type ModelNote,
  type ModelPlot,
  type ModelUpload,
  type Person,
  positive,
  promiseOf,
  total,
  unitsIn,
  type Waiter,
  writtenIn,
} from './model-types.ts';

/** What the model knows, as plain lists, and everything that is added up from them, anew each time. */
export type Sums = ReturnType<typeof createSums>;

export function createSums(offerBytes: bigint, freeBytes: bigint) {
  const model = {
    offerBytes,
    freeBytes,
    steadyBytes: undefined as bigint | undefined,
    nowS: 0,
    nowMs: 0,
    people: new Map<OwnerId, Person>(),
    plots: [] as ModelPlot[],
    uploads: [] as ModelUpload[],
    /** Undecided, oldest first: in line for room, or for the owner's word. */
    waiting: [] as Waiter[],
    /** What the owner has said no to, for as long as the answer is kept. */
    nos: [] as {
      readonly owner: OwnerId;
      readonly wanted: bigint;
      readonly saidS: number;
      kept: boolean;
    }[],
    /** Nothing new for anybody. */
    isPaused: false,
    minuteOfDay: () => Math.floor(model.nowMs / 60_000) % 1440,
    refusals: [] as { readonly owner: OwnerId; readonly size: bigint; readonly atMs: number }[],
    ends: new Map<OwnerId, number>(),
    /** Whose share was how large when he was given notice: what a notice is about grows no more. */
    told: new Map<OwnerId, bigint>(),
    notes: [] as ModelNote[],
    claims: [] as ModelClaim[],
    keysets: new Map<string, { expiresMs: number; live: boolean; overS: number | undefined }>(),
    withdrawn: new Set<string>(),
    kept: [] as { host: OwnerId; known: bigint; bytes: bigint; passedS: number; failed: boolean }[],
  };
  const { people } = model;
  const relation = (owner: OwnerId) => people.get(owner)?.relation ?? 'gone';
  const groundsOf = (owner: OwnerId) => people.get(owner)?.grounds ?? [];
  const guardsOf = (owner: OwnerId) => people.get(owner)?.guards ?? {};
  const groundOf = (owner: OwnerId, kind: GroundKind) =>
    groundsOf(owner).find((each) => each.kind === kind);
  function weightOf(owner: OwnerId): bigint {
    const ground = groundOf(owner, 'fair-share');
    return relation(owner) === 'friend' && ground?.kind === 'fair-share'
      ? BigInt(2 * ground.weight)
      : 0n;
  }
  const sum = (plots: readonly ModelPlot[]) => total(plots.map(promiseOf));
  const alive = (owner?: OwnerId) =>
    model.plots.filter(
      (each) => each.state !== 'released' && (owner === undefined || each.owner === owner),
    );
  const line = () => model.waiting.filter(({ why }) => why === 'queue');
  const introducerOf = ({ chain }: ModelPlot) => chain[0]?.introducer;
  const vouched = (owner: OwnerId, ground?: GroundKind) =>
    sum(
      model.plots.filter(
        (each) => introducerOf(each) === owner && (ground === undefined || each.bears === ground),
      ),
    );
  const useOf = (owner: OwnerId, ground?: GroundKind) =>
    vouched(owner, ground) +
    sum(
      model.plots.filter(
        (each) => each.owner === owner && (ground === undefined || each.ground === ground),
      ),
    );
  const capacity = () => {
    const bears = total(model.plots.map(writtenIn)) + model.freeBytes;
    return bears < model.offerBytes ? bears : model.offerBytes;
  };
  const isLive = (keyset: string) => model.keysets.get(keyset)?.live === true;
  const outstandingUnits = () =>
    unitsIn(model.notes.filter(({ state, keyset }) => state === 'out' && isLive(keyset))) +
    total(model.claims.map(({ units }) => units));
  /** What an unused plot would give back beyond what it keeps free itself. */
  const heldOver = (plot: ModelPlot) => {
    const units = [...plot.holds].map(([keyset, each]) => (isLive(keyset) ? each : 0n));
    return positive(total(units) * UNIT_BYTES - promiseOf(plot));
  };
  const outstandingBytes = () => outstandingUnits() * UNIT_BYTES + total(model.plots.map(heldOver));
  const freeBytesFor = (ahead: readonly Waiter[]) =>
    capacity() - sum(model.plots) - outstandingBytes() - lineBytes(ahead);
  const mayIssueUnits = () => positive(freeBytesFor(line())) / UNIT_BYTES;
  const owners = () => [...people.keys()];
  const shared = () =>
    total(owners().map((owner) => (weightOf(owner) > 0n ? useOf(owner, 'fair-share') : 0n)));
  const divided = (bytes: bigint) =>
    positive(bytes - (sum(model.plots) - shared()) - outstandingBytes());
  const fairBytes = () => divided(steadyCapacity(model.steadyBytes, capacity()));
  const presentFairBytes = () => divided(capacity());
  const shareOf = (owner: OwnerId) => {
    const weights = total(owners().map(weightOf));
    return weights === 0n ? 0n : (fairBytes() * weightOf(owner)) / weights;
  };
  const lent = () => model.plots.filter((each) => each.class === 'borrowed');
  const guaranteed = (plots: readonly ModelPlot[], owner: OwnerId) =>
    plots.filter(
      (each) => each.owner === owner && each.ground === 'fair-share' && each.class === 'guaranteed',
    );
  /** What a friend is to come down to. */
  const downTo = (owner: OwnerId) => {
    const told = model.ends.has(owner) ? (model.told.get(owner) ?? 0n) : 0n;
    return told > shareOf(owner) ? told : shareOf(owner);
  };
  const overBytes = (owner: OwnerId, plots = model.plots, share = shareOf(owner)) =>
    // Where nothing can be promised at all, nobody has a share to be over.
    relation(owner) !== 'friend' || capacity() === 0n || guaranteed(model.plots, owner).length === 0
      ? 0n
      : positive(sum(guaranteed(plots, owner)) + vouched(owner, 'fair-share') - share);
  const lineBytes = (line: readonly Waiter[]) => total(line.map(({ wanted: each }) => each));

  const usedOf = (hash: string) =>
    sum(model.plots.filter(({ chain }) => chain.some((link) => link.hash === hash)));
  const isGood = (chain: readonly ModelLink[]) =>
    relation(chain[0]?.introducer ?? ('' as OwnerId)) === 'friend' &&
    chain.every(({ introducer, id }) => !model.withdrawn.has(`${introducer} ${id}`));
  const leftS = (chain: readonly ModelLink[]) =>
    Math.floor((Math.min(...chain.map(({ untilMs }) => untilMs)) - model.nowMs) / 1000);

  const isRunning = (keyset: string) =>
    isLive(keyset) && (model.keysets.get(keyset)?.expiresMs ?? 0) > model.nowMs - HOUR_S * 1000;
  /** Undefined: something is wrong with one of them, so none is taken. */
  const goodUnits = (notes: readonly ModelNote[] = []) =>
    notes.every(({ state, keyset }) => state === 'out' && isRunning(keyset)) &&
    new Set(notes).size === notes.length
      ? unitsIn(notes)
      : undefined;
  function heldBy(owner: OwnerId): bigint {
    const fresh = ({ host, passedS, failed }: (typeof model.kept)[number]) =>
      host === owner && !failed && passedS > model.nowS - 7 * DAY_S;
    return total(model.kept.filter(fresh).map(({ bytes }) => bytes));
  }
  const reservedIn = (plot: ModelPlot) =>
    total(model.uploads.filter((each) => each.plot === plot).map(({ size }) => size));

  /** What everybody is charged under each ground. */
  function uses() {
    const byUse = Map.groupBy(model.plots, ({ owner, ground }) => `${owner} ${ground}`);
    return [...byUse.values()].flatMap((plots) => {
      const [first] = plots;
      if (first === undefined) return [];
      return [
        {
          owner: first.owner,
          ground: first.ground,
          promised: sum(plots),
          plots: BigInt(plots.length),
          lent: sum(plots.filter((each) => each.class === 'borrowed')),
          written: total(plots.map(writtenIn)),
        },
      ];
    });
  }
  const entitling = (owner: OwnerId) =>
    groundsOf(owner).filter(({ kind }) => kind === 'fair-share' || kind === 'quota');

  return {
    model,
    relation,
    groundsOf,
    guardsOf,
    groundOf,
    weightOf,
    sum,
    alive,
    line,
    introducerOf,
    vouched,
    useOf,
    capacity,
    isLive,
    outstandingBytes,
    freeBytesFor,
    mayIssueUnits,
    owners,
    shared,
    fairBytes,
    presentFairBytes,
    shareOf,
    lent,
    guaranteed,
    downTo,
    overBytes,
    lineBytes,
    usedOf,
    isGood,
    leftS,
    isRunning,
    goodUnits,
    heldBy,
    reservedIn,
    uses,
    entitling,
  };
}
