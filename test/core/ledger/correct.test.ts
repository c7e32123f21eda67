import { expect, test } from 'vitest';
import { MB } from '../../../shared/units.ts';
import {
  addFriend,
  hashOf,
  openTestLedger,
  ROOMY,
  testOwnerId,
  testRequest,
} from '../../fakes/test-ledger.ts';

const moment = { nowMs: 1000, serviceS: 1000 };

test('growth after more was found on the disk than was promised keeps what was found', () => {
  const { sql, ledger } = openTestLedger();
  const owner = testOwnerId(1);
  addFriend(sql, owner, 'Ana');
  ledger.setOffer({ folder: '/o', offerBytes: 9000n * MB, keepFreeBytes: 0n, volume: 'v' });
  ledger.setPolicy({ owner: undefined, policy: { guards: {}, grounds: [{ kind: 'always' }] } });
  const ask = (size: bigint, more = {}) => {
    const request = testRequest(size, more);
    return ledger.allocate({ owner, request, bodyHash: hashOf(request), moment, disk: ROOMY })
      .answer;
  };
  const first = ask(1n * MB);
  const plot = first.type === 'granted' ? first.plot : undefined;
  if (plot === undefined) throw new Error('not granted');
  ledger.correct({ plot, type: 'data', name: 'a'.repeat(64), sizeBytes: 500n * MB, moment });
  expect(ledger.plot({ plot, moment })?.promisedBytes).toBe(500n * MB);
  expect(ask(1n * MB, { plot }).type).toBe('granted');
  expect(ledger.plot({ plot, moment })).toMatchObject({
    sizeBytes: 2n * MB,
    promisedBytes: 500n * MB,
    writtenBytes: 500n * MB,
  });
  const total = ledger.totals({ disk: ROOMY }).promisedBytes;
  const log = ledger.decisions({ limit: 50 });
  expect(log.reduce((sum, { promisedDeltaBytes }) => sum + promisedDeltaBytes, 0n)).toBe(total);
  sql.close();
});
