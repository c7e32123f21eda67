import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  flawOf,
  readTicket,
  type Ticket,
  writeTicket,
} from '../../../electron/core/accounts/ticket.ts';
import { requestHashOf } from '../../../electron/core/accounts/ticket.ts';
import {
  createDeviceKey,
  type DeviceKey,
  deviceSigner,
} from '../../../electron/core/identity/device-key.ts';
import type { DeviceId } from '../../../shared/ids.ts';
import { GB } from '../../../shared/units.ts';
import { testRequest } from '../../fakes/test-ledger.ts';
import { ACCOUNT, DORA, EVE, NOW_MS, testPromise } from './world.ts';

const HOST = 'b'.repeat(51).concat('a') as DeviceId;
const request = testRequest(GB);
let keeper: DeviceKey;
let other: DeviceKey;
beforeAll(async () => {
  [keeper, other] = await Promise.all([createDeviceKey(), createDeviceKey()]);
});

function ticketOf(more: Partial<Ticket> = {}): Ticket {
  return {
    keeper: keeper.device,
    jti: testPromise('jti'),
    account: ACCOUNT,
    member: DORA,
    device: HOST,
    bytes: 2n * GB,
    durationS: 86_400,
    requestHash: requestHashOf(request),
    untilMs: NOW_MS + 300_000,
    ...more,
  };
}
function keyOf({ keyPem, certificatePem }: DeviceKey) {
  const spki = new X509Certificate(certificatePem).publicKey.export({
    format: 'der',
    type: 'spki',
  });
  return { spki, sign: deviceSigner(keyPem) };
}
const at = (more = {}) => ({
  device: HOST,
  member: DORA,
  account: ACCOUNT,
  request,
  nowMs: NOW_MS,
  ...more,
});

describe('a ticket on paper', () => {
  it('is read as it was written', () => {
    expect(readTicket(writeTicket(ticketOf(), keyOf(keeper)), keeper.device)).toEqual(ticketOf());
  });

  it('counts for nothing when another signed it, also with his own key beside it', () => {
    expect(readTicket(writeTicket(ticketOf(), keyOf(other)), keeper.device)).toBeUndefined();
  });

  it('counts for nothing when another’s signature stands beside the keeper’s key', () => {
    const { spki } = keyOf(keeper);
    const forged = writeTicket(ticketOf(), { spki, sign: keyOf(other).sign });
    expect(readTicket(forged, keeper.device)).toBeUndefined();
  });

  it('counts for nothing when its signer has written another keeper into it', () => {
    const ticket = { ...ticketOf(), keeper: other.device };
    expect(readTicket(writeTicket(ticket, keyOf(keeper)), keeper.device)).toBeUndefined();
  });

  it('counts for nothing when a letter of it was changed', () => {
    const text = writeTicket(ticketOf(), keyOf(keeper));
    const [signed = ''] = text.split('.');
    const more = Buffer.from(signed, 'base64url')
      .toString()
      .replace(`${2n * GB}`, `${9n * GB}`);
    const changed = text.replace(signed, Buffer.from(more).toString('base64url'));
    expect(changed).not.toBe(text);
    expect(readTicket(changed, keeper.device)).toBeUndefined();
  });

  it('counts for nothing when the keeper has signed it as something else', () => {
    const { spki, sign } = keyOf(keeper);
    const bytes = Buffer.from(`allotment-receipt-v1\n${JSON.stringify({ jti: 'x' })}`);
    const parts = [bytes, sign(bytes), spki];
    const text = parts.map((part) => Buffer.from(part).toString('base64url')).join('.');
    expect(readTicket(text, keeper.device)).toBeUndefined();
  });

  it.each(['', '.', '..', 'a.b.c', 'a.b.c.d', '🙂.🙂.🙂', 'x'.repeat(8000)])(
    'is not “%s”',
    (text) => {
      expect(readTicket(text, keeper.device)).toBeUndefined();
    },
  );
});

describe('a genuine ticket', () => {
  it.each([
    ['for this request', undefined, {}, {}],
    ['at another device', 'ticket-bad', {}, { device: 'c'.repeat(52) }],
    ['in another member’s hands', 'ticket-bad', {}, { member: EVE }],
    ['on another account', 'ticket-bad', {}, { account: 'firm' }],
    ['until now', undefined, { untilMs: NOW_MS }, {}],
    ['just over, where clocks differ', undefined, { untilMs: NOW_MS - 120_000 }, {}],
    ['over', 'ticket-expired', { untilMs: NOW_MS - 120_001 }, {}],
    ['for longer than anybody signs', 'ticket-bad', { untilMs: NOW_MS + 420_001 }, {}],
  ] as const)('%s: %s', (_case, flaw, more, where) => {
    expect(flawOf(ticketOf(more), at(where) as Parameters<typeof flawOf>[1])).toBe(flaw);
  });

  it.each([
    ['another id', testRequest(GB)],
    ['another size', { ...request, size: 2n * GB }],
    ['a smaller size that would do', { ...request, minSize: 1n }],
    ['a longer time', { ...request, duration: { want: 86_401 } }],
    ['another plot', { ...request, plot: 'a'.repeat(26) as typeof request.plot }],
    ['another class', { ...request, accept: 'borrowed' as const }],
  ])('is not for a request with %s', (_what, changed) => {
    expect(flawOf(ticketOf(), at({ request: changed }))).toBe('ticket-bad');
  });

  it('is for the same request whatever else speaks for it', () => {
    const why = [{ kind: 'none' as const }];
    expect(flawOf(ticketOf(), at({ request: { ...request, why, purpose: 'photos' } }))).toBe(
      undefined,
    );
  });
});
