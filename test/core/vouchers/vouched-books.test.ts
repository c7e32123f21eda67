import { beforeAll, describe, expect, test } from 'vitest';
import { largestSizeBytes, promisedBytes } from '../../../shared/model/plot.ts';
import { GB } from '../../../shared/units.ts';
import { makePerson, type Person } from '../../fakes/people.ts';
import { expectSoundBooks, plotOf, voucherWorld } from './voucher-world.ts';

let host: Person;
let ana: Person;
let ben: Person;
let cleo: Person;

beforeAll(async () => {
  [host, ana, ben, cleo] = await Promise.all([
    makePerson(),
    makePerson(),
    makePerson(),
    makePerson(),
  ]);
});

/** Ana and Ben share 100 GB, so each may have 50. */
const world = () => voucherWorld(host, [ana, ben]);

describe('what was vouched for, on the books', () => {
  test('follows every turn of a plot’s life, and the log rebuilds it', () => {
    const w = world();
    const plot = plotOf(w.come(cleo, w.chain([ana, cleo]), 5n * GB));
    expectSoundBooks(w);
    w.ask(cleo, GB, { plot });
    expectSoundBooks(w);
    const { requestId } = { requestId: 'AAAAAAAAAAAAAAAAAAAAAA' as never };
    const request = { v: 1 as const, requestId, size: 2n * GB };
    const call = { owner: cleo.owner, plot, request, bodyHash: new Uint8Array(32) };
    const disk = { volumePresent: true, freeBytes: 1000n * GB };
    w.ledger.resize({ ...call, moment: w.moment(), disk });
    expect(w.share(ana).vouchedBytes).toBe(promisedBytes(2n * GB));
    expectSoundBooks(w);
    w.ledger.release({ owner: cleo.owner, plot, moment: w.moment() });
    // Charged until its bytes are off the disk.
    expect(w.share(ana).vouchedBytes).toBe(promisedBytes(2n * GB));
    w.ledger.erased({ plot, moment: w.moment() });
    expect(w.share(ana).vouchedBytes).toBeUndefined();
  });

  test('stays with whoever vouched: the schema itself refuses to move it', () => {
    const w = world();
    const plot = plotOf(w.come(cleo, w.chain([ana, cleo]), GB));
    expect(() =>
      w.sql.prepare('UPDATE plots SET introducer = ? WHERE id = ?').run(ben.owner, plot),
    ).toThrow('a plot stays charged to whoever vouched for it');
  });

  test('is beside what fair sharing divides, where the introducer has a quota', () => {
    const w = world();
    const policy = { guards: {}, grounds: [{ kind: 'quota' as const, bytes: 10n * GB }] };
    w.ledger.setPolicy({ owner: ana.owner, policy });
    w.come(cleo, w.chain([ana, cleo]), 4n * GB);
    expect(w.totals().fairBytes).toBe(100n * GB - promisedBytes(4n * GB));
    expect(w.share(ana)).toMatchObject({
      shareBytes: 10n * GB,
      useBytes: promisedBytes(4n * GB),
      mayAskBytes: largestSizeBytes(10n * GB - promisedBytes(4n * GB)),
    });
  });
});
