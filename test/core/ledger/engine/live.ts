import { expect } from 'vitest';
import { agree } from '../../../fakes/agree.ts';
import { createAsking } from './asking.ts';
import { HOST, type Use } from './books.ts';
import { forgetAll } from './forgetting.ts';
import { createHearing } from './hearing.ts';
import { createKeeping } from './keeping.ts';
import { createMinting } from './minting.ts';
import { trashIn, writtenIn } from './model-types.ts';
import { createProtecting } from './protecting.ts';
import { FRIENDS, openStage, type Stage } from './stage.ts';
import { createPassing } from './time.ts';
import { createWaiting } from './waiting.ts';
import { createWriting } from './writing.ts';

/** Some hundred random commands, said to the engine and to the model; after each the two are compared. */
export function liveOnce(
  template: { readonly folder: string; readonly file: string },
  { seed, commands: count, note }: { seed: number; commands: number; note: (what: string) => void },
): void {
  const stage: Stage = openStage(template, { seed, note, agrees: () => agrees(stage) });
  const { pick, keeper, engine } = stage;
  const asking = createAsking(stage);
  const { ask } = asking;
  const { poll, withdraw, answer } = createWaiting(stage, asking);
  const { renew, release, resize, keepOnly, giveNotice, delegate } = createKeeping(stage);
  const { protect, bringBack, emptyTrash } = createProtecting(stage);
  const { reserve, settle, takeAway } = createWriting(stage);
  const { give, fetch, swap } = createMinting(stage);
  const { deliver, compare, changePlan, look, takeBack } = createHearing(stage);
  const { timePasses, joinOrShrink } = createPassing(stage, { poll, renew });

  const commands = (
    [
      [18, ask],
      [6, poll],
      [10, renew],
      [3, release],
      [3, resize],
      [10, timePasses],
      [8, reserve],
      [8, settle],
      [4, takeAway],
      [4, give],
      [6, fetch],
      [2, swap],
      [6, deliver],
      [2, compare],
      [1, changePlan],
      [3, look],
      [1, takeBack],
      [1, keepOnly],
      [2, giveNotice],
      [1, withdraw],
      [3, answer],
      [2, delegate],
      [3, protect],
      [1, bringBack],
      [3, emptyTrash],
      [2, joinOrShrink],
    ] as const
  ).flatMap(([times, command]) => Array.from({ length: times }, () => () => command()));
  for (let command = 0; command < count; command += 1) {
    (pick(commands) ?? ask)();
    agrees(stage);
  }
  forgetAll(stage);
  engine.close();
  keeper.sql.close();
}

/** The laws of design §3.2 and §4, and that engine and model say the same. */
function agrees(stage: Stage): void {
  const { chance, pick, isSteady, reference, model, household, engine, moment, disk } = stage;
  const { reservedIn } = reference;
  const { ledger, hosted, counted } = engine.books();
  const totals = ledger.totals({ disk: disk() });
  const promised = reference.sum(model.plots);
  agree(totals.promisedBytes, promised);
  agree(
    totals.writtenBytes,
    model.plots.reduce((all, each) => all + writtenIn(each), 0n),
  );
  agree(totals.capacityBytes, reference.capacity());
  agree(totals.lentBytes, reference.sum(reference.lent()));
  agree(totals.outstandingBytes, reference.outstandingBytes(), 'outstanding');
  agree(totals.fairPromisedBytes, reference.shared(), 'shared');
  agree(totals.fairBytes, reference.fairBytes());
  // The log of decisions rebuilds the total.
  agree(counted.replayed(), promised);
  // Each counter is what its rows add up to: of each person under each ground, and of what he vouches for.
  const uses = counted.uses();
  agree(uses.map(textOf).toSorted(), reference.uses().map(textOf).toSorted());
  for (const { introducer, ground, promised: bytes } of counted.vouched())
    agree(bytes, reference.vouched(introducer, ground), 'vouched');
  const one = pick(FRIENDS) ?? HOST;
  if (chance(4) && reference.relation(one) === 'friend') {
    const share = ledger.share({ owner: one, disk: disk() });
    agree(share.useBytes, reference.useOf(one));
    agree(share.vouchedBytes ?? 0n, reference.vouched(one), 'vouched');
    const [first] = reference.entitling(one);
    if (first?.kind === 'fair-share') agree(share.shareBytes, reference.shareOf(one));
  }
  if (
    isSteady &&
    model.waiting.length > 0 &&
    FRIENDS.some((each) => reference.overBytes(each) > 0n)
  )
    for (const waiter of model.waiting) waiter.scarce = true;
  const rows = ledger.plots({ moment: moment() });
  agree(
    rows.map(
      (row) =>
        `${row.plot} ${row.ground} ${row.class} ${row.state} ${row.leftS} ${row.sizeBytes} ${row.writtenBytes} ${row.reservedBytes} ${row.leavesInS} ${row.protectDays} ${row.trashBytes} ${row.falls?.toDays} ${row.falls?.inS} ${row.shrinks?.toBytes} ${row.shrinks?.inS}`,
    ),
    model.plots.map((each) => {
      const inS = (atS: number | undefined) => (atS === undefined ? undefined : atS - model.nowS);
      return `${each.plot} ${each.ground} ${each.class} ${each.state} ${inS(each.untilS)} ${each.size} ${writtenIn(each)} ${reservedIn(each)} ${inS(each.leavesS)} ${each.protectDays} ${trashIn(each)} ${each.falls?.toDays} ${inS(each.falls?.atS)} ${each.shrinks?.toBytes} ${inS(each.shrinks?.atS)}`;
    }),
  );
  // I2, per plot.
  agree(
    rows.filter((row) => row.writtenBytes + row.reservedBytes > row.promisedBytes),
    [],
  );
  agree(
    ledger.waiting().map((each) => `${each.ticket} ${each.why} ${each.approved}`),
    model.waiting.map((each) => `${each.ticket} ${each.why} ${each.approved}`),
  );
  agree(
    stage.charged(),
    {
      open: household.openBytes(),
      held: household.heldBytes(),
    },
    'open and held',
  );
  // Whatever is lost and whoever crashes: what stands on an account is charged to it, and never lies beyond it.
  const onAccount = reference.sum(reference.alive().filter(({ ground }) => ground === 'account'));
  expect(onAccount).toBeLessThanOrEqual(household.openBytes() + household.heldBytes());
  if (hosted.untold() === 0) agree(household.heldBytes(), onAccount);
}

const textOf = ({ owner, ground, promised, plots, lent, written }: Use) =>
  `${owner} ${ground} ${promised} ${plots} ${lent} ${written}`;
