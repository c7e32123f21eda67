import { describe, expect, it } from 'vitest';
import type { Miss } from '../../../electron/core/accounts/keeper-calls.ts';
import { createAccountWitness } from '../../../electron/core/accounts/witness.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import type { AllocateRequest, AnyReason } from '../../../shared/model/allocate.ts';
import { promisedBytes } from '../../../shared/model/plot.ts';
import { failed, ok } from '../../../shared/result.ts';
import { GB } from '../../../shared/units.ts';
import type { ReservationRequest } from '../../../shared/wire/accounts.ts';
import type { Friend } from '../../../electron/core/friends/friend-book.ts';
import { testOwnerId, testPlotId, testRequest } from '../../fakes/test-ledger.ts';
import { ANA, deviceOfOwner, DORA, NOW_MS, openHost, testPromise } from './world.ts';

const BEN = testOwnerId(2);
const FAY = testOwnerId(7);
const ground = { kind: 'account' as const, keepers: [ANA, FAY] };

function reasonOf(keeper: OwnerId | DeviceId, account = 'family', more = {}): AnyReason {
  const server = { device: keeper as string as DeviceId, addresses: ['192.0.2.1:9'] };
  return { kind: 'account', server, account, ...more };
}

/** Ben's witness with his real book, and keepers who say what a test has them say. */
function world(said: (device: DeviceId, account: string) => Miss | 'yes' = () => 'yes') {
  const host = openHost(BEN);
  const asked: (Omit<ReservationRequest, 'v'> & { readonly device: DeviceId })[] = [];
  const { hosted } = host.books();
  let ids = 0;
  const witness = createAccountWitness({
    me: { owner: BEN, device: host.device },
    friends: {
      byDevice: (device) =>
        [ANA, FAY, DORA].includes(device as string as OwnerId)
          ? ({ owner: device as string as OwnerId } as Friend)
          : undefined,
    },
    hosted: {
      begin: async (call) => hosted.begin(call),
      refused: async (id) => hosted.refused(id),
      isSpent: async (call) => hosted.isSpent(call),
      placeOf: async (plot) => hosted.placeOf(plot),
    },
    calls: {
      reserve: async (device, ask) => {
        asked.push({ ...ask, device });
        const miss = said(device, ask.account);
        const answer = { reserved: ask.quote !== true, plan: 10n * GB, charged: 0n };
        return miss === 'yes' ? ok(answer) : failed(miss);
      },
    },
    newId: () => {
      ids += 1;
      return testPromise(`id ${ids}`);
    },
    clock: { nowMs: () => NOW_MS, monotonicMs: () => 0 },
  });
  const gather = async (request: AllocateRequest, isQuote = false) =>
    (await witness.gather({ owner: DORA, request, why: request.why, ground, isQuote })) as
      | { evidence: { type: string; code?: string }; begun: readonly string[] }
      | undefined;
  const intents = () => host.sql.prepare('SELECT id FROM account_intents').all().length;
  return { host, asked, gather, intents };
}

describe('whoever asks keepers for a host', () => {
  it('has written down what it asks for before it asks', async () => {
    let before = 0;
    const { gather, intents, asked } = world(() => {
      before = intents();
      return 'yes';
    });
    const { evidence } = (await gather(testRequest(GB, { why: [reasonOf(ANA)] }))) ?? {};
    expect(before).toBe(1);
    expect(evidence).toMatchObject({ type: 'reserved', keeper: ANA, bytes: promisedBytes(GB) });
    expect(asked).toMatchObject([{ device: deviceOfOwner(ANA), member: DORA }]);
  });

  it('calls nobody for a device that is no keeper’s on the list', async () => {
    const { gather, asked } = world();
    for (const device of [DORA, 'z'.repeat(52) as DeviceId])
      expect(await gather(testRequest(GB, { why: [reasonOf(device)] }))).toMatchObject({
        evidence: { type: 'refused', code: 'keeper-unknown' },
        begun: [],
      });
    expect(asked).toEqual([]);
  });

  it('sets nothing aside, here or there, for a quote', async () => {
    const { gather, intents, asked } = world();
    const said = await gather(testRequest(GB, { why: [reasonOf(ANA)] }), true);
    expect(said).toMatchObject({ evidence: { type: 'room', isQuote: true } });
    expect([intents(), asked[0]?.quote]).toEqual([0, true]);
  });

  it('asks on where one account is not enough, and what was set aside in vain goes back', async () => {
    const { gather, intents } = world((device) =>
      device === deviceOfOwner(ANA) ? { code: 'account-server-unreachable' } : 'yes',
    );
    const why = [reasonOf(ANA), reasonOf(FAY, 'firm')];
    const said = await gather(testRequest(GB, { why }));
    expect(said?.evidence).toMatchObject({
      type: 'reserved',
      keeper: FAY,
      others: [testPromise('id 1')],
    });
    // Whatever was not heard may have been done.
    expect(intents()).toBe(2);
  });

  it('forgets what was clearly refused, and tells the nearest of several refusals', async () => {
    const { gather, intents } = world((_device, account) =>
      account === 'small'
        ? { code: 'account-over-plan', planBytes: GB, chargedBytes: 0n }
        : { code: 'account-unknown' },
    );
    const why = [reasonOf(ANA, 'none'), reasonOf(ANA, 'small'), reasonOf(FAY, 'none')];
    expect((await gather(testRequest(2n * GB, { why })))?.evidence).toMatchObject({
      type: 'room',
      planBytes: GB,
    });
    expect(intents()).toBe(0);
  });

  it('asks for what growth adds, on the account on which the plot stands and on no other', async () => {
    const { gather, host, asked } = world();
    const plot = testPlotId(9);
    host.sql
      .prepare(
        `INSERT INTO plots (id, owner, ground, class, state, size, promised, from_ms, until_service, grace_s)
         VALUES (?, ?, 'account', 'guaranteed', 'active', ?, ?, 0, 10, 10)`,
      )
      .run(plot, DORA, 4n * GB, promisedBytes(4n * GB));
    host.sql
      .prepare(
        'INSERT INTO account_plots (plot, keeper, device, account, member, good_service) VALUES (?, ?, ?, ?, ?, 0)',
      )
      .run(plot, ANA, deviceOfOwner(ANA), 'family', DORA);
    const elsewhere = [reasonOf(FAY), reasonOf(ANA, 'firm')];
    expect(await gather(testRequest(GB, { plot, why: elsewhere }))).toMatchObject({
      evidence: { code: 'account-unknown' },
    });
    expect(asked).toEqual([]);
    await gather(testRequest(GB, { plot, why: [...elsewhere, reasonOf(ANA)] }));
    expect(asked).toMatchObject([
      { account: 'family', bytes: promisedBytes(5n * GB) - promisedBytes(4n * GB) },
    ]);
  });

  it('does not wait twice for a keeper who does not answer', async () => {
    const { asked, gather, intents } = world((device) =>
      device === deviceOfOwner(ANA) ? { code: 'account-server-unreachable' } : 'yes',
    );
    const why = [reasonOf(ANA), reasonOf(ANA, 'firm'), reasonOf(FAY)];
    expect(await gather(testRequest(GB, { why }))).toMatchObject({
      evidence: { type: 'reserved', keeper: FAY },
    });
    expect(asked.map(({ device }) => device)).toEqual([ANA, FAY].map(deviceOfOwner));
    expect(intents()).toBe(2);
  });

  it('asks nobody about a request that has its answer', async () => {
    const { gather, host, asked } = world();
    const request = testRequest(GB, { why: [reasonOf(ANA)] });
    host.sql
      .prepare(
        "INSERT INTO answers (owner, request_id, body_hash, status, answer, at_service) VALUES (?, ?, zeroblob(32), 200, '{}', 0)",
      )
      .run(DORA, request.requestId);
    expect(await gather(request)).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it.each([
    ['a name that forges a line', GB, 'family\nfirm'],
    ['a name longer than any', GB, 'x'.repeat(81)],
    ['a size beyond all numbers', 2n ** 63n - 1n, 'family'],
  ])('says no by itself to %s, and leaves nothing behind to be told', async (_what, size, name) => {
    const { gather, asked, intents } = world();
    const said = await gather(testRequest(size, { why: [reasonOf(ANA, name)] }));
    expect(said).toMatchObject({ evidence: { type: 'refused' }, begun: [] });
    expect([asked.length, intents()]).toEqual([0, 0]);
  });

  it('does not ask anybody about a ticket, sound or not', async () => {
    const { gather, asked } = world();
    const why = [reasonOf(ANA, 'family', { ticket: 'a.b.c' })];
    expect(await gather(testRequest(GB, { why }))).toMatchObject({
      evidence: { code: 'ticket-bad' },
    });
    expect(asked).toEqual([]);
  });
});
