import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PlotId } from '../../../shared/ids.ts';
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

describe('what the disk lost', () => {
  const name = 'b'.repeat(64);
  let book: ReturnType<typeof openTestLedger>;
  let plot: PlotId;
  const owner = testOwnerId(1);
  const missing = () => book.ledger.plot({ plot, moment })?.missingObjects;
  const found = (sizeBytes: bigint | undefined) =>
    book.ledger.correct({ plot, type: 'data', name, sizeBytes, moment });

  function upload(): void {
    const reserved = book.ledger.reserve({
      plot,
      owner,
      type: 'data',
      name,
      sizeBytes: MB,
      moment,
    });
    if (!reserved.ok) throw new Error(reserved.fault.code);
    book.ledger.post({ reservation: reserved.value.reservation, moment });
  }

  beforeEach(() => {
    book = openTestLedger();
    addFriend(book.sql, owner, 'Ana');
    const { ledger } = book;
    ledger.setOffer({ folder: '/o', offerBytes: 9000n * MB, keepFreeBytes: 0n, volume: 'v' });
    ledger.setPolicy({ owner: undefined, policy: { guards: {}, grounds: [{ kind: 'always' }] } });
    const request = testRequest(50n * MB);
    const { answer } = ledger.allocate({
      owner,
      request,
      bodyHash: hashOf(request),
      moment,
      disk: ROOMY,
    });
    if (answer.type !== 'granted') throw new Error('not granted');
    plot = answer.plot;
    upload();
  });
  afterEach(() => book.sql.close());

  test('is counted once, however often it is looked for', () => {
    expect(missing()).toBe(0);
    found(undefined);
    found(undefined);
    expect(missing()).toBe(1);
  });

  test('is no longer missing when its guest has sent it again', () => {
    found(undefined);
    upload();
    expect(missing()).toBe(0);
  });

  test('is no longer missing when the very file is back, but another size under its name is not it', () => {
    found(undefined);
    found(3n);
    expect(missing()).toBe(1);
    found(MB);
    expect(missing()).toBe(0);
  });

  test('is nobody’s loss any more when its guest deletes it', () => {
    found(undefined);
    expect(book.ledger.remove({ plot, owner, type: 'data', name, moment }).ok).toBe(false);
    expect(missing()).toBe(0);
  });

  test('goes with its plot', () => {
    found(undefined);
    book.ledger.release({ owner, plot, moment });
    book.ledger.erased({ plot, moment });
    expect(book.sql.prepare('SELECT count(*) FROM missing').pluck().get()).toBe(0n);
  });
});
