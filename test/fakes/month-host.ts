import type { Ledger } from '../../electron/core/ledger/ledger.ts';
import type { OwnerId } from '../../shared/ids.ts';
import type { Granted } from '../../shared/model/allocate.ts';
import type { Moment } from '../../shared/model/moment.ts';
import { GB } from '../../shared/units.ts';
import type { MemoryRepositoryStore } from './memory-repository-store.ts';
import {
  addFriend,
  hashOf,
  openTestLedger,
  ROOMY,
  testOwnerId,
  testRequest,
} from './test-ledger.ts';

/** A friend in simulated time: his real ledger, by his own service clock, and his disk in memory. */
export type MonthHost = {
  readonly name: string;
  readonly owner: OwnerId;
  readonly ledger: Ledger;
  /** His computer is off, with his service clock. */
  isAway: boolean;
  isDiskFull: boolean;
  serviceS: number;
  readonly disks: Map<string, MemoryRepositoryStore>;
};

export const ME = testOwnerId(9);
const SOMEBODY = testOwnerId(8);
const MB = 1_000_000n;
const MOMENT_AT_FIRST = { nowMs: 1_000_000, serviceS: 1000 };

export function createMonthHost(name: string, owner: OwnerId, others: number): MonthHost {
  const { sql, ledger } = openTestLedger();
  addFriend(sql, ME, 'me');
  addFriend(sql, SOMEBODY, 'somebody');
  ledger.setOffer({ folder: '/offer', offerBytes: 100n * GB, keepFreeBytes: GB, volume: 'v' });
  ledger.setPolicy({
    owner: undefined,
    policy: { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] },
  });
  // Plots of somebody else's: no two hosts give the same id away.
  for (let count = 0; count < others; count += 1) allocate(ledger, SOMEBODY, MB, MOMENT_AT_FIRST);
  const { serviceS } = MOMENT_AT_FIRST;
  return { name, owner, ledger, isAway: false, isDiskFull: false, serviceS, disks: new Map() };
}

export function momentOf({ serviceS }: Pick<MonthHost, 'serviceS'>): Moment {
  return { nowMs: Date.now(), serviceS };
}

export function allocate(ledger: Ledger, owner: OwnerId, bytes: bigint, moment: Moment): Granted {
  const request = testRequest(bytes, { duration: { want: 31 * 86_400 } });
  const call = { owner, request, bodyHash: hashOf(request), moment, disk: ROOMY };
  const { answer } = ledger.allocate(call);
  if (answer.type !== 'granted') throw new Error(JSON.stringify(answer.type));
  return answer;
}
