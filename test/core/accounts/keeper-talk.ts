import type { Settlement } from '../../../shared/wire/accounts.ts';
import { GB } from '../../../shared/units.ts';
import { testOwnerId, testPlotId, testRequestId } from '../../fakes/test-ledger.ts';
import {
  ACCOUNT,
  ANA,
  deviceOfOwner,
  DORA,
  NOW_MS,
  openKeeper,
  type TestKeeper,
  testPromise,
} from './world.ts';

/** What hosts and members say to Ana, who keeps the account of a family; for the tests of her books. */
export const BEN = testOwnerId(2);
export const CLEO = testOwnerId(3);
export const ben = { owner: BEN, device: deviceOfOwner(BEN) };
export const cleo = { owner: CLEO, device: deviceOfOwner(CLEO) };

export function family(planBytes = 100n * GB, hosts = [BEN, CLEO]): TestKeeper {
  const keeper = openKeeper();
  keeper.book.setAccount({ account: ACCOUNT, planBytes, members: [DORA], hosts });
  return keeper;
}

export function reserve(
  { book }: TestKeeper,
  name: string,
  bytes: bigint,
  from = ben,
  member = DORA,
) {
  const reservation = testPromise(name);
  return book.reserve({ v: 1, reservation, account: ACCOUNT, member, bytes, from, atMs: NOW_MS });
}

export function settled(seq: number, plot: number, bytes: bigint, promise?: string): Settlement {
  const item = { state: 'settled', seq, account: ACCOUNT, member: DORA, bytes } as const;
  const common = { ...item, plot: testPlotId(plot) };
  return promise === undefined ? common : { ...common, promise: testPromise(promise) };
}

export function settle({ book }: TestKeeper, items: readonly Settlement[], from = ben) {
  return book.settle({ from, items, atMs: NOW_MS });
}

export function compare(
  { book }: TestKeeper,
  seq: number,
  plots: readonly { readonly plot: number; readonly bytes: bigint }[],
  from = ben,
) {
  return book.compare({
    v: 1,
    seq,
    after: null,
    upTo: null,
    plots: plots.map(({ plot, bytes }) => ({
      plot: testPlotId(plot),
      account: ACCOUNT,
      member: DORA,
      bytes,
    })),
    from,
    atMs: NOW_MS,
  });
}

export function ticket(
  { book }: TestKeeper,
  request: number,
  bytes = GB,
  newJti = `jti ${request}`,
  { device = ben.device, member = DORA } = {},
) {
  return book.issue({
    v: 1,
    requestId: testRequestId(request),
    account: ACCOUNT,
    host: BEN,
    device,
    bytes,
    durationS: 86_400,
    requestHash: 'h'.repeat(43),
    keeper: deviceOfOwner(ANA),
    member,
    newJti: testPromise(newJti),
    atMs: NOW_MS,
  });
}

export function code(result: { readonly ok: boolean; readonly fault?: { readonly code: string } }) {
  return result.ok ? 'yes' : result.fault?.code;
}
